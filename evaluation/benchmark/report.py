"""The benchmark's results as a table and a plot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NAMES = {
    "onnx-int8": "treaty-events, ONNX Runtime int8",
    "openvino": "treaty-events, OpenVINO",
    "onnx-float": "the same model, ONNX Runtime float32",
    "pytorch": "the same model, PyTorch float32",
    "gliner-small": "GLiNER small, encoder only",
    "gliner-medium": "GLiNER medium, encoder only",
    "gliner-multi": "GLiNER multi, encoder only",
}
# Operations of the encoder a token, without attention's: twice its weights.
OPERATIONS = 2 * 12 * (4 * 384 * 384 + 2 * 384 * 1536)


def _name(system: str) -> str:
    return NAMES.get(system, system.replace("spacy:", "spaCy "))


def markdown(result: dict[str, Any]) -> str:
    """Write the results as Markdown tables.

    Args:
        result: what the benchmark measured.
    """
    machine = result["machine"]
    lines = [
        f"Machine: {machine['processor']}, {machine['cores']} cores ({', '.join(machine['instructions'])}), "
        f"Python {machine['python']}. Medians; the spread is (slowest - fastest) / median.",
        "",
    ]
    for threads in sorted({r["threads"] for r in result["systems"]}):
        rows = [r for r in result["systems"] if r["threads"] == threads]
        lengths = [x["words"] for x in rows[0]["lengths"]]
        lines += [f"### {threads} thread{'s' if threads > 1 else ''}", ""]
        heads = [f"{w:,} words: articles/s, tokens/s (spread)" for w in lengths]
        lines += ["| system | " + " | ".join(heads) + " | start s | peak MB |", "|---" * (len(heads) + 3) + "|"]
        for row in rows:
            cells = [
                f"{x['articles_a_second']:,.1f}, {x['tokens_a_second']:,} ({x['spread']:.0%})" for x in row["lengths"]
            ]
            lines.append(
                f"| {_name(row['system'])} | {' | '.join(cells)} | {row['start_seconds']} | {row['peak_megabytes']:,} |"
            )
        rates = result["rates"].get(str(threads))
        if rates:
            bounds = [
                f"{name} {rate:,.0f} Gop/s: {rate * 1e9 / OPERATIONS:,.0f} tokens/s" for name, rate in rates.items()
            ]
            lines += ["", "Bound by matrix products alone: " + "; ".join(bounds) + "."]
        lines.append("")
    return "\n".join(lines)


def ratio(result: dict[str, Any], system: str, other: str, threads: int, words: int) -> float:
    """How many times the tokens a second of another system one reads."""
    found = {
        r["system"]: x["tokens_a_second"]
        for r in result["systems"]
        for x in r["lengths"]
        if r["threads"] == threads and x["words"] == words
    }
    return float(found[system] / found[other])


def plot(result: dict[str, Any]) -> Figure:
    """Draw tokens a second of every system, one panel for each number of threads."""
    from matplotlib.figure import Figure

    counts = sorted({r["threads"] for r in result["systems"]})
    figure = Figure(figsize=(9, 3.6 * len(counts)), layout="constrained")
    for threads, axes in zip(counts, figure.subplots(len(counts), squeeze=False)[:, 0], strict=True):
        rows = [r for r in result["systems"] if r["threads"] == threads][::-1]
        lengths = [x["words"] for x in rows[0]["lengths"]]
        height = 0.8 / len(lengths)
        for i, words in enumerate(lengths):
            places = [y + (len(lengths) - 1 - i - (len(lengths) - 1) / 2) * height for y in range(len(rows))]
            values = [r["lengths"][i]["tokens_a_second"] for r in rows]
            colour = ("#0072b2", "#56b4e9", "#009e73")[i % 3]
            axes.barh(places, values, height, label=f"{words:,} words", color=colour)
        axes.set_yticks(range(len(rows)), [_name(r["system"]) for r in rows])
        axes.set_xscale("log")
        axes.set_xlabel("tokens a second (logarithmic)")
        axes.set_title(f"{threads} thread{'s' if threads > 1 else ''}", loc="left")
        axes.grid(axis="x", alpha=0.3)
        axes.legend(frameon=False)
    return figure
