"""Segmenters: SentencePiece gives what the tokenizers library gives, whole texts and texts of any length alike."""

from __future__ import annotations

import json
import logging
import shutil
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from data.documents import AnnotatedDocument
from training.pieces import convert, differing, pieces_of
from treaty_events import Extractor, release
from treaty_events.errors import InputError, MissingExtraError, ReleaseError
from treaty_events.segmentation import (
    SentencePieceSegmenter,
    TokenizersSegmenter,
    blocks,
    load_segmenter,
)

from .strategies import pieces

WORDS = st.lists(
    st.sampled_from("Le Sénat a ratifié l'accord 中哈协定 в силу اتفاقية 🤝 \n \n\n . ,".split(" ")), max_size=40
)


@pytest.fixture(scope="module")
def both(tokenizer: PreTrainedTokenizerFast) -> tuple[SentencePieceSegmenter, TokenizersSegmenter]:
    model = convert(tokenizer.backend_tokenizer)
    assert model is not None
    return SentencePieceSegmenter(model), TokenizersSegmenter(tokenizer.backend_tokenizer)


def test_both_segment_the_documents_alike(
    both: tuple[SentencePieceSegmenter, TokenizersSegmenter], documents: list[AnnotatedDocument]
) -> None:
    ours, theirs = (segmenter.segment([d.text for d in documents]) for segmenter in both)
    for a, b in zip(ours, theirs, strict=True):
        assert a.text == b.text
        assert a.ids.tolist() == b.ids.tolist()
        assert a.joined.tolist() == b.joined.tolist()
        assert [a.text[s:e] for s, e in zip(a.starts, a.ends, strict=True)] == [
            b.text[s:e] for s, e in zip(b.starts, b.ends, strict=True)
        ]
    assert both[0].pieces([d.text for d in documents]) == both[1].pieces([d.text for d in documents])


@given(text=pieces())
def test_offsets_are_tight_in_order_and_within_any_text(
    both: tuple[SentencePieceSegmenter, TokenizersSegmenter], text: str
) -> None:
    (found,) = both[0].segment([text])
    assert len(found.ids) == len(found.starts) == len(found.ends) == len(found.joined)
    last = 0
    for start, end in zip(found.starts.tolist(), found.ends.tolist(), strict=True):
        assert 0 <= start <= end <= len(text)
        assert start >= last or start == end
        assert not text[start:end][:1].isspace()
        assert not text[start:end][-1:].isspace()
        last = max(last, start)


@pytest.mark.parametrize("text", ["ﷺ Le Sénat", "aﷺb", "a ﷺ", "½ ﬁ ㍿"])
def test_each_piece_of_a_character_gets_it(both: tuple[SentencePieceSegmenter, TokenizersSegmenter], text: str) -> None:
    (found,) = both[0].segment([text])
    assert found.starts.tolist() == sorted(found.starts.tolist())
    # Spans are looked up by bisection in either.
    assert found.ends.tolist() == sorted(found.ends.tolist())
    bounds = found.within(0, 1)
    assert bounds is not None
    assert bounds[0] == 0


def test_a_word_begins_after_invisible_characters_and_white_space(shipped: Tokenizer) -> None:
    model = convert(shipped)
    assert model is not None
    for text in ("a \u200b b", "a \ufeff\u200e b", "a \x01 b"):
        (found,) = SentencePieceSegmenter(model).segment([text])
        assert [text[s:e] for s, e in zip(found.starts, found.ends, strict=True)] == ["a", "b"]


@pytest.fixture(scope="module")
def shipped() -> Tokenizer:
    return Tokenizer.from_file(str(release.default_directory() / release.TOKENIZER))


def test_lone_surrogates_are_named(both: tuple[SentencePieceSegmenter, TokenizersSegmenter]) -> None:
    for read in (both[0].segment, both[0].pieces):
        with pytest.raises(InputError, match="lone surrogate"):
            read(["a \ud800"])


@pytest.mark.parametrize("content", [b"", b"garbage"])
def test_what_is_no_model_is_named(release_directory: Path, tmp_path: Path, content: bytes) -> None:
    shutil.copytree(release_directory, tmp_path / "copy")
    (tmp_path / "copy" / release.PIECES).write_bytes(content)
    with pytest.raises(ReleaseError, match=release.PIECES):
        load_segmenter(tmp_path / "copy")


