"""What the service lets a request ask for, and how it puts articles together."""

from __future__ import annotations

import dataclasses
import math

from ..errors import InputError


@dataclasses.dataclass(frozen=True)
class Limits:
    """Limits of the service.

    Attributes:
        max_bytes: size of a request's body at most.
        max_texts: articles of a request at most.
        timeout: seconds that a request's body may take to arrive, and again that its articles may take to be read; in
            the process of its own (`process.run`) also that a client may neither ask nor take anything.
        max_waiting: articles that wait at most, all requests together.
        batch_texts: articles that are read together at most.
        batch_characters: characters that are read together at most; a longer article is read alone.
        batch_delay: seconds that an article waits for others to be read with it when nothing else is being read.
        grace: seconds after the signal to stop in which articles that wait are still read.

    Raises:
        InputError: a number is too small.
    """

    max_bytes: int = 2_000_000
    max_texts: int = 64
    timeout: float = 60.0
    max_waiting: int = 256
    batch_texts: int = 16
    batch_characters: int = 200_000
    batch_delay: float = 0.005
    grace: float = 5.0

    def __post_init__(self) -> None:
        for name in ("max_bytes", "max_texts", "max_waiting", "batch_texts", "batch_characters"):
            if getattr(self, name) < 1:
                raise InputError(f"{name} is {getattr(self, name)}: give at least 1")
        for name, least in (("timeout", 0.001), ("batch_delay", 0.0), ("grace", 0.0)):
            if not least <= getattr(self, name) < math.inf:
                raise InputError(f"{name} is {getattr(self, name)}: give at least {least:g} seconds")
        if self.max_waiting < self.max_texts:
            raise InputError(
                f"max_waiting {self.max_waiting} is less than max_texts {self.max_texts}: "
                "a request of that many articles could never be taken"
            )
