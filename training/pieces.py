"""From a `tokenizer.json` to a SentencePiece model: the same pieces, read in a fraction of the memory.

Only what is known to come out alike is converted: a Unigram model over white space marked with `▁`, behind one of
SentencePiece's own normalisations. The result is then compared with the original on texts.
"""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Sequence
from typing import Any, Final

from tokenizers import Tokenizer

from treaty_events.segmentation import SentencePieceSegmenter
from treaty_events.windows import tokenize

logger = logging.getLogger(__name__)
# Share of the texts in which the two may differ: the rarities that `treaty_events.segmentation` names.
_RARE: Final = 0.02
# Normalisations of `tokenizers` and what SentencePiece calls them.
_RULES: Final = {"NFKC": "nfkc"}
_SQUEEZE: Final = {"Regex": " {2,}"}
# Kinds of pieces in a SentencePiece model.
_NORMAL, _UNKNOWN, _CONTROL = 1, 2, 3


def _normalisation(spec: dict[str, Any] | None) -> tuple[bytes, bool] | None:
    """Give the compiled character map of a normalizer and whether it squeezes spaces; None if it is of another kind."""
    steps = [] if spec is None else spec.get("normalizers", [spec])
    compiled, squeezed = b"", False
    for number, step in enumerate(steps):
        if step["type"] == "Precompiled" and number == 0:
            compiled = base64.b64decode(step["precompiled_charsmap"])
        elif step["type"] in _RULES and number == 0:
            compiled = _compiled(_RULES[step["type"]])
        elif step["type"] == "Replace" and step["pattern"] == _SQUEEZE and step["content"] == " ":
            squeezed = True
        else:
            return None
    return compiled, squeezed


def _compiled(rule: str) -> bytes:
    from sentencepiece import SentencePieceNormalizer
    from sentencepiece.sentencepiece_model_pb2 import ModelProto

    model = ModelProto()
    model.ParseFromString(SentencePieceNormalizer(rule_name=rule).serialized_model_proto())
    result: bytes = model.normalizer_spec.precompiled_charsmap
    return result


def convert(tokenizer: Tokenizer) -> bytes | None:
    """Convert a tokenizer; None if it is not of the kind that SentencePiece can stand in for."""
    from sentencepiece.sentencepiece_model_pb2 import ModelProto

    spec = json.loads(tokenizer.to_str())
    model, marking = spec["model"], spec["pre_tokenizer"] or {}
    known = (
        model.get("type") == "Unigram"
        and model.get("unk_id") is not None
        and not model.get("byte_fallback")
        and marking.get("type") == "Metaspace"
        and marking.get("prepend_scheme", "always") == "always"
        and marking.get("replacement") == "▁"
        # Pieces that go on over white space are never found by `tokenizers`; added words are found before all others.
        and not any("▁" in piece[1:] for piece, _ in model["vocab"])
        and all(added["special"] for added in spec["added_tokens"])
    )
    normalisation = _normalisation(spec["normalizer"]) if known else None
    if normalisation is None:
        return None
    result = ModelProto()
    result.normalizer_spec.precompiled_charsmap, squeezed = normalisation
    result.normalizer_spec.add_dummy_prefix = True
    result.normalizer_spec.remove_extra_whitespaces = squeezed
    result.normalizer_spec.escape_whitespaces = True
    special = {added["content"]: added["id"] for added in spec["added_tokens"]}
    for number, (text, score) in enumerate(model["vocab"]):
        piece = result.pieces.add()
        piece.piece, piece.score = text, score
        piece.type = _UNKNOWN if number == model["unk_id"] else _CONTROL if text in special else _NORMAL
    trainer = result.trainer_spec
    trainer.model_type = 1  # unigram
    trainer.vocab_size = len(model["vocab"])
    trainer.unk_id, trainer.unk_piece = model["unk_id"], model["vocab"][model["unk_id"]][0]
    for field, token in (("bos", "<s>"), ("eos", "</s>"), ("pad", "<pad>")):
        setattr(trainer, f"{field}_id", special.get(token, -1))
        setattr(trainer, f"{field}_piece", token)
    serialised: bytes = result.SerializeToString()
    return serialised


def differing(model: bytes, tokenizer: Tokenizer, texts: Sequence[str]) -> list[str]:
    """Give the texts that a SentencePiece model segments otherwise than the tokenizer it was made of.

    White space at a text's ends is left out: `tokenizers` gives it a piece that holds no character.
    """
    bare = [text.strip() for text in texts]
    pairs = zip(bare, SentencePieceSegmenter(model).segment(bare), tokenize(tokenizer, bare), strict=True)
    return [
        text
        for text, ours, theirs in pairs
        if ours.ids.tolist() != theirs.ids.tolist()
        or ((ours.starts != theirs.starts) | (ours.ends != theirs.ends))[ours.starts < ours.ends].any()
    ]


def pieces_of(tokenizer: Tokenizer, texts: Sequence[str]) -> bytes | None:
    """Convert a tokenizer and compare the result on texts; None, with a warning, where it cannot be stood in for."""
    model = convert(tokenizer)
    if model is None:
        logger.warning("SentencePiece cannot stand in for this tokenizer: the release needs the tokenizers library")
        return None
    other = differing(model, tokenizer, texts)
    if len(other) > _RARE * len(texts):
        logger.warning(
            "SentencePiece segments %d of %d texts otherwise, the first of them %.60r: "
            "not used, the release needs the tokenizers library",
            len(other),
            len(texts),
            other[0],
        )
        return None
    return model
