"""CoNLL-2003 columns, one file a label: token and BIO tag. Written only: the text cannot be had back from them."""

from __future__ import annotations

from collections.abc import Sequence

from treaty_events import vocabulary
from treaty_events.annotation import AnnotatedDocument

from .tokens import tokens

_SENTENCE_END = frozenset(".!?。！？؟।")


def write(documents: Sequence[AnnotatedDocument]) -> dict[str, str]:
    """Write a file for each label: `TOKEN<TAB>TAG`, an empty line after a sentence, `-DOCSTART-` before a document."""
    out: dict[str, list[str]] = {label: [] for label in vocabulary.SPAN_LABELS}
    for document in documents:
        found = list(tokens(document.text))
        for label, lines in out.items():
            lines.append("-DOCSTART-\tO\n")
            spans = [(m.start, m.end) for m in document.mentions if m.label == label]
            before = None
            for index, (start, end) in enumerate(found):
                token = document.text[start:end]
                span = next((s for s in spans if s[0] < end and s[1] > start), None)
                tag = "O" if span is None else f"{'I' if span == before else 'B'}-{label}"
                before = span
                lines.append(f"{token}\t{tag}")
                following = found[index + 1][0] if index + 1 < len(found) else end
                if span is None and (token in _SENTENCE_END or "\n" in document.text[end:following]):
                    lines.append("")
            lines.append("")
    return {f"{label}.conll": "\n".join(lines) + "\n" for label, lines in out.items()}
