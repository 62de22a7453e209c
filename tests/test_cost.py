from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from evaluation import cost
from treaty_events.errors import InputError

BENCHMARK: dict[str, Any] = {
    "systems": [
        {"system": "onnx-int8", "threads": 2, "lengths": [{"words": 600, "articles_a_second": 10.0}]},
        {"system": "gliner-multi", "threads": 2, "lengths": [{"words": 600, "articles_a_second": 1.0}]},
        {"system": "openvino", "threads": 1, "lengths": [{"words": 600, "articles_a_second": 20.0}]},
    ]
}
GATE = {"speed_onnx": {"stream_times_as_fast_as_model": 4.0}}


def test_hours_come_from_the_measured_rates() -> None:
    (row,) = cost.machine_hours(BENCHMARK, GATE, 600, 2)
    assert row["system"] == "onnx-int8"
    assert row["all"] == pytest.approx(1_000_000 / 10 / 3600)
    assert row["gated"] == pytest.approx(row["all"] / 4)
    (single,) = cost.machine_hours(BENCHMARK, GATE, 600, 1)
    assert single["gated"] is None


def test_what_was_not_measured_is_an_error() -> None:
    with pytest.raises(InputError, match="150 words"):
        cost.machine_hours(BENCHMARK, GATE, 150, 2)


def test_table_has_a_line_for_a_million_and_a_billion(tmp_path: Path) -> None:
    (tmp_path / "benchmark.json").write_text(json.dumps(BENCHMARK), encoding="utf-8")
    (tmp_path / "gate.json").write_text(json.dumps(GATE), encoding="utf-8")
    assert cost.main(["--results", str(tmp_path), "--price", "2"]) == 0
    table = (tmp_path / "cost.md").read_text(encoding="utf-8")
    assert "| every article | 1,000,000 | 28 | 56 |" in table
    assert "| 1,000,000,000 | 6,944 | 13,889 |" in table


def test_missing_figures_are_an_error(tmp_path: Path) -> None:
    assert cost.main(["--results", str(tmp_path)]) == 2
