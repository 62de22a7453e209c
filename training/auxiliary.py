"""Auxiliary training data: openly licensed labelled sets, read with masks for what each does not decide.

The sets are not part of the project (a run works without them): a directory of JSONL files with `tokens`, `ner_tags`
(BIO, the set's own labels, or null) and `events`, one sentence or document a line. `SETS` says for each how its labels
map onto ours, which of our labels it decides, and which of its labels it leaves open. A label of ours that a set does
not decide, and every token that it leaves open, stays out of the loss.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import regex
from tokenizers import Tokenizer

from data.documents import AnnotatedDocument, Mention
from treaty_events import vocabulary
from treaty_events.errors import InputError

from .examples import Example, make_examples
from .model import IGNORED


@dataclasses.dataclass(frozen=True)
class AuxiliarySet:
    """How one set is read.

    Attributes:
        licence: of the annotations.
        cite: short citation.
        labels: regular expression of its labels -> our label, for whole labels.
        open: regular expression of its labels that decide nothing: their tokens are masked for `decides` labels.
        decides: our labels for which its unlabelled tokens mean `O`.
        triggers: whether its frames decide the trigger head.
        spaceless: languages whose tokens are joined without spaces.
    """

    licence: str
    cite: str
    labels: dict[str, str]
    open: str = r"$^"
    decides: tuple[str, ...] = ()
    triggers: bool = False
    spaceless: tuple[str, ...] = ("zh", "ja")


# FrameNet frames that are steps of a treaty, and those too close to be called none.
FRAME_TYPES: Final = {"Sign_agreement": "signature", "Ratification": "ratification"}
_OPEN_FRAMES = regex.compile(
    "Agree_or_refuse_to_act|Make_agreement_on_action|Be_in_agreement_on_action|Becoming_a_member|Commitment|Renunciation"
    "|Being_in_effect|Discussion|Collaboration|Legality|Enforcing"
)
_ENTITIES = ("PERSON", "ORG", "GPE")

SETS: Final[dict[str, AuxiliarySet]] = {
    "kaznerd": AuxiliarySet(
        "CC BY 4.0",
        "Yeshpanov, Khassanov, Varol 2022, KazNERD",
        {"GPE": "GPE", "ORGANISATION": "ORG", "PERSON": "PERSON", "POSITION": "ROLE", "DATE": "DATE"},
        open="NORP|LOCATION|FACILITY|LAW|PROJECT|EVENT",
        decides=("PERSON", "ORG", "GPE", "ROLE", "DATE"),
    ),
    "factrueval2016": AuxiliarySet(
        "MIT",
        "Starostin et al. 2016, FactRuEval 2016",
        {"Person": "PERSON", "Org": "ORG", "LocOrg": "GPE", "Position": "ROLE"},
        open="Location|Project|Facility",
        decides=("PERSON", "ORG", "GPE", "ROLE"),
    ),
    "ronec_ro": AuxiliarySet(
        "MIT",
        "Dumitrescu, Avram 2020, RONEC",
        {"GPE": "GPE", "ORG": "ORG", "PERSON": "PERSON", "DATETIME": "DATE"},
        open="NAT_REL_POL|LOC|FACILITY|PERIOD|WORK_OF_ART|EVENT",
        decides=("PERSON", "ORG", "GPE", "DATE"),
    ),
    "crossner_politics": AuxiliarySet(
        "MIT",
        "Liu et al. 2021, CrossNER",
        {"country": "GPE", "politician|person": "PERSON", "organisation|politicalparty": "ORG"},
        open="location|misc|event|election",
        decides=_ENTITIES,
    ),
    "redocred": AuxiliarySet(
        "MIT",
        "Tan et al. 2022, Re-DocRED",
        {"PER": "PERSON", "ORG": "ORG", "TIME": "DATE"},
        open="LOC|MISC|NUM",
        decides=("PERSON", "ORG", "DATE"),
    ),
    "smartdata_de": AuxiliarySet(
        "CC BY 4.0",
        "Schiersch et al. 2018, DFKI SmartData corpus",
        {
            "location-city": "GPE",
            "organization|organization-company": "ORG",
            "person": "PERSON",
            "date": "DATE",
            "duration": "DURATION",
        },
        open="location|location-.*|disaster-type",
        decides=("PERSON", "ORG", "GPE", "DATE", "DURATION"),
    ),
    "multiconer1": AuxiliarySet(
        "CC BY 4.0",
        "Malmasi et al. 2022, MultiCoNER",
        {"PER": "PERSON", "GRP|CORP": "ORG"},
        open="LOC|PROD|CW",
        decides=("PERSON", "ORG"),
    ),
    "greek_gsoc2018": AuxiliarySet(
        "MIT",
        "eellak, GSoC 2018 Greek spaCy",
        {"GPE": "GPE", "ORG": "ORG", "PERSON": "PERSON"},
        open="LOC|EVENT|PRODUCT",
        decides=_ENTITIES,
    ),
    "wojood_sample": AuxiliarySet(
        "MIT",
        "Jarrar, Khalilia, Ghanem 2022, Wojood (sample)",
        {"GPE": "GPE", "ORG": "ORG", "PERS": "PERSON", "OCC": "ROLE", "DATE": "DATE"},
        open="NORP|LOC|FAC|LAW|EVENT|TIME",
        decides=("PERSON", "ORG", "GPE", "ROLE", "DATE"),
    ),
    "kpwr_n82_test": AuxiliarySet(
        "CC BY 3.0",
        "Marcińczuk et al. 2016, KPWr n82",
        {
            "nam_loc_gpe_.*": "GPE",
            "nam_org_institution|nam_org_organization.*|nam_org_company|nam_org_political_party|nam_org_group.*": "ORG",
            "nam_liv_person": "PERSON",
        },
        open="nam_.*",
        decides=_ENTITIES,
    ),
    "multiner_gov_en": AuxiliarySet(
        "CC0 1.0",
        "Ranathunga et al. 2024, multiNER (government documents)",
        {"PER": "PERSON", "ORG": "ORG"},
        open="LOC|MISC",
        decides=("PERSON", "ORG"),
    ),
    "framenet15_fulltext": AuxiliarySet(
        "CC BY 3.0",
        "Baker, Fillmore, Lowe 1998, FrameNet 1.5 full text",
        {"IntAgr": "TREATY", "organization": "ORG", "person": "PERSON", "date": "DATE"},
        open="location|GPE|time",
        decides=("PERSON", "ORG"),
        triggers=True,
    ),
    "geneva": AuxiliarySet("CC BY 3.0", "Parekh et al. 2023, GENEVA", {}, triggers=True),
    "framenet15_lu_treaty": AuxiliarySet("CC BY 3.0", "Baker, Fillmore, Lowe 1998, FrameNet 1.5", {}, triggers=True),
}

_NO_SPACE_BEFORE = regex.compile(r"[,.;:!?%)\]}»”’…、。，：；！？]|'s|n't|'")
_NO_SPACE_AFTER = regex.compile(r"[(\[{«“„‘]")
_YEAR = regex.compile(r"\b[12]\d{3}\b")


def join_tokens(tokens: Sequence[str], spaces: bool) -> tuple[str, list[tuple[int, int]]]:
    """Put a sentence's tokens together as it would be written.

    Returns:
        The text, and each token's [start, end).
    """
    text, bounds = "", []
    for i, token in enumerate(tokens):
        glue = not i or not spaces or _NO_SPACE_BEFORE.fullmatch(token) or _NO_SPACE_AFTER.fullmatch(tokens[i - 1])
        text += "" if glue else " "
        bounds.append((len(text), len(text) + len(token)))
        text += token
    return text, bounds


def _bio_spans(tags: Sequence[str]) -> list[tuple[int, int, str]]:
    spans: list[tuple[int, int, str]] = []
    for i, tag in enumerate(tags):
        if tag.startswith("I-") and spans and spans[-1][1:] == (i, tag[2:]):
            spans[-1] = (spans[-1][0], i + 1, tag[2:])
        elif tag != "O":
            spans.append((i, i + 1, tag[2:]))
    return spans


def read_record(
    record: dict[str, Any], how: AuxiliarySet, name: str
) -> tuple[AnnotatedDocument, list[str], list[tuple[str, int, int]]]:
    """Turn one line of a set into a document.

    Returns:
        The document, our labels that it decides, and stretches [start, end) to mask, each with our label.
    """
    text, bounds = join_tokens(record["tokens"], record["lang"] not in how.spaceless)
    known: list[str] = []
    masked: list[tuple[str, int, int]] = []
    mentions: list[Mention] = []

    def add(label: str, first: int, stop: int, **attributes: str) -> None:
        mentions.append(Mention(f"M{len(mentions)}", label, bounds[first][0], bounds[stop - 1][1], attributes))

    if record.get("ner_tags") is not None:
        known += how.decides
        for first, stop, label in _bio_spans(record["ner_tags"]):
            ours = next((v for k, v in how.labels.items() if regex.fullmatch(k, label)), None)
            place = (bounds[first][0], bounds[stop - 1][1])
            vague = ours == "DATE" and "DURATION" not in how.decides and not _YEAR.search(text[slice(*place)])
            if ours is not None and ours in how.decides and not vague:
                add(ours, first, stop)
            elif vague or regex.fullmatch(how.open, label):
                masked += [(kind, *place) for kind in (("DATE",) if vague else how.decides)]
    if how.triggers and "events" in record:
        known.append(vocabulary.TRIGGER)
        taken: set[int] = set()
        for event in record["events"]:
            first, stop = event["trigger"]
            if taken & set(range(first, stop)):
                continue
            if event["type"] in FRAME_TYPES:
                kind = "accession" if event.get("lu", "").startswith("accede") else FRAME_TYPES[event["type"]]
                add(vocabulary.TRIGGER, first, stop, type=kind, status="occurred")
                taken |= set(range(first, stop))
            elif _OPEN_FRAMES.fullmatch(event["type"]):
                masked.append((vocabulary.TRIGGER, bounds[first][0], bounds[stop - 1][1]))
    document = AnnotatedDocument(id=name, lang=record["lang"], text=text, mentions=mentions)
    return document, known, masked


def _masked_example(
    example: Example, document: AnnotatedDocument, tokenizer: Tokenizer, masked: list[tuple[str, int, int]]
) -> Example:
    from treaty_events.windows import tokenize

    text = tokenize(tokenizer, [document.text])[0]
    for label, start, end in masked:
        found = text.within(start, end)
        if found:
            example.tags[found[0] : found[1], vocabulary.SPAN_LABELS.index(label)] = IGNORED
    return example


def read_set(directory: str | Path, name: str, tokenizer: Tokenizer, window: int) -> list[Example]:
    """Read one set into training windows (a record longer than a window is cut, masks and all, at the window's end).

    Args:
        directory: where the JSONL files are.
        name: key of `SETS`.
        tokenizer: the model's.
        window: tokens of a window.

    Raises:
        InputError: the set is unknown or its file is missing.
    """
    if name not in SETS:
        raise InputError(f"unknown auxiliary set {name!r}: known are {', '.join(SETS)}")
    path = Path(directory) / f"{name}.jsonl"
    if not path.exists():
        raise InputError(f"no {path}: leave {name} out of auxiliary_sets, or put the file there")
    examples: list[Example] = []
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            document, known, masked = read_record(json.loads(line), SETS[name], f"{name}-{number}")
            made = make_examples([document], tokenizer, window=10**9, overlap=0, known=known)
            if made and known:
                example = _masked_example(made[0], document, tokenizer, masked)
                stop = min(window, len(example.ids))
                examples.append(
                    dataclasses.replace(
                        example, ids=example.ids[:stop], joined=example.joined[:stop], tags=example.tags[:stop]
                    )
                )
    return examples


def draw(sets: Sequence[Sequence[Example]], tokens: int, rng: np.random.Generator) -> list[Example]:
    """Draw about `tokens` tokens from several sets, each in proportion to the square root of its size."""
    sizes = np.array([sum(len(e.ids) for e in s) for s in sets], dtype=float)
    shares = np.sqrt(sizes) / np.sqrt(sizes).sum() * tokens
    chosen: list[Example] = []
    for examples, share in zip(sets, shares, strict=True):
        room = share
        for index in rng.permutation(len(examples)):
            if room <= 0:
                break
            chosen.append(examples[index])
            room -= len(examples[index].ids)
    return chosen
