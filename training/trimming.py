"""Vocabulary trimming: keep the tokenizer's pieces of the scripts that are served, drop the others.

A SentencePiece unigram segmentation only changes where a dropped piece was part of the best segmentation. Pieces are
therefore dropped by script, all or none: text in the scripts that are kept is segmented exactly as before.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

import regex
import torch
from tokenizers import Tokenizer
from transformers import BertModel, PreTrainedTokenizerFast

# Letters and marks; other characters (digits, punctuation, symbols) belong to no script and are always kept.
_LETTER = regex.compile(r"[\p{L}\p{M}]")


def kept_pieces(pieces: Sequence[str], scripts: Iterable[str]) -> list[int]:
    """Choose the pieces to keep.

    Args:
        pieces: the vocabulary, by id.
        scripts: Unicode script names, e.g. `Latin`, `Cyrillic`, `Han`.

    Returns:
        Ids, ascending: pieces without a letter of any other script.
    """
    names = "".join(rf"\p{{{name}}}" for name in (*scripts, "Common", "Inherited"))
    inside = regex.compile(rf"[{names}]")
    return [i for i, piece in enumerate(pieces) if all(inside.match(c) for c in piece if _LETTER.match(c))]


def trim_tokenizer(
    tokenizer: PreTrainedTokenizerFast, scripts: Iterable[str]
) -> tuple[PreTrainedTokenizerFast, list[int]]:
    """Drop the pieces of other scripts from a unigram tokenizer.

    Args:
        tokenizer: a fast tokenizer with a Unigram model.
        scripts: Unicode script names to keep.

    Returns:
        The smaller tokenizer, and for each of its ids the id that the piece had before.
    """
    spec = json.loads(tokenizer.backend_tokenizer.to_str())
    pieces = [piece for piece, _ in spec["model"]["vocab"]]
    keep = set(kept_pieces(pieces, scripts))
    keep |= {token["id"] for token in spec["added_tokens"]}
    old_ids = sorted(keep)
    new_id = {old: new for new, old in enumerate(old_ids)}
    spec["model"]["vocab"] = [spec["model"]["vocab"][old] for old in old_ids]
    spec["model"]["unk_id"] = new_id[spec["model"]["unk_id"]]
    for token in spec["added_tokens"]:
        token["id"] = new_id[token["id"]]
    for token in spec["post_processor"]["special_tokens"].values():
        token["ids"] = [new_id[old] for old in token["ids"]]
    if spec.get("padding"):
        spec["padding"]["pad_id"] = new_id[spec["padding"]["pad_id"]]
    trimmed = PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer.from_str(json.dumps(spec)),
        model_max_length=tokenizer.model_max_length,
        **tokenizer.special_tokens_map,
    )
    return trimmed, old_ids


def trim_embeddings(model: BertModel, old_ids: Sequence[int]) -> None:
    """Keep only some rows of a model's word embeddings, in place.

    Args:
        model: a BERT encoder.
        old_ids: for each new row, the row to take.
    """
    old = model.get_input_embeddings()
    padding = list(old_ids).index(model.config.pad_token_id) if model.config.pad_token_id in old_ids else None
    new = torch.nn.Embedding(len(old_ids), old.weight.shape[1], padding_idx=padding)
    with torch.no_grad():
        new.weight.copy_(old.weight[torch.tensor(old_ids)])
    model.set_input_embeddings(new)
    model.config.vocab_size = len(old_ids)
    if padding is not None:
        model.config.pad_token_id = padding
