"""Results as a picture: slot F1 by language with intervals, F1 by label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from treaty_events.errors import MissingExtraError

from .spans import MICRO

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Bar = tuple[str, float, Sequence[float] | None]


def _bars(axes: Axes, bars: Sequence[Bar], title: str) -> None:
    places = range(len(bars))
    axes.barh(list(places), [value for _, value, _ in bars], color="#4477aa", height=0.7)
    for place, (_, _, bounds) in zip(places, bars, strict=True):
        if bounds is not None:
            axes.plot(list(bounds), [place, place], color="black", linewidth=1.2)
    axes.set_yticks(list(places), [name for name, _, _ in bars])
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.grid(axis="x", alpha=0.3)
    axes.set_axisbelow(True)
    axes.set_title(title, fontsize=10)


def _language_bars(measurement: Mapping[str, Any]) -> list[Bar]:
    return [
        (f"{name} ({row['documents']})", row["slot_f1"], row.get("intervals", {}).get("slot_f1"))
        for name, row in measurement["events"].items()
    ]


def _label_bars(measurement: Mapping[str, Any]) -> list[Bar]:
    spans = measurement["spans"]["all"]
    rows = [(name, row) for part in ("mentions", "triggers") for name, row in spans[part].items() if name != MICRO]
    return [(f"{name} ({row['gold']})", row["f1"], row.get("interval")) for name, row in rows]


def plot_results(results: Mapping[str, Any], path: Path) -> None:
    """Draw a row of panels for each measurement.

    Args:
        results: content of `results.json`, with at least one measurement.
        path: PNG file to write.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("matplotlib", "evaluation") from error
    measurements = results["measurements"]
    panels = [
        (_language_bars(m), _label_bars(m) if m.get("spans", {}).get("all", {}).get("mentions") else None)
        for m in measurements
    ]
    heights = [0.9 + 0.22 * max(len(left), len(right or ())) for left, right in panels]
    columns = 2 if any(right for _, right in panels) else 1
    figure = Figure(figsize=(5.5 * columns, sum(heights)), layout="constrained")
    grid = figure.subplots(len(panels), columns, squeeze=False, height_ratios=heights)
    for row, (left, right), measurement in zip(grid, panels, measurements, strict=True):
        _bars(row[0], left, f"{measurement['name']}: slot F1 by language (texts)")
        if right:
            _bars(row[1], right, f"{measurement['name']}: strict span F1 by label (gold spans)")
        elif columns == 2:
            row[1].set_axis_off()
    figure.savefig(path, dpi=120)
