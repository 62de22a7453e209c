from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.documents import AnnotatedDocument, read_corpus, write_documents
from treaty_events import Extractor, cli, soundness
from treaty_events.articles import Article
from treaty_events.commands import select
from treaty_events.errors import InputError, UnreadableError
from treaty_events.extraction import Extraction, Mention, Relation
from treaty_events.selection import Choice, Doubt, Pile, doubt

CYRILLIC = "Саммит ОДКБ пройдёт Астане среду договоров не будет вступило силу"
# Words that the tiny tokenizer knows; texts of a few of them have little in common.
WORDS = f"""Sénat kazakh ratifié jeudi accord coopération militaire avec Qatar signé Doha décembre texte vaut cinq ans prévoit
formation officiers dit vice-ministre Darkhan Akhmediev {CYRILLIC} agreement signed ratified Russia Nur-Sultan 2020 2023
中哈协定 κύρωσε συμφωνία اتفاقية""".split()
SURE, UNSURE = Doubt(0.2, 0.98), Doubt(4.0, 0.5)


def text(seed: int, words: int = 8) -> str:
    return " ".join(np.random.default_rng(seed).choice(WORDS, words, replace=False))


def piled(
    extractor: Extractor,
    articles: Iterable[tuple[str, Doubt]],
    languages: Sequence[str] | None = None,
    seen: Iterable[str] = (),
) -> Pile:
    pile = Pile(extractor, seen)
    for i, (content, unsure) in enumerate(articles):
        pile.add(content, languages[i] if languages else "fr", unsure)
    return pile


def extraction(content: str, score: float, tokens: int = 100) -> Extraction:
    """A trigger, its instrument, and the relation between them, all of one score."""
    mentions = (
        Mention(0, 5, "TRIGGER", score, {"type": "signature", "status": "occurred"}, {"status": score}),
        Mention(6, 9, "TREATY", score, {"kind": "agreement"}, {"kind": score}),
    )
    return Extraction(content, mentions, (Relation("treaty", 0, 1, score),), tokens, 1)


def test_doubt_is_what_annotating_would_put_right() -> None:
    # Two mentions, two attributes, one relation, each wrong with 0.4; taking up a text costs 100 tokens.
    assert doubt(extraction("x" * 9, 0.6)).errors == pytest.approx(100 * 5 * 0.4 / 200)
    assert doubt(extraction("x" * 9, 0.6, tokens=10_000)).value < doubt(extraction("x" * 9, 0.6)).value / 20
    assert doubt(extraction("x" * 9, 0.9)).value < doubt(extraction("x" * 9, 0.6)).value
    assert doubt(Extraction("x")) == Doubt(0.0)


def test_doubt_counts_the_event_that_could_go_either_way() -> None:
    assert doubt(Extraction("x"), [0.99, 0.4, 0.02]).confidence == 0.4
    assert Doubt(1.0, 0.5).value > Doubt(1.0, 0.9).value > Doubt(1.0, 1.0).value == Doubt(1.0).value


def test_doubt_has_a_cap() -> None:
    # A list of names in which every word may be wrong is no better than a doubtful article.
    assert Doubt(500.0).value == Doubt(5.0).value == 0.5 < Doubt(4.0, 0.5).value


def test_an_unsure_article_comes_before_a_sure_one(extractor: Extractor, monkeypatch: pytest.MonkeyPatch) -> None:
    contents = [text(i) for i in range(3)]
    scores = dict(zip(contents, (0.99, 0.8, 0.95), strict=True))
    monkeypatch.setattr(extractor, "extract", lambda texts: [extraction(t, scores[t]) for t in texts])
    pile = Pile(extractor)
    articles = [Article(str(i), content) for i, content in enumerate(contents)]
    assert list(pile.read(articles, language="fr")) == articles
    choices = pile.choose(3)
    assert [c.index for c in choices] == [1, 2, 0]
    assert f"confidence {choices[0].doubt.confidence:.2f}, nothing like it yet" in choices[0].reason


