"""A keyword baseline: `python -m evaluation.baselines.keywords FILE.jsonl --output predictions.jsonl`.

A sentence with a treaty noun and a trigger word is an event between the states that the sentence names. There is
nothing learned in it; it says how far a list of words goes. Languages without a list get no events.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import logging
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from data.documents import write_lines
from evaluation.gold import EventDocument, EventRecord, publication_date, read_articles, read_records
from treaty_events import countries, dates
from treaty_events.errors import InputError, TreatyEventsError


@dataclasses.dataclass(frozen=True)
class Words:
    """Word beginnings of one language, as regular expressions.

    Attributes:
        treaty: nouns for instruments, by kind.
        triggers: words that say a step, by event type.
        planned: words that say that something is yet to come.
        defence: words of military matters.
    """

    treaty: Mapping[str, str]
    triggers: Mapping[str, str]
    planned: str
    defence: str


LANGUAGES: Final[dict[str, Words]] = {
    "en": Words(
        {
            "agreement": "agreements?|accords?|pacts?|deals?",
            "treaty": "treat(?:y|ies)",
            "memorandum": "memorand(?:um|a|ums)|MoUs?",
            "protocol": "protocols?",
            "convention": "conventions?",
        },
        {
            "signature": "signed|signing|sign|signs|inked|concluded",
            "ratification": r"ratif(?:ied|ies|y|ying|ication)",
            "approval": "approved|approves|authori[sz]ed|submitted",
            "accession": "acced(?:ed|es|e|ing)|accession",
            "entry_into_force": r"(?:enter(?:ed|s)?|entry|came|comes?) into force|took effect",
            "extension": "extended|extends|prolonged|renewed",
            "amendment": "amended|amends|amendments?",
            "suspension": "suspended|suspends|suspension",
            "termination": r"terminat(?:ed|es|ion)|denounc(?:ed|es)|withdr(?:ew|aws?|awal)",
            "negotiation": "negotiat(?:ing|ed|es|ions?)|talks",
        },
        r"will|would|plans?|planned|expected|draft|to be|must|should",
        r"milit\w+|defen[cs]e|armed|arms",
    ),
    "fr": Words(
        {
            "agreement": "accords?|pactes?",
            "treaty": "traités?",
            "memorandum": "mémorandums?|protocoles? d.entente",
            "protocol": "protocoles?",
            "convention": "conventions?",
        },
        {
            "signature": r"signé\w*|signature|signent|signe|conclu\w*|paraphé\w*",
            "ratification": r"ratifi\w+",
            "approval": r"approuv\w+|autoris\w+",
            "accession": r"adhér\w+|adhésion",
            "entry_into_force": r"entr\w+ en vigueur",
            "extension": r"prorog\w+|prolong\w+|renouvel\w+|reconduit\w*",
            "amendment": r"modifi\w+|amend\w+",
            "suspension": r"suspen\w+",
            "termination": r"dénonc\w+|résili\w+|retrait",
            "negotiation": r"négoci\w+|pourparlers",
        },
        r"sera|seront|devrait|devraient|doit|prévoit de|projet|prévue?",
        r"milit\w+|défense|armée?s?|armements?",
    ),
    "it": Words(
        {
            "agreement": "accord[oi]|intes[ae]|patt[oi]",
            "treaty": "trattat[oi]",
            "memorandum": "memorandum",
            "protocol": "protocoll[oi]",
            "convention": "convenzion[ei]",
        },
        {
            "signature": r"firmat\w+|firma|firmano|sottoscri\w+|sigla\w*|conclus\w+",
            "ratification": r"ratific\w+",
            "approval": r"approv\w+|autorizza\w+",
            "accession": r"aderi\w+|adesione",
            "entry_into_force": r"entr\w+ in vigore",
            "extension": r"prorog\w+|rinnov\w+|prolung\w+",
            "amendment": r"modific\w+|emendament\w+",
            "suspension": r"sospe\w+",
            "termination": r"denuncia\w*|recesso|ritir\w+",
            "negotiation": r"negozia\w+|trattativ\w+",
        },
        r"sarà|saranno|dovrà|dovrebbe|prevede di|bozza|firmerà",
        r"milit\w+|difesa|armat\w+|armi",
    ),
    "el": Words(
        {
            "agreement": r"συμφων\w+|σύμφων\w+",
            "treaty": r"συνθήκ\w+",
            "memorandum": r"μνημόνι\w+|μνημονί\w+",
            "protocol": r"πρωτόκολλ\w+|πρωτοκόλλ\w+",
            "convention": r"σύμβασ\w+|συμβάσ\w+",
        },
        {
            "signature": r"υπ[εέο]γρ\w+|υπογραφ\w+|υπογράφ\w+|συνήψ\w+",
            "ratification": r"κύρω\w+|κυρώ\w+|επικύρω\w+|επικυρώ\w+",
            "approval": r"ενέκρι\w+|εγκρί\w+|έγκρι\w+",
            "accession": r"προσχώρ\w+|προσχωρ\w+",
            "entry_into_force": r"(?:τέθηκ\w+|τίθεται|τεθεί) σε ισχύ|έναρξη ισχύος",
            "extension": r"παράτα\w+|παρατάθ\w+|ανανεώ\w+|ανανέω\w+",
            "amendment": r"τροποποί\w+|τροποποι\w+",
            "suspension": r"ανέστειλ\w+|αναστολ\w+",
            "termination": r"κατήγγειλ\w+|καταγγελ\w+|αποχώρ\w+",
            "negotiation": r"διαπραγμ\w+|συνομιλ\w+",
        },
        r"θα|αναμένεται|πρόκειται|σχέδιο|να",
        r"στρατ\w+|άμυν\w+|αμυν\w+",
    ),
    "ru": Words(
        {
            "agreement": r"соглашени\w+|пакт\w*",
            "treaty": r"договор\w*",
            "memorandum": r"меморандум\w*",
            "protocol": r"протокол\w*",
            "convention": r"конвенци\w+",
        },
        {
            "signature": r"подписа\w+|подпиш\w+|заключ[её]н\w*|заключили",
            "ratification": r"ратифи\w+",
            "approval": r"одобр\w+|утверд\w+|внес[её]н\w*",
            "accession": r"присоедин\w+",
            "entry_into_force": r"вступ\w+ в силу",
            "extension": r"продл\w+|пролонг\w+",
            "amendment": r"измен[её]н\w+|поправ\w+",
            "suspension": r"приостан\w+",
            "termination": r"денонс\w+|расторг\w+|вышл\w+ из|выход\w* из|прекра\w+",
            "negotiation": r"переговор\w*",
        },
        r"будет|будут|планир\w+|намерен\w*|проект\w*|должн\w+|ожида\w+",
        r"воен\w+|оборон\w+|вооруж\w+",
    ),
    "kk": Words(
        {
            "agreement": r"келісім\w*",
            "treaty": r"шарт\w*|шарты\w*",
            "memorandum": r"меморандум\w*",
            "protocol": r"хаттама\w*",
            "convention": r"конвенция\w*",
        },
        {
            "signature": r"қол қой\w+|жасас\w+",
            "ratification": r"ратифика\w+",
            "approval": r"мақұлда\w+|бекіт\w+",
            "accession": r"қосыл\w+",
            "entry_into_force": r"күшіне ен\w+",
            "extension": r"ұзарт\w+",
            "amendment": r"өзгеріс\w*|түзету\w*",
            "suspension": r"тоқтата тұр\w+",
            "termination": r"денонса\w+|бұз\w+",
            "negotiation": r"келіссөз\w*",
        },
        r"жоспар\w+|тиіс|жоба\w*",
        r"әскери|қорғаныс\w*",
    ),
    "tr": Words(
        {
            "agreement": r"anlaşma\w*|antlaşma\w*",
            "memorandum": r"mutabakat\w*|muhtıra\w*",
            "protocol": r"protokol\w*",
            "convention": r"sözleşme\w*",
        },
        {
            "signature": r"imzala\w+|imza\w*",
            "ratification": r"onayla\w+|onay\w*",
            "approval": r"kabul ed\w+|sunul\w+",
            "accession": r"katıl\w+",
            "entry_into_force": r"yürürlüğe gir\w+",
            "extension": r"uzat\w+|yenile\w+",
            "amendment": r"değişik\w+",
            "suspension": r"askıya al\w+",
            "termination": r"fesh\w+|çekil\w+",
            "negotiation": r"müzakere\w*|görüşme\w*",
        },
        r"imzalanacak|planl\w+|bekleniyor|taslak\w*",
        r"askeri|savunma\w*",
    ),
}
_SENTENCE = re.compile(r"[^.!?\n…]+(?:[.!?…](?=\S)[^.!?\n…]*)*")
_WORD = re.compile(r"[^\W\d_]+(?:[-‐–][^\W\d_]+)*")
_DATE = re.compile(r"\b\d{1,2}(?:er|\.)?\s+[^\W\d_]{3,12}\s+\d{4}\b|\b[^\W\d_]{3,9}\s+\d{1,2},\s+\d{4}\b")
_LONGEST_NAME = 3
logger = logging.getLogger(__name__)


@cache
def _pattern(expression: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{expression})\b", re.IGNORECASE)


def named_states(sentence: str, language: str) -> list[str]:
    """Give the codes of the states that a sentence names, sorted."""
    words = list(_WORD.finditer(sentence))
    found: set[str] = set()
    i = 0
    while i < len(words):
        step = 1
        for length in range(min(_LONGEST_NAME, len(words) - i), 0, -1):
            codes = countries.resolve(sentence[words[i].start() : words[i + length - 1].end()], language)
            if codes:
                found.update(codes)
                step = length
                break
        i += step
    return sorted(found)


def _date(sentence: str, language: str, published: datetime.date | None) -> str | None:
    for match in _DATE.finditer(sentence):
        parsed = dates.parse(match.group(), language=language, published=published)
        if parsed is not None:
            return parsed.edtf
    return None


def _sentence_events(
    sentence: str, offset: int, words: Words, language: str, published: datetime.date | None
) -> Iterator[EventRecord]:
    nouns = [
        (match.start(), match.end(), kind)
        for kind, expression in words.treaty.items()
        for match in _pattern(expression).finditer(sentence)
    ]
    if not nouns:
        return
    parties = named_states(sentence, language)
    for kind, expression in words.triggers.items():
        trigger = _pattern(expression).search(sentence)
        if trigger is None:
            continue
        at = trigger.start()
        start, end, noun = min(nouns, key=lambda n: abs(n[0] - at))
        yield {
            "type": kind,
            "status": "planned" if _pattern(words.planned).search(sentence) else "occurred",
            "kind": noun,
            "domain": "defence" if _pattern(words.defence).search(sentence) else None,
            "parties": parties,
            "date": _date(sentence, language, published),
            "trigger": [offset + trigger.start(), offset + trigger.end()],
            "treaty": [offset + start, offset + end],
            "place": None,
            "agents": [],
        }


def predict(text: str, language: str, published: datetime.date | None = None) -> list[EventRecord]:
    """Find events by keywords.

    Args:
        text: any text.
        language: ISO 639-1 code.
        published: publication date, for dates.

    Returns:
        Event records; of events of one type between the same states the first only. None in a language without words.
    """
    words = LANGUAGES.get(language)
    if words is None:
        return []
    events: dict[tuple[str, tuple[str, ...]], EventRecord] = {}
    for sentence in _SENTENCE.finditer(text):
        for event in _sentence_events(sentence.group(), sentence.start(), words, language, published):
            events.setdefault((event["type"], tuple(event["parties"])), event)
    return list(events.values())


def read_texts(path: Path) -> list[EventDocument]:
    """Read texts with id and language: any JSONL of documents, or a folder of articles; gold is not looked at.

    Raises:
        InputError: the file cannot be read, or a line has no id, language or text.
    """
    if path.is_dir():
        return read_articles(path)[0]
    documents = []
    for number, record in read_records(path):
        try:
            name, language, text = record["id"], record["lang"], record["text"]
        except KeyError as error:
            raise InputError(f"{path}:{number}: no {error.args[0]}") from error
        documents.append(EventDocument(name, language, text, (), publication_date(record.get("published"))))
    return documents


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; gives the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m evaluation.baselines.keywords", description=__doc__.splitlines()[0]
    )
    parser.add_argument("texts", nargs="+", type=Path, help="JSONL with id, lang, text; or a folder of articles")
    parser.add_argument("--output", type=Path, required=True, help="predictions, JSONL with id and events")
    options = parser.parse_args(arguments)
    logging.basicConfig(format="%(levelname)s: %(message)s", level=logging.INFO)
    try:
        documents = [document for path in options.texts for document in read_texts(path)]
        records = [{"id": d.id, "events": predict(d.text, d.lang, d.published)} for d in documents]
        write_lines(options.output, records)
    except (TreatyEventsError, OSError) as error:
        logger.error("%s", error)
        return 2
    logger.info("wrote events of %d texts to %s", len(documents), options.output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
