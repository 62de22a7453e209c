"""How well words are turned into values: `python -m evaluation.normalisation`.

Measures the resolvers of countries, organisations, dates and durations on the tables in `evaluation/values/`. Those
were written from knowledge of the languages by someone who saw neither the resolvers' lists nor their answers; a form
that is wrong here is mended in the lists by its kind, never by copying it from the table.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from treaty_events import countries, dates, durations, organisations
from treaty_events.files import write_json

from .report import table

VALUES: Final = Path(__file__).parent / "values"
NOTHING: Final = "-"
NEGATIVE: Final = "negative"


class Case(NamedTuple):
    """A form with the value that it should get; None if it should get none."""

    lang: str
    form: str
    value: str | None
    kind: str
    published: datetime.date | None = None


def read_cases(path: Path) -> Iterator[Case]:
    """Read a table: tab-separated, with a header line."""
    with open(path, encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            value = row.get("value") or NOTHING
            published = row.get("published") or NOTHING
            yield Case(
                row["lang"],
                row["form"],
                None if value == NOTHING else value,
                row.get("class") or (NEGATIVE if value == NOTHING else "all"),
                None if published == NOTHING else datetime.date.fromisoformat(published),
            )


def _country(case: Case) -> str | None:
    return "+".join(countries.resolve(case.form, case.lang)) or None


def _organisation(case: Case) -> str | None:
    return organisations.resolve(case.form, case.lang)


def _date(case: Case) -> str | None:
    parsed = dates.parse(case.form, language=case.lang, published=case.published)
    return None if parsed is None else parsed.edtf


def _duration(case: Case) -> str | None:
    return durations.parse(case.form, case.lang)


RESOLVERS: Final[dict[str, tuple[Callable[[Case], str | None], tuple[str, ...]]]] = {
    "countries": (_country, ("countries.tsv", "countries_negative.tsv")),
    "organisations": (_organisation, ("organisations.tsv",)),
    "dates": (_date, ("dates.tsv",)),
    "durations": (_duration, ("durations.tsv",)),
}


class Outcome(NamedTuple):
    """A case and what the resolver gave."""

    case: Case
    given: str | None

    @property
    def is_wrong(self) -> bool:
        """Whether it gave a value that is not the right one."""
        return self.given is not None and self.given != self.case.value


def run(name: str, directory: Path = VALUES) -> list[Outcome]:
    """Resolve all cases of one of `RESOLVERS`."""
    resolve, files = RESOLVERS[name]
    cases = [case for file in files for case in read_cases(directory / file)]
    return [Outcome(case, resolve(case)) for case in cases]


def figures(outcomes: Iterable[Outcome]) -> dict[str, Any]:
    """Give the figures of some outcomes.

    Returns:
        `forms` with a value and how many are `right` and `wrong` as shares, `negatives` and the share of `false` hits.
    """
    kept = list(outcomes)
    positive = [o for o in kept if o.case.value is not None]
    negative = [o for o in kept if o.case.value is None]
    return {
        "forms": len(positive),
        "languages": len({o.case.lang for o in positive}),
        "right": sum(o.given == o.case.value for o in positive) / max(1, len(positive)),
        "wrong": sum(o.is_wrong for o in positive) / max(1, len(positive)),
        "negatives": len(negative),
        "false": sum(o.is_wrong for o in negative) / max(1, len(negative)),
    }


def measure(directory: Path = VALUES) -> dict[str, dict[str, Any]]:
    """Measure all resolvers.

    Returns:
        By resolver: `all`, and by class and language under `classes` and `by_language`; see `figures`.
    """
    measured = {}
    for name in RESOLVERS:
        outcomes = run(name, directory)
        kinds = sorted({o.case.kind for o in outcomes})
        languages = sorted({o.case.lang for o in outcomes})
        measured[name] = {
            "all": figures(outcomes),
            "classes": {kind: figures(o for o in outcomes if o.case.kind == kind) for kind in kinds},
            "by_language": {lang: figures(o for o in outcomes if o.case.lang == lang) for lang in languages},
        }
    return measured


def markdown(measured: dict[str, dict[str, Any]]) -> str:
    """Write the figures as Markdown tables."""
    head = ("what", "forms", "languages", "right", "wrong", "negatives", "false hits")

    def row(name: str, found: dict[str, Any]) -> tuple[Any, ...]:
        shares = {k: f"{100 * found[k]:.1f} %" for k in ("right", "wrong", "false")}
        positive = (shares["right"], shares["wrong"]) if found["forms"] else ("", "")
        negative = shares["false"] if found["negatives"] else ""
        return name, found["forms"], found["languages"], *positive, found["negatives"], negative

    parts = [table(head, [row(name, found["all"]) for name, found in measured.items()])]
    for name, found in measured.items():
        rows = [row(kind, by) for kind, by in found["classes"].items()]
        parts += [f"### {name}, by class", table(head, rows)]
    return "\n\n".join(parts) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.normalisation", description=__doc__.splitlines()[0])
    parser.add_argument("--errors", choices=tuple(RESOLVERS), help="list what this resolver gets wrong or misses")
    parser.add_argument("--output", type=Path, help="JSON file for the figures")
    options = parser.parse_args(arguments)
    if options.errors:
        for case, given in run(options.errors):
            if given != case.value:
                sys.stdout.write(
                    f"{case.lang}\t{case.form}\t{case.published or ''}\t{case.value}\t{given}\t{case.kind}\n"
                )
        return 0
    measured = measure()
    if options.output:
        write_json(options.output, measured)
    sys.stdout.write(markdown(measured))
    return 0


if __name__ == "__main__":
    sys.exit(main())