def test_near_duplicates_are_not_both_chosen(extractor: Extractor) -> None:
    original = text(0, 20)
    shortened, edited = original[: int(len(original) * 0.85)], original.replace(" ", " (AFP) ", 1)
    contents = [(shortened, UNSURE), (original, UNSURE), (edited, Doubt(4.5, 0.5)), (text(1), SURE), (original, SURE)]
    # Of those that are alike the most doubtful one is kept.
    assert [c.index for c in piled(extractor, contents).choose(5)] == [2, 3]


def test_what_is_like_an_annotated_article_is_not_chosen(extractor: Extractor) -> None:
    annotated = text(0, 20)
    contents = [(annotated, UNSURE), (annotated + " (AFP)", UNSURE), (text(1), SURE)]
    assert [c.index for c in piled(extractor, contents, seen=[annotated]).choose(3)] == [2]
    assert piled(extractor, contents[:2], seen=[annotated]).choose(3) == []
    assert [c.index for c in piled(extractor, contents).choose(1)] == [0]


def test_the_next_article_is_unlike_the_last(extractor: Extractor) -> None:
    first, other = text(0, 10), text(1, 10)
    akin = " ".join(first.split()[:5] + text(2, 5).split())
    contents = [(first, UNSURE), (akin, Doubt(4.0, 0.49)), (other, Doubt(3.9, 0.48))]
    choices = piled(extractor, contents).choose(2)
    assert [c.index for c in choices] == [0, 2]
    assert 0 < choices[1].distance < choices[0].distance == 1


def test_languages_share_the_choice_if_wanted(extractor: Extractor) -> None:
    languages = ["en"] * 20 + ["sw"] * 4

    def chosen(balance: bool, sure: Doubt) -> int:
        contents = [(text(i), UNSURE if i < 20 else sure) for i in range(24)]
        choices = piled(extractor, contents, languages).choose(6, balance=balance)
        return [languages[c.index] for c in choices].count("sw")

    assert 1 <= chosen(True, UNSURE) <= 4
    # Sharing does not make a sure article worth as much as a doubtful one.
    assert chosen(False, Doubt(2.0, 0.2)) <= chosen(True, Doubt(2.0, 0.2)) <= chosen(True, UNSURE)


def test_a_rare_language_is_looked_at_however_many_others_are_more_doubtful(extractor: Extractor) -> None:
    # How far apart texts lie is up to the tiny model's random vectors: only what does not hang on them is asserted.
    contents = [(text(i), UNSURE) for i in range(60)] + [(text(60), Doubt(2.0, 0.2))]
    languages = ["en"] * 60 + ["sw"]
    assert 60 in [c.index for c in piled(extractor, contents, languages).choose(30)]
    assert 60 not in [c.index for c in piled(extractor, contents, languages).choose(4, balance=False)]


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 30), st.floats(0, 8), st.none() | st.floats(0, 1)), min_size=1, max_size=12))
def test_choices_are_different_and_fall_in_score(
    extractor: Extractor, drawn: list[tuple[int, float, float | None]]
) -> None:
    contents = [(text(seed), Doubt(errors, confidence)) for seed, errors, confidence in drawn]
    languages = [("fr", "ru")[seed % 2] for seed, _, _ in drawn]
    choices = piled(extractor, contents, languages).choose(len(drawn))
    assert choices == piled(extractor, contents, languages).choose(len(drawn))
    assert len({c.index for c in choices}) == len(choices) == len({seed for seed, _, _ in drawn})
    scores = [c.score for c in choices]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= c.distance <= 1 for c in choices)
    # A choice of fewer begins with the same articles, as long as all of the pile is compared.
    assert piled(extractor, contents, languages).choose(1)[0] == choices[0]


def test_impossible_choices_are_errors(extractor: Extractor) -> None:
    with pytest.raises(InputError, match="at least 1"):
        piled(extractor, [(text(0), SURE)]).choose(0)
    with pytest.raises(InputError, match="no article"):
        Pile(extractor).choose(1)
    with pytest.raises(InputError, match="annotated article 2 has no text"):
        Pile(extractor, [text(0), " \n"])


