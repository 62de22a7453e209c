"""Two articles, and what the extractor finds in one as plain events, for the tests of the integrations and the hub."""

from __future__ import annotations

from typing import Any

from treaty_events import Extractor

TEXT = "Le Sénat kazakh a ratifié jeudi l'accord de coopération militaire avec le Qatar, signé à Doha."


OTHER = "Саммит ОДКБ пройдёт в Астане 🤝 в среду; договор подписан."


def events_of(extractor: Extractor, text: str, published: str | None = None) -> list[dict[str, Any]]:
    return [event.model_dump(mode="json") for event in extractor.predict(text, published)]
