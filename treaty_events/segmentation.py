"""Segmenters: what cuts a text into the pieces that the model knows.

A release's pieces are read by SentencePiece, which loads them in a quarter of the memory and of the time that the
`tokenizers` library needs for a vocabulary of this size. A release whose tokenizer SentencePiece cannot stand in for is
read by that library. Both give the same pieces (`training.pieces` checks it when a release is written) but for
rarities: white space at a text's end has no piece here, a special token's name (`<s>`) is text like any other, and what
is written in several parts (Hangul in Jamo, letters with several marks) is composed as the model's normalisation says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np

from . import release
from .errors import InputError, MissingExtraError, ReleaseError
from .windows import TokenizedText, tokenize, tokenized

if TYPE_CHECKING:
    from tokenizers import Tokenizer

# Characters that are segmented at a time. SentencePiece adds up scores over all that it is given: over a long text they
# lose so much precision that ties between pieces are broken otherwise than word by word.
_BLOCK: Final = 256
_SPACE: Final = re.compile(r"(?<=\S) (?=\S)")
_SPACE_OR_LINE: Final = re.compile(r"(?<=\S)[ \n](?=\S)")
# What stands before a word and is white space to SentencePiece only, up to white space that is some to all.
_BEFORE_WORD: Final = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufffd▁]*\s")


class Segmenter(Protocol):
    """Cuts texts into pieces."""

    def pieces(self, texts: Sequence[str]) -> list[list[int]]:
        """Give the ids of each text's pieces, without special ones."""

    def segment(self, texts: Sequence[str]) -> list[TokenizedText]:
        """Give each text's pieces with their offsets; an empty text has none."""


def blocks(text: str, border: re.Pattern[str] = _SPACE, size: int = _BLOCK) -> Iterator[tuple[int, int]]:
    """Cut a long text at white space between two words, where no piece can go on.

    Args:
        text: any string.
        border: the white space that may be cut at, one character.
        size: characters of a block; it goes on to the next border, however far that lies.

    Yields:
        Start and end of each block: the text without the white space at the cuts.
    """
    start = 0
    while len(text) - start > size:
        found = border.search(text, start + size)
        if found is None:
            break
        yield start, found.start()
        start = found.end()
    yield start, len(text)


class SentencePieceSegmenter:
    """Segments with SentencePiece.

    Args:
        model: the serialised model (a release's `tokenizer.model`).
    """

    def __init__(self, model: bytes) -> None:
        # Where a release has no such model, SentencePiece need not be there.
        from sentencepiece import SentencePieceProcessor

        self.processor: Any = SentencePieceProcessor(model_proto=model)
        # Lines that are broken as words are, are borders too: some scripts have no others.
        alike = self.processor.encode("a\na") == self.processor.encode("a a")
        self.border = _SPACE_OR_LINE if alike else _SPACE
        self._begin: int = self.processor.piece_to_id("▁")

    def pieces(self, texts: Sequence[str]) -> list[list[int]]:
        """Give the ids of each text's pieces; see `Segmenter.pieces`."""
        return [[i for a, b in blocks(text, self.border) for i in self._encode(text[a:b])] for text in texts]

    def segment(self, texts: Sequence[str]) -> list[TokenizedText]:
        """Give each text's pieces with their offsets; see `Segmenter.segment`."""
        return [self._segment(text) for text in texts]

    def _encode(self, text: str, **form: str) -> Any:
        try:
            return self.processor.encode(text, **form)
        except RuntimeError:
            # It says no more than that it could not cast the string.
            try:
                text.encode("utf-8")
            except UnicodeEncodeError as error:
                raise InputError("the text holds a lone surrogate: decode it with errors='replace'") from error
            raise

    def _segment(self, text: str) -> TokenizedText:
        parts = [self._block(text, start, end) for start, end in blocks(text, self.border)]
        if len(parts) == 1:
            return parts[0]
        return TokenizedText(
            text,
            np.concatenate([p.ids for p in parts]),
            np.concatenate([p.starts for p in parts]),
            np.concatenate([p.ends for p in parts]),
            np.concatenate([p.joined for p in parts]),
        )

    def _block(self, text: str, start: int, end: int) -> TokenizedText:
        found = self._encode(text[start:end], return_type="offset_mapping")
        ids: list[int] = found["ids"]
        offsets = []
        for number, (first, stop) in enumerate(found["offsets"]):
            a, b = start + first, start + stop
            if a < b:
                before = _BEFORE_WORD.match(text, a, b)
                a = before.end() if before else a
            elif a < end and not text[a].isspace() and (number or not start or ids[0] != self._begin):
                # One of several pieces of a character, or a text that opens with a piece of its own for the word's
                # begin: as `tokenizers` does, each gets the character.
                b = a + 1
            offsets.append((a, b))
        return tokenized(text, ids, offsets)


class TokenizersSegmenter:
    """Segments with the `tokenizers` library.

    Args:
        tokenizer: without truncation and padding.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer = tokenizer

    @classmethod
    def from_file(cls, path: Path) -> TokenizersSegmenter:
        """Read a `tokenizer.json`.

        Raises:
            MissingExtraError: the library is not installed.
        """
        try:
            from tokenizers import Tokenizer
        except ImportError as error:
            raise MissingExtraError("tokenizers", "train") from error
        tokenizer = Tokenizer.from_file(str(path))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return cls(tokenizer)

    def pieces(self, texts: Sequence[str]) -> list[list[int]]:
        """Give the ids of each text's pieces; see `Segmenter.pieces`."""
        return [e.ids for e in self.tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]

    def segment(self, texts: Sequence[str]) -> list[TokenizedText]:
        """Give each text's pieces with their offsets; see `Segmenter.segment`."""
        return tokenize(self.tokenizer, texts)


def load_segmenter(directory: Path) -> Segmenter:
    """Load a release's segmenter.

    Raises:
        MissingExtraError: the release needs the `tokenizers` library, and it is not installed.
        ReleaseError: its `tokenizer.model` is no SentencePiece model.
    """
    model = directory / release.PIECES
    if model.is_file():
        try:
            return SentencePieceSegmenter(model.read_bytes())
        except RuntimeError as error:
            raise ReleaseError(f"{model} is damaged: SentencePiece cannot read it ({error})") from error
    return TokenizersSegmenter.from_file(directory / release.TOKENIZER)
