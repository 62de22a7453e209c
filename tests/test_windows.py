from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transformers import PreTrainedTokenizerFast

from treaty_events.windows import inside_word, tokenize, windows


@given(st.integers(0, 500), st.integers(1, 60), st.data())
def test_cores_partition_the_sequence(tokens: int, size: int, data: st.DataObject) -> None:
    overlap = data.draw(st.integers(0, size - 1))
    cut = windows(tokens, size, overlap)
    assert [t for w in cut for t in range(w.core_start, w.core_end)] == list(range(tokens))
    assert all(w.start <= w.core_start < w.core_end <= w.end and w.end - w.start <= size for w in cut)


def test_overlap_must_be_smaller_than_the_window() -> None:
    with pytest.raises(ValueError, match="overlap"):
        windows(10, 4, 4)


@given(text=st.text(max_size=200))
def test_token_offsets_are_tight_and_in_order(tokenizer: PreTrainedTokenizerFast, text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    (tokens,) = tokenize(tokenizer.backend_tokenizer, [text])
    for start, end in zip(tokens.starts, tokens.ends, strict=True):
        surface = text[start:end]
        assert 0 <= start <= end <= len(text)
        assert surface == surface.strip()
    assert list(tokens.starts) == sorted(tokens.starts)


@pytest.mark.parametrize(
    ("text", "offset", "expected"),
    [
        ("Qatar", 2, True),
        ("du Qatar", 3, False),
        ("Türkiye'nin", 7, False),
        ("2023年", 4, False),
        ("2023", 2, True),
        ("中哈协定", 1, False),
        ("قطر", 1, True),
        ("Qatar", 0, False),
        ("Qatar", 5, False),
    ],
)
def test_word_borders(text: str, offset: int, expected: bool) -> None:
    assert inside_word(text, offset) is expected
