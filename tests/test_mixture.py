from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from data.documents import text_digest, write_documents
from data.validate import check_corpus
from training.finetune import main
from training.mixture import hold_out, mix, read_added
from training.settings import read_finetune_settings
from treaty_events import InputError

from .finetuning import configure, variants


def test_fixtures_are_sound() -> None:
    pairs = [(None, d) for prefix in ("new", "corpus", "dev") for d in variants(prefix, *range(8))]
    assert list(check_corpus(pairs)) == []


def test_faulty_documents_are_refused_with_file_and_offset(
    release_directory: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first, second, third = variants("new", 0, 1, 2)
    cut = dataclasses.replace(first.mentions[0], id="X1", start=1, end=7)
    write_documents(
        tmp_path / "bad.jsonl",
        [
            dataclasses.replace(first, mentions=[cut], relations=[]),
            dataclasses.replace(second, published="soon"),
            dataclasses.replace(third, text="", sha256=text_digest(third.text)),
        ],
    )
    (tmp_path / "worse.txt").write_text("=== a\nlang: fr\n---\n[Doha|G1\n---\n")
    (tmp_path / "latin.jsonl").write_bytes(b'{"id": "\xe9"}')
    added = [str(tmp_path / name) for name in ("bad.jsonl", "worse.txt", "latin.jsonl", "missing.jsonl")]
    config = configure(tmp_path, release_directory)
    assert main(["--config", str(config), "--add", *added, "--output", str(tmp_path / "out")]) == 2
    told = caplog.text
    assert f"{tmp_path}/bad.jsonl: document new-0, offset 1: X1: 'e Séna' cuts a word" in told
    assert "document new-1: published 'soon' is no date" in told
    assert "document new-2: no text" in told
    assert f"{tmp_path}/worse.txt:4: document a" in told
    assert f"{tmp_path}/latin.jsonl: 'utf-8' codec" in told
    assert "missing.jsonl" in told
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "run").exists()


def test_nothing_to_add_is_said(tmp_path: Path) -> None:
    (tmp_path / "new.jsonl").write_text("\n")
    with pytest.raises(InputError, match="nothing to train on"):
        read_added([tmp_path / "new.jsonl"])


def test_stories_are_held_out_whole_and_the_same_every_time() -> None:
    documents = [dataclasses.replace(d, story=f"s{n // 2}") for n, d in enumerate(variants("d", *range(8)))]
    trained, held = hold_out(documents, 0.25, 13, set())
    assert len(held) == 2
    assert {d.story for d in held}.isdisjoint({d.story for d in trained})
    assert hold_out(documents, 0.25, 13, set()) == (trained, held)
    assert sorted(d.id for d in (*trained, *held)) == sorted(d.id for d in documents)
    assert {held[0].story for s in range(20) for held in [hold_out(documents, 0.25, s, set())[1]]} > {held[0].story}


def test_what_the_start_has_seen_is_not_held_out() -> None:
    documents = variants("d", *range(6))
    seen = {d.story or "" for d in documents[:4]} | {text_digest(documents[4].text)}
    assert hold_out(documents, 0.5, 13, seen)[1] == [documents[5]]
    assert hold_out(documents, 0.5, 13, seen | {"d-story-5"}) == (documents, [])


@pytest.mark.parametrize(
    ("number", "share", "held"), [(4, 0.2, 0), (5, 0.2, 1), (5, 0.01, 1), (8, 0.5, 4), (8, 0.0, 0)]
)
def test_share_held_out(number: int, share: float, held: int) -> None:
    documents = [dataclasses.replace(d, story=None) for d in variants("d", *range(number))]
    assert len(hold_out(documents, share, 13, set())[1]) == held


def test_one_story_is_all_trained_on() -> None:
    documents = [dataclasses.replace(d, story="one") for d in variants("d", *range(6))]
    assert hold_out(documents, 0.2, 13, set()) == (documents, [])


def test_overlap_with_the_corpus_is_kept_out_of_replay_and_comparison(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (again,) = variants("corpus", 2)
    (shared,) = variants("dev", 1)
    write_documents(
        tmp_path / "new.jsonl", [dataclasses.replace(again, id="again"), dataclasses.replace(shared, id="x")]
    )
    settings = read_finetune_settings(configure(tmp_path, tmp_path, replay=100, compare_documents=0))
    prepared = mix(settings, [tmp_path / "new.jsonl"], {})
    assert {d.id for d in prepared.replay} == {f"corpus-{n}" for n in range(8)} - {"corpus-2"}
    assert {d.id for d in prepared.compared} == {"dev-0", "dev-2", "dev-3"}
    assert "1 documents of" in caplog.text