@given(words=WORDS, size=st.integers(1, 20))
def test_blocks_are_the_text(words: list[str], size: int) -> None:
    text = " ".join(words)
    cut = list(blocks(text, size=size))
    assert " ".join(text[a:b] for a, b in cut) == text
    for _, end in cut[:-1]:
        # Cuts lie at one space between two words.
        assert text[end] == " "
        assert not text[end - 1].isspace()
        assert not text[end + 1].isspace()


@given(words=WORDS)
def test_a_long_text_is_segmented_as_a_whole_one(
    both: tuple[SentencePieceSegmenter, TokenizersSegmenter], words: list[str]
) -> None:
    text = " ".join(words)
    segmenter = both[0]
    (whole,) = segmenter.segment([text])
    parts = [segmenter._block(text, a, b) for a, b in blocks(text, size=7)]
    assert [i for p in parts for i in p.ids.tolist()] == whole.ids.tolist()
    assert [s for p in parts for s in p.starts.tolist()] == whole.starts.tolist()
    assert [e for p in parts for e in p.ends.tolist()] == whole.ends.tolist()
    assert [j for p in parts for j in p.joined.tolist()] == whole.joined.tolist()


def test_a_release_is_read_with_sentencepiece_and_without_it_alike(
    release_directory: Path, tmp_path: Path, documents: list[AnnotatedDocument]
) -> None:
    assert isinstance(load_segmenter(release_directory), SentencePieceSegmenter)
    copy = tmp_path / "copy"
    shutil.copytree(release_directory, copy)
    (copy / release.PIECES).unlink()
    assert isinstance(load_segmenter(copy), TokenizersSegmenter)
    texts = [d.text for d in documents]
    with pytest.raises(ReleaseError, match=release.PIECES):
        Extractor.from_pretrained(copy, threads=1)
    (copy / release.CHECKSUMS).write_text(
        json.dumps({name: release.file_digest(copy / name) for name in release.FILES}), encoding="utf-8"
    )
    first, second = (Extractor.from_pretrained(d, threads=1).extract(texts) for d in (release_directory, copy))
    assert first == second


def test_a_release_without_pieces_asks_for_the_library(
    release_directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(release_directory, tmp_path / "copy")
    (tmp_path / "copy" / release.PIECES).unlink()
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(MissingExtraError, match="tokenizers"):
        load_segmenter(tmp_path / "copy")


def test_inference_needs_no_tokenizers_library(release_directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    assert Extractor.from_pretrained(release_directory, threads=1).extract(["Le Sénat a ratifié"])[0].tokens > 0


def test_other_tokenizers_are_not_converted(caplog: pytest.LogCaptureFixture) -> None:
    words = Tokenizer(models.WordLevel({"<unk>": 0, "▁a": 1}, unk_token="<unk>"))
    words.pre_tokenizer = pre_tokenizers.Metaspace()
    assert convert(words) is None
    with caplog.at_level(logging.WARNING):
        assert pieces_of(words, ["a"]) is None
    assert "cannot stand in" in caplog.text


def test_added_words_and_pieces_over_white_space_are_not_converted(tokenizer: PreTrainedTokenizerFast) -> None:
    added = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
    added.add_tokens(["treaty"])
    assert convert(added) is None
    spec = json.loads(tokenizer.backend_tokenizer.to_str())
    spec["model"]["vocab"].append(["▁a▁b", -1.0])
    assert convert(Tokenizer.from_str(json.dumps(spec))) is None


def test_a_model_that_differs_is_not_used(
    tokenizer: PreTrainedTokenizerFast, documents: list[AnnotatedDocument], caplog: pytest.LogCaptureFixture
) -> None:
    model = convert(tokenizer.backend_tokenizer)
    assert model is not None
    spec = json.loads(tokenizer.backend_tokenizer.to_str())
    # Other scores, other pieces.
    spec["model"]["vocab"] = [[p, 0.0 if len(p) == 1 else s] for p, s in spec["model"]["vocab"]]
    other = Tokenizer.from_str(json.dumps(spec))
    text = documents[0].text
    assert differing(model, tokenizer.backend_tokenizer, [text, f" {text}\n "]) == []
    assert differing(model, other, [text]) == [text.strip()]
