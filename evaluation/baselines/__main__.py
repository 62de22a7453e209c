"""Events of other systems: `python -m evaluation.baselines SYSTEM --data FILE --output predictions.jsonl`.

Exit code 0: all well; 1: texts are left without a prediction (llm); 2: nothing could be done.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from treaty_events.errors import TreatyEventsError

from .asking import ask_all
from .chat import ChatClient
from .gliner import GlinerEvents, load
from .keyword import KeywordRules
from .llm import RESPONSE_FORMATS, LlmEvents
from .random_guess import RandomGuess
from .records import RECORD_FORM, System, read_texts, write_predictions

logger = logging.getLogger(__name__)


def _write(system: System, options: argparse.Namespace) -> int:
    documents = read_texts(options.data)
    number = write_predictions(options.output, system, documents)
    logger.info("%d events of %d texts in %s", number, len(documents), options.output)
    return 0


def _keyword(options: argparse.Namespace) -> int:
    return _write(KeywordRules(), options)


def _random(options: argparse.Namespace) -> int:
    return _write(RandomGuess.from_file(options.train, options.seed), options)


def _gliner(options: argparse.Namespace) -> int:
    return _write(GlinerEvents(load(options.model), options.threshold), options)


def _llm(options: argparse.Namespace) -> int:
    key = os.environ.get(options.key_env) or None
    client = ChatClient(options.base_url, key, timeout=options.timeout, attempts=options.attempts)
    given: dict[str, Any] = {"temperature": 0, **dict(options.option)}
    system = LlmEvents(
        client,
        options.model,
        response_format=options.response_format,
        options={name: value for name, value in given.items() if value is not None},
    )
    outcome = ask_all(system, read_texts(options.data), options.output)
    return 1 if outcome.failed else 0


def _option(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def parser() -> argparse.ArgumentParser:
    """Give the command line's parser."""
    result = argparse.ArgumentParser(
        prog="python -m evaluation.baselines",
        description=__doc__.splitlines()[0],
        epilog=RECORD_FORM,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--data",
        nargs="+",
        type=Path,
        required=True,
        help="JSONL with id, text and perhaps published; or a folder of articles",
    )
    common.add_argument("--output", type=Path, required=True, help="predictions, JSONL with id and events")
    systems = result.add_subparsers(dest="system", required=True, metavar="SYSTEM")

    def add(name: str, run: Callable[[argparse.Namespace], int], summary: str) -> argparse.ArgumentParser:
        described = f"{summary[0].upper()}{summary[1:]}."
        parser: argparse.ArgumentParser = systems.add_parser(
            name, parents=[common], help=summary, description=described
        )
        parser.set_defaults(run=run)
        return parser

    add("keyword", _keyword, "rules: lists of words in 20 languages, the nearest names and dates")
    chance = add("random", _random, "chance: events drawn with the training split's frequencies")
    chance.add_argument("--train", type=Path, default=Path("data/corpus/train.jsonl"), help="annotated documents")
    chance.add_argument("--seed", type=int, default=0)
    gliner = add("gliner", _gliner, "a GLiNER model, zero-shot, its spans joined by nearness")
    gliner.add_argument("--model", required=True, help="directory, or id on the Hugging Face hub")
    gliner.add_argument("--threshold", type=float, default=0.5, help="score from which on an entity counts")
    llm = add(
        "llm", _llm, "a large language model behind a service of the OpenAI protocol; goes on where it was stopped"
    )
    llm.add_argument("--base-url", required=True, help="e.g. http://localhost:8000/v1")
    llm.add_argument("--model", required=True, help="the model's name there")
    llm.add_argument(
        "--key-env", default="OPENAI_API_KEY", metavar="NAME", help="environment variable with the key; none if unset"
    )
    llm.add_argument("--response-format", choices=RESPONSE_FORMATS, default=RESPONSE_FORMATS[0])
    llm.add_argument(
        "--option",
        action="append",
        default=[],
        type=_option,
        metavar="NAME=VALUE",
        help="further key of the request, e.g. max_tokens=8192; temperature is 0, temperature=null leaves it out",
    )
    llm.add_argument("--timeout", type=float, default=120.0, help="seconds to wait for an answer")
    llm.add_argument("--attempts", type=int, default=6, help="how often a request is tried")
    return result


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; gives the exit code."""
    options = parser().parse_args(arguments)
    logging.basicConfig(format="%(levelname)s: %(message)s", level=logging.INFO)
    try:
        code: int = options.run(options)
    except (TreatyEventsError, OSError) as error:
        logger.error("%s", error)
        return 2
    return code


if __name__ == "__main__":
    sys.exit(main())
