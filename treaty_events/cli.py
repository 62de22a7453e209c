"""The command line: `treaty-events predict`, `dossiers`, `export`, `report` and more.

Results go to standard output and nothing else does; errors and progress go to standard error. Exit codes: 0 all well,
1 some input could not be read (the others were), 2 nothing could be done.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence

from .commands import about, annotation, demo, predict, report, results, select, serve
from .errors import TreatyEventsError
from .extractor import package_version

logger = logging.getLogger("treaty_events")
# In the order in which the help lists them.
_COMMANDS = (predict, results, report, select, annotation, serve, demo, about)


def parser() -> argparse.ArgumentParser:
    """Build the parser of all commands."""
    result = argparse.ArgumentParser(prog="treaty-events", description="Find treaty events in news articles.")
    result.add_argument("--version", action="version", version=f"treaty-events {package_version()}")
    commands = result.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in _COMMANDS:
        module.add(commands)
    return result


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; gives the exit code."""
    logging.basicConfig(format="treaty-events: %(message)s", stream=sys.stderr, level=logging.WARNING)
    options = parser().parse_args(arguments)
    try:
        code: int = options.run(options)
        return code
    except TreatyEventsError as error:
        logger.error("%s", error)
        return 2
    except BrokenPipeError:
        # The reader of our output left (as `head` does): nothing more to say.
        sys.stderr.close()
        return 0
    except OSError as error:
        logger.error("%s", error)
        return 2


if __name__ == "__main__":
    sys.exit(main())