def test_what_cannot_be_annotated_is_an_error_in_its_place(extractor: Extractor) -> None:
    missing = UnreadableError("none.txt", "No such file")
    items = [
        Article("good", text(0)),
        missing,
        Article("date", text(1), published="soon"),
        Article("surrogate", "a\ud800"),
        Article("numbers", "12 – 34\n"),
        Article("misread", CYRILLIC.encode().decode("cp1252", "replace")),
        Article("latin", CYRILLIC.encode().decode("latin-1")),
        Article("empty", ""),
        Article("last", text(2), published="2025-02-13"),
    ]
    pile = Pile(extractor)
    results = list(pile.read(items))
    assert [r.name for r in results] == ["good", "none.txt", *(a.name for a in items[2:] if isinstance(a, Article))]
    assert [isinstance(r, Article) for r in results] == [True] + [False] * 7 + [True]
    assert results[1] is missing
    assert "wrong encoding" in str(results[5])
    assert len(pile) == 2


@settings(deadline=None, max_examples=25)
@given(st.text("бвгдежзабв «»", min_size=8).filter(lambda t: sum(c.isalpha() for c in t) >= 3))
def test_utf_8_read_as_latin_1_is_noticed(extractor: Extractor, original: str) -> None:
    pile = Pile(extractor)
    broken = original.encode().decode("latin-1")
    results = list(pile.read([Article("sound", original), Article("broken", broken)]))
    assert [isinstance(r, Article) for r in results] == [True, False]


def test_no_article_of_the_corpus_is_taken_for_a_broken_one() -> None:
    articles = [Article(d.id, d.text, d.published, d.lang) for d in read_corpus()]
    assert [soundness.check(a) for a in articles] == articles


Run = Callable[..., tuple[int, list[dict[str, Any]], str]]


@pytest.fixture
def run(release_directory: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> Run:
    parser = argparse.ArgumentParser()
    select.add(parser.add_subparsers())

    def call(*arguments: str) -> tuple[int, list[dict[str, Any]], str]:
        caplog.clear()
        options = parser.parse_args(["select", *arguments, "--model", str(release_directory), "--threads", "1"])
        code: int = options.run(options)
        return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()], caplog.text

    return call


@pytest.fixture
def pile(tmp_path: Path) -> Path:
    records = [{"id": f"a{i}", "text": text(i) + " 🤝\r\n", "lang": ("fr", "ru", "el")[i % 3]} for i in range(6)]
    records[0]["published"] = "2025-02-13"
    path = tmp_path / "pile.jsonl"
    path.write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
    return path


def test_command_writes_articles_unchanged_and_preannotate_reads_them(
    run: Run, pile: Path, release_directory: Path, tmp_path: Path
) -> None:
    given = {r["id"]: r for r in map(json.loads, pile.read_text(encoding="utf-8").splitlines())}
    chosen, again, tasks = tmp_path / "out" / "chosen.jsonl", tmp_path / "again.jsonl", tmp_path / "tasks"
    code, printed, _ = run(str(pile), "-n", "4", "-o", str(chosen))
    assert (code, printed) == (0, [])
    records = [json.loads(line) for line in chosen.read_text(encoding="utf-8").split("\n") if line]
    assert len({r["id"] for r in records}) == 4
    for record in records:
        assert list(record) == ["id", "text", "published", "lang", "score", "reason"]
        assert {k: v for k, v in record.items() if k in ("id", "text", "published", "lang") and v} == given[
            record["id"]
        ]
    assert [r["score"] for r in records] == sorted((r["score"] for r in records), reverse=True)
    run(str(pile), "-n", "4", "-o", str(again))
    assert again.read_bytes() == chosen.read_bytes()
    arguments = ["preannotate", str(chosen), "--model", str(release_directory), "--to", "labelstudio", "-o", str(tasks)]
    assert cli.main(arguments) == 0
    shown = json.loads((tasks / "tasks.json").read_text(encoding="utf-8"))
    assert [task["data"]["text"] for task in shown] == [r["text"] for r in records]


