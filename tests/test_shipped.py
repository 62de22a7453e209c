"""The released weights themselves: what a user gets from `pip install`."""

from __future__ import annotations

import datetime
import json
import re
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from data.documents import read_documents
from training.backend import reader_of
from training.pieces import differing
from training.release import load_trained
from treaty_events import Extractor, cli, predict, release
from treaty_events.extraction import Extraction

ROOT = Path(__file__).parent.parent
ARTICLE = ROOT / "examples" / "manila-tokyo.txt"


def test_shipped_release_is_whole_and_fits_a_wheel() -> None:
    directory = release.default_directory()
    release.check(directory)
    assert sum((directory / name).stat().st_size for name in (*release.FILES, *release.OPTIONAL)) < 95e6


def test_shipped_pieces_are_those_of_the_tokenizer() -> None:
    directory = release.default_directory()
    texts = [d.text for d in read_documents(ROOT / "data" / "corpus" / "dev.jsonl")][::4]
    model = (directory / release.PIECES).read_bytes()
    assert differing(model, Tokenizer.from_file(str(directory / release.TOKENIZER)), texts) == []


def test_example_article_gives_its_signature() -> None:
    text = ARTICLE.read_text(encoding="utf-8")
    events = predict(text, published=datetime.date(2024, 12, 16))
    signed = [e for e in events if e.type == "signature" and e.date is not None and e.date.value == "2024-07-08"]
    assert signed, [(e.type, e.trigger.text) for e in events]
    assert {"JPN", "PHL"} <= set(signed[0].party_codes)
    for event in events:
        for evidence in (event.trigger, *(a.evidence for a in event.agents), *(p.evidence for p in event.parties)):
            assert text[evidence.start : evidence.end] == evidence.text


def test_text_without_treaties_gives_nothing() -> None:
    texts = [
        "The bakery on the corner has won the regional prize for its rye bread, the owner said on Monday.",
        "Die Mannschaft gewann am Samstag mit 3:1; der Trainer lobte die Abwehr.",
        "Местные власти сообщили, что ремонт дороги закончится к осени.",
    ]
    assert [d.events for d in predict(texts)] == [(), (), ()]


def _spans(extraction: Extraction) -> set[tuple[int, int, str]]:
    return {(m.start, m.end, m.label) for m in extraction.mentions}


def _relations(extraction: Extraction) -> set[tuple[str, int, int]]:
    starts = [m.start for m in extraction.mentions]
    return {(r.type, starts[r.head], starts[r.tail]) for r in extraction.relations}


def test_quantised_graph_reads_as_its_own_weights_in_pytorch() -> None:
    """Parity on development documents: ONNX with int8 activations against the same weights in PyTorch float32."""
    documents = list(read_documents(ROOT / "data" / "corpus" / "dev.jsonl"))[::4]
    texts = [d.text for d in documents]
    model, tokenizer = load_trained(release.default_directory())
    expected = reader_of(model.eval(), tokenizer).read(texts)
    got = Extractor.from_pretrained().extract(texts)
    for name, items, floor in (("spans", _spans, 0.93), ("relations", _relations, 0.85)):
        both = sum(len(items(a) & items(b)) for a, b in zip(got, expected, strict=True))
        total = sum(len(items(a)) + len(items(b)) for a, b in zip(got, expected, strict=True))
        assert 2 * both / total > floor, name


@pytest.mark.parametrize("form", ["table", "json", "jsonl"])
def test_command_line_on_the_example(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["predict", str(ARTICLE), "--published", "2024-12-16", "--format", form]) == 0
    out = capsys.readouterr().out
    assert "signature" in out
    if form != "table":
        assert json.loads(out)["language"] == "en"


def test_readme_code_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    assert blocks
    monkeypatch.chdir(ROOT)
    for block in blocks:
        exec(compile(block, "README.md", "exec"), {})
    assert "signature" in capsys.readouterr().out


def test_readme_shows_what_the_model_gives(capsys: pytest.CaptureFixture[str]) -> None:
    """The result printed in the README is this model's, to the letter, in the engine that a plain install has."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = (
        readme.split("<!-- result -->")[1].split("<!-- end -->")[0].replace("```text", "").replace("```", "").strip()
    )
    cli.main(["predict", str(ARTICLE), "--published", "2024-12-16", "--engine", "onnx"])
    printed = capsys.readouterr().out.strip()
    assert [line.rstrip() for line in shown.splitlines()] == [line.rstrip() for line in printed.splitlines()]


def test_readme_and_card_figures_are_the_measured_ones() -> None:
    results = json.loads((ROOT / "evaluation" / "results" / "results.json").read_text(encoding="utf-8"))
    assert results["model"]["weights_sha256"] == Extractor.from_pretrained().info.weights_sha256
    readme = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    card = (ROOT / "model_card.md").read_text(encoding="utf-8")
    for measurement in results["measurements"]:
        events = measurement["events"]["all"]
        assert f"{events['event_f1']:.2f} / {events['slot_f1']:.2f}" in readme, measurement["name"]
        assert f"value: {events['event_f1']:.4f}".rstrip("0") in card, measurement["name"]
