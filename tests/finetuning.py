"""Articles and configurations for the tests of fine-tuning."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from data import markup
from data.documents import AnnotatedDocument, write_documents

from .conftest import SOURCE

NAMES = "Astana Doha Bishkek Ankara Moskva Minsk Rabat Tunis".split()


def variants(prefix: str, *numbers: int) -> list[AnnotatedDocument]:
    """Different articles in the fixtures' form: each with a text, an id and a story of its own."""
    french = SOURCE.partition("=== ru-1")[0]
    parts = []
    for n in numbers:
        own = french.replace("fr-1", f"{prefix}-{n}").replace("KAZ-QAT-2023-x", f"{prefix}-story-{n}")
        parts.append(own.replace("Darkhan Akhmediev", f"{NAMES[n % len(NAMES)]} {prefix.title()}{n}"))
    return markup.parse("".join(parts))


def configure(folder: Path, start: Path, **data: Any) -> Path:
    """A run on a corpus of eight articles, as a user would write it."""
    write_documents(folder / "train.jsonl", variants("corpus", *range(8)))
    write_documents(folder / "dev.jsonl", variants("dev", *range(4)))
    values = {
        "output": str(folder / "run"),
        "model": {"start": str(start)},
        "data": {
            "train": [str(folder / "train.jsonl")],
            "compare": [str(folder / "dev.jsonl")],
            "compare_documents": 3,
            "replay": 3,
            "held_out": 0.34,
            **data,
        },
        "optimiser": {"epochs": 1, "patience": 0, "batch_tokens": 128},
    }
    path = folder / "finetune.yaml"
    path.write_text(yaml.safe_dump(values))
    return path


def changed(path: Path, **values: Any) -> Path:
    path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | values))
    return path