def test_command_passes_over_annotated_documents(
    run: Run, pile: Path, documents: list[AnnotatedDocument], tmp_path: Path
) -> None:
    first = json.loads(pile.read_text(encoding="utf-8").split("\n")[0])
    annotated, own = tmp_path / "annotated.jsonl", tmp_path / "own.jsonl"
    write_documents(annotated, documents)
    own.write_text(json.dumps({"text": first["text"]}), encoding="utf-8")
    articles = tmp_path / "articles.jsonl"
    lines = [json.dumps({"id": d.id, "text": d.text}) for d in documents]
    articles.write_text("\n".join([*lines, json.dumps(first)]), encoding="utf-8")
    _, records, warning = run(str(articles), "-n", "3", "--seen", str(annotated))
    assert [r["id"] for r in records] == ["a0"]
    assert "1 articles instead of 3: the other 2 are nearly the same" in warning
    with pytest.raises(InputError, match="nothing to choose"):
        run(str(articles), "--seen", str(annotated), "--seen", str(own))


def test_command_reports_bad_articles_and_goes_on(run: Run, pile: Path, tmp_path: Path) -> None:
    with open(pile, "a", encoding="utf-8") as file:
        file.write("not json\n" + json.dumps({"id": "bad", "text": text(9), "published": "soon"}) + "\n")
    code, records, errors = run(str(tmp_path / "none.txt"), str(pile), "-n", "9")
    assert (code, len(records)) == (1, 6)
    for message in (
        "none.txt",
        "pile.jsonl:7: not JSON",
        "bad: published 'soon'",
        "6 articles instead of 9: there are no more",
    ):
        assert message in errors


def test_files_of_one_name_stay_apart_up_to_the_tool(run: Run, release_directory: Path, tmp_path: Path) -> None:
    for i, folder in enumerate(("a", "b")):
        (tmp_path / "in" / folder).mkdir(parents=True)
        (tmp_path / "in" / folder / "1.txt").write_text(text(i), encoding="utf-8")
    chosen, tasks = tmp_path / "chosen.jsonl", tmp_path / "tasks"
    assert run(str(tmp_path / "in"), "-n", "2", "-o", str(chosen))[0] == 0
    arguments = ["preannotate", str(chosen), "--model", str(release_directory), "--to", "jsonl", "-o", str(tasks)]
    assert cli.main(arguments) == 0
    lines = (tasks / "documents.jsonl").read_text(encoding="utf-8").splitlines()
    assert {json.loads(line)["id"] for line in lines} == {str(tmp_path / "in" / f / "1.txt") for f in ("a", "b")}


def test_command_says_what_is_wrong_before_it_reads(
    run: Run, pile: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Extractor, "extract", None)
    before = pile.read_bytes()
    (tmp_path / "standoff.jsonl").write_text(json.dumps({"id": "x", "text": ""}))
    for arguments, message in (
        (["-n", "0"], "at least 1"),
        (["-o", str(pile)], "is there already"),
        (["-o", str(pile / "inner" / "out.jsonl")], "out.jsonl: Not a directory"),
        (["--seen", str(tmp_path / "none.jsonl")], "none.jsonl: No such file"),
        (["--seen", str(tmp_path / "standoff.jsonl")], "has no text"),
        (["--published", "soon"], "is no date"),
    ):
        with pytest.raises(InputError, match=message):
            run(str(pile), *arguments)
    assert pile.read_bytes() == before
    with pytest.raises(InputError, match="no article"):
        run(str(tmp_path / "none.txt"))


def test_a_choice_explains_itself() -> None:
    assert Choice(0, 0.1, Doubt(2.34), 0.5).reason == (
        "2.3 wrong decisions in 100 tokens expected, no event, 0.50 from the nearest"
    )
