"""Timing: the median of repeated runs, after one that is not counted."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median


def seconds(run: Callable[[], object], repeats: int) -> float:
    """Time a function.

    Args:
        run: what is timed; called once more before, so that nothing is timed that happens only the first time.
        repeats: times that count.

    Returns:
        Median wall-clock seconds.
    """
    run()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return median(times)
