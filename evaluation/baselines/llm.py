"""Large language models behind any service of the OpenAI protocol, asked for events in JSON with quotes.

The prompt is a condensed annotation guide (`llm_guide.md`) and the JSON Schema of the answer. Models count characters
badly, so they quote, and the quotes are looked up in the text (`quotes`): what is not there is dropped and counted,
since a field without evidence is none. Codes and dates are the model's own; no table of this package corrects them.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from importlib import resources
from typing import Any, Final

from data.documents import text_digest
from evaluation.gold import EventDocument, EventRecord
from treaty_events.errors import InputError

from .answer import answer_schema, parse_answer, to_records
from .chat import Answer, ChatClient, Usage
from .records import prediction

GUIDE: Final = "llm_guide.md"
RESPONSE_FORMATS: Final = ("json_schema", "json_object", "none")


@functools.cache
def instructions() -> str:
    """Give the system prompt: the guide and the schema."""
    guide = (resources.files("evaluation.baselines") / GUIDE).read_text(encoding="utf-8")
    return f"{guide}\nJSON Schema of the answer:\n{json.dumps(answer_schema(), separators=(',', ':'))}\n"


class LlmEvents:
    """Events from a large language model.

    Args:
        client: of the service.
        model: its name there.
        response_format: one of `RESPONSE_FORMATS`; services differ in what they know.
        options: further keys of the request, `temperature` for example.
        answers: how often it is asked for an answer that can be read.
    """

    def __init__(
        self,
        client: ChatClient,
        model: str,
        *,
        response_format: str = "json_schema",
        options: Mapping[str, Any] | None = None,
        answers: int = 2,
    ) -> None:
        self.client, self.answers = client, answers
        self.options: dict[str, Any] = {"model": model, **(options or {})}
        if response_format == "json_schema":
            named = {"name": "treaty_events", "strict": True, "schema": answer_schema()}
            self.options["response_format"] = {"type": "json_schema", "json_schema": named}
        elif response_format == "json_object":
            self.options["response_format"] = {"type": "json_object"}

    @property
    def identity(self) -> dict[str, str]:
        """Which model was asked what: answers of another one are no substitute."""
        asked = json.dumps([instructions(), self.options], sort_keys=True)
        return {"model": str(self.options["model"]), "request": hashlib.sha256(asked.encode()).hexdigest()[:12]}

    def _read(self, answer: Answer) -> list[Any]:
        if answer.finish == "length":
            raise InputError("the answer was cut off: allow more tokens, e.g. --option max_tokens=8192")
        return parse_answer(answer.content)

    def line(self, document: EventDocument) -> dict[str, Any]:
        """Ask for a text's events.

        Returns:
            The line of predictions; also `system`, `sha256` of the text, `usage`, `dropped`, and `problem` if no answer
            could be read (then it has no events).

        Raises:
            ServiceError: the service gives no answer.
        """
        published = "unknown" if document.published is None else document.published.isoformat()
        messages = [
            {"role": "system", "content": instructions()},
            {"role": "user", "content": f"Published: {published}\n\nText:\n{document.text}"},
        ]
        usage, problem = Usage(), ""
        events: list[EventRecord] = []
        dropped: Counter[str] = Counter()
        for _ in range(self.answers):
            answer = self.client.ask(messages, **self.options)
            usage += answer.usage
            try:
                events, dropped = to_records(self._read(answer), document.text)
                problem = ""
                break
            except InputError as error:
                problem = str(error)
            again = f"{problem}. Answer again, with the JSON object of the schema alone."
            messages = [
                *messages[:2],
                {"role": "assistant", "content": answer.content},
                {"role": "user", "content": again},
            ]
        return {
            **prediction(document, events),
            "system": self.identity,
            "sha256": text_digest(document.text),
            "usage": {name: getattr(usage, name) for name in Usage.__slots__},
            "dropped": dict(dropped),
            **({"problem": problem} if problem else {}),
        }

    def predict(self, document: EventDocument) -> list[EventRecord]:
        """Give the events of a text, see `line`."""
        events: list[EventRecord] = self.line(document)["events"]
        return events
