"""Writing rows as CSV and TSV that every reader takes apart alike."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def csv_text(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """Write rows as CSV (RFC 4180, UTF-8, a header line); None becomes an empty cell.

    Raises:
        ValueError: a row has a key that is no column.
    """
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def tsv_text(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """Write rows as strict TSV: one header, no quotes; tabs and line breaks inside a cell become spaces."""
    lines = ["\t".join(columns)]
    for row in rows:
        cells = ("" if row.get(c) is None else str(row[c]) for c in columns)
        lines.append("\t".join(re.sub(r"\s+", " ", cell).strip() for cell in cells))
    return "\n".join(lines) + "\n"


def day_parts(value: str | None) -> tuple[int | None, int | None, int | None]:
    """Take an EDTF date apart into year, month and day; an interval or a season gives what is sure of its start.

    Args:
        value: EDTF level 1, or None.
    """
    match = re.match(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?", value or "")
    if match is None:
        return None, None, None
    year, month, day = (int(part) if part else None for part in match.groups())
    if value is not None and "/" in value:
        other = value.split("/")[1]
        first = value.split("/")[0]
        same = [a for a, b in zip(first.split("-"), other.split("-"), strict=False) if a == b]
        return year if same else None, month if len(same) > 1 else None, None
    return year, month if month is None or month <= 12 else None, day
