"""Treaty events from news in many languages: which step of which agreement, between whom, when, where, by whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import AnnotationError, InputError, MissingExtraError, ReleaseError, TreatyEventsError

if TYPE_CHECKING:
    from .extractor import Extractor, predict
    from .schema import Document, TreatyEvent

__all__ = [
    "AnnotationError",
    "Document",
    "Extractor",
    "InputError",
    "MissingExtraError",
    "ReleaseError",
    "TreatyEvent",
    "TreatyEventsError",
    "predict",
]
_LAZY = {
    "Extractor": "extractor",
    "predict": "extractor",
    "Document": "schema",
    "TreatyEvent": "schema",
}


def __getattr__(name: str) -> Any:
    # The runtime is only imported by those who use it: `import treaty_events` stays quick.
    if name in _LAZY:
        from importlib import import_module

        return getattr(import_module(f".{_LAZY[name]}", __name__), name)
    if name == "__version__":
        from .extractor import package_version

        return package_version()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
