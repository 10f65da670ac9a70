"""``sharing.json``: what a giver says an asker may have, segment by segment, read and written in one place.

A key is the position of a segment, ``17``, or a run of positions, ``17-940``: every segment in it is given the same
way, and what else is entered there is no concern of this document. A long log is answered page by page: ``from`` and
``to`` say which positions an answer is about, ``sealed`` how many there are.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal, get_args

from commonshed.errors import ProofError

__all__ = ["FORMAT", "MOST", "Offer", "State", "runs"]

FORMAT = "commonshed-sharing/1"
MOST = 50_000
"""Positions that one answer of a server is about at most; a static file is about all."""

State = Literal["whole", "part", "none"]
"""Every row of a segment, those of some chunks, or the hashes of its chunks alone."""

_STATES: tuple[str, ...] = get_args(State)


@dataclass(frozen=True)
class Offer:
    """What an asker may have of the segments at some positions.

    Attributes
    ----------
    rule : str or None
        Digest of the sharing rule in force.
    audience : str
        ``public`` or the name by which the rule knows the asker.
    sealed : int
        Size of the log.
    first, last : int
        Positions this is about, both included; ``last`` is below ``first`` where there are none.
    segments : tuple of (first, last, state)
        Runs of positions, ascending.
    terms : tuple of mappings
        Per rule by which something is given: ``rule``, ``delay`` [s], ``use`` and of what.
    """

    rule: str | None
    audience: str
    sealed: int
    first: int
    last: int
    segments: tuple[tuple[int, int, State], ...]
    terms: tuple[Mapping[str, Any], ...] = field(default=(), compare=False)

    def of(self, position: int) -> State:
        """How the segment at a position is given; what nobody spoke of is not."""
        at = bisect_right(self.segments, position, key=lambda run: run[0]) - 1
        if at < 0 or position > self.segments[at][1]:
            return "none"
        return self.segments[at][2]

    def content(self) -> dict[str, Any]:
        """As it is sent."""
        return {
            "format": FORMAT,
            "rule": self.rule,
            "audience": self.audience,
            "sealed": self.sealed,
            "from": self.first,
            "to": self.last,
            "segments": {str(low) if low == high else f"{low}-{high}": state for low, high, state in self.segments},
            "terms": list(self.terms),
        }

    @classmethod
    def parse(cls, content: Any) -> Offer:
        """From a decoded answer.

        Raises
        ------
        ProofError
            It is not in the form.
        """
        try:
            if content["format"] != FORMAT:
                raise ValueError(f"its format is {str(content['format'])[:80]!r}")
            segments = sorted(_run(key, state) for key, state in content["segments"].items())
            if any(after[0] <= before[1] for before, after in pairwise(segments)):
                raise ValueError("it says two things of one segment")
            sealed = _number(content["sealed"])
            first, last = content.get("from", 0), content.get("to", sealed - 1)
            rule, audience = content["rule"], content["audience"]
            if not (rule is None or isinstance(rule, str)) or not isinstance(audience, str):
                raise ValueError("its rule and audience are names")
            terms = tuple(each for each in content.get("terms", ()) if isinstance(each, dict))
            return cls(rule, audience, sealed, _number(first), _number(last, least=-1), tuple(segments), terms)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ProofError(f"what a node says it shares cannot be read: {error}") from None


def runs(states: Iterable[tuple[int, State]]) -> tuple[tuple[int, int, State], ...]:
    """Segments in order of position, each with its state, as runs of the same state."""
    found: list[tuple[int, int, State]] = []
    for position, state in states:
        if found and found[-1][2] == state:
            found[-1] = (found[-1][0], position, state)
        else:
            found.append((position, position, state))
    return tuple(found)


def _run(key: str, state: Any) -> tuple[int, int, State]:
    low, dash, high = key.partition("-")
    if state not in _STATES or not all(
        each.isascii() and each.isdigit() and len(each) < 16 for each in (low, high or low)
    ):
        raise ValueError(f"{key[:40]!r}: {str(state)[:40]!r} is no segment with what is given of it")
    first, last = int(low), int(high if dash else low)
    if last < first:
        raise ValueError(f"{key[:40]!r} is no run of positions")
    return first, last, state


def _number(value: Any, least: int = 0) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ValueError(f"{str(value)[:40]!r} is no position")
    return value
