"""What can go wrong, as types a program can catch and sentences a person can act on.

The tree::

    CommonshedError
    ├── InputError           what was given cannot be used: file, row, field, value and the mend
    │   ├── CannotListen     an address or a port: taken, not ours, or not allowed
    │   ├── ReadingsError    a file of readings
    │   ├── PlacesError      jurisdictions, stations, polygons
    │   │   └── RiverError   a river network, or what is asked of it: a loop, a section off it, a reach without flow
    │   ├── AgreementError   an agreement between jurisdictions: a section no one owns, a price missing
    │   ├── FrameError       a frame of a measuring device
    │   ├── UnknownName      a name nobody declared; lists the nearest ones
    │   └── PeriodError      a period that cannot be read
    ├── LawError             a question the law, as we hold it, does not answer
    │   ├── NotCovered       no regime governs that date and place; names the nearest
    │   └── LaxerLayer       a local layer that would weaken the standard it sits on
    ├── ShedError            the folder of a shed
    │   ├── ShedNotFound     no shed there
    │   ├── ShedLocked       another process is sealing
    │   └── ShedDamaged      a file is not what the log says
    ├── ProofError           a signature, a checkpoint, a proof or a statement that does not hold
    ├── PeerError            another node: out of reach, not answering as agreed, or caught
    └── MissingExtra         an optional part of the installation is needed

``cli`` turns these into exit codes (2 for what the user can mend, 1 for our own faults) in one place.
"""

from __future__ import annotations

import difflib
import errno
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

__all__ = [
    "AgreementError",
    "CannotListen",
    "CommonshedError",
    "FrameError",
    "InputError",
    "LawError",
    "LaxerLayer",
    "MissingExtra",
    "NotCovered",
    "PeerError",
    "PeriodError",
    "PlacesError",
    "ProofError",
    "ReadingsError",
    "RiverError",
    "ShedDamaged",
    "ShedError",
    "ShedLocked",
    "ShedNotFound",
    "UnknownName",
    "plain",
]

_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff]")

_LISTENING: dict[int | None, tuple[str, str]] = {
    errno.EADDRINUSE: ("another program listens there already", "Choose another port, or end that program"),
    errno.EADDRNOTAVAIL: (
        "this machine has no such address",
        "Name an address of this machine, or 0.0.0.0 for all of them",
    ),
    errno.EACCES: ("not allowed for this user", "Choose a port from 1024 on"),
}
"""What is wrong and the mend, by what the system says when a program wants to listen."""


class CommonshedError(Exception):
    """Root of every error this project raises on purpose."""


class InputError(CommonshedError):
    """What was given cannot be used.

    Parameters
    ----------
    problem : str
        What is wrong, as a sentence without its full stop.
    file, row, field, value
        Where: the file, the row (1 is the first row under the header), the column or key, the offending text.
    mend : str, optional
        What to do about it.
    """

    def __init__(
        self,
        problem: str,
        *,
        file: str | Path | None = None,
        row: int | None = None,
        field: str | None = None,
        value: object = None,
        mend: str | None = None,
    ) -> None:
        self.problem = problem
        self.file = None if file is None else str(file)
        self.row = row
        self.field = field
        self.value = value
        self.mend = mend
        super().__init__(self._sentence())

    def _sentence(self) -> str:
        where = [
            *([self.file] if self.file is not None else []),
            *([f"row {self.row}"] if self.row is not None else []),
            *([f"field {self.field}"] if self.field is not None else []),
        ]
        lead = f"{', '.join(where)}: " if where else ""
        given = f" (given: {str(self.value)!r})" if self.value is not None else ""
        mend = f". {self.mend}" if self.mend else ""
        return f"{lead}{self.problem}{given}{mend}"


class CannotListen(InputError):
    """An address or a port of this machine cannot be listened on.

    Parameters
    ----------
    error : OSError
        What the system said.
    host, port : str, int
    field : str
        The option that gave the port.
    """

    def __init__(self, error: OSError, *, host: str, port: int, field: str) -> None:
        import socket

        unknown = error.strerror or str(error), "Choose another address or port"
        reason, mend = _LISTENING.get(
            errno.EADDRNOTAVAIL if isinstance(error, socket.gaierror) else error.errno, unknown
        )
        super().__init__(f"cannot listen on {host}: {reason}", field=field, value=port, mend=mend)


class ReadingsError(InputError):
    """A file of readings cannot be used."""


class PlacesError(InputError):
    """A file of jurisdictions, stations or polygons cannot be used."""


class RiverError(PlacesError):
    """A river network, or what is asked of it, does not hold together: the message names the place or the path."""


class AgreementError(InputError):
    """An agreement between jurisdictions cannot be settled as it is written."""


class FrameError(InputError):
    """A frame of a measuring device cannot be used."""


class PeriodError(InputError):
    """A period cannot be read."""


class UnknownName(InputError):
    """A name that nobody declared; the message lists the nearest declared ones."""

    def __init__(self, kind: str, name: str, known: Iterable[str], **where: Any) -> None:
        self.kind = kind
        self.name = name
        self.known = sorted(known)
        near = difflib.get_close_matches(name, self.known, n=3, cutoff=0.5) or self.known[:12]
        mend = f"Did you mean {' or '.join(near)}?" if near else f"No {kind} is declared yet"
        super().__init__(f"there is no {kind} {name!r}", mend=mend, **where)


class LawError(CommonshedError):
    """A question that the law, as we hold it, does not answer."""


class NotCovered(LawError):
    """No regime governs that date and place; the message names the nearest that does."""


class LaxerLayer(LawError):
    """A local layer would weaken the standard it sits on; the message shows both values."""


class ShedError(CommonshedError):
    """Something about the folder of a shed."""


class ShedNotFound(ShedError):
    """There is no shed in that folder."""


class ShedLocked(ShedError):
    """Another process is sealing this shed."""


class ShedDamaged(ShedError):
    """A file of the shed is not what its manifest says it is."""


class ProofError(CommonshedError):
    """A signature, a checkpoint, a proof or a statement does not hold; the message says which part of it."""


class PeerError(CommonshedError):
    """Another node is out of reach, does not answer as agreed, or was caught."""


class MissingExtra(CommonshedError):
    """An optional part of the installation is needed.

    Parameters
    ----------
    extra : str
        Name of the extra, as in ``pip install 'commonshed[plot]'``.
    purpose : str
        What it is needed for, as in "drawing pictures".
    """

    def __init__(self, extra: str, purpose: str) -> None:
        self.extra = extra
        self.purpose = purpose
        super().__init__(f"{purpose} needs the extra {extra!r}: pip install 'commonshed[{extra}]'")


def plain(text: str) -> str:
    """A sentence with a stranger's words in it, on one line and fit for a terminal.

    A station or a reason may hold what moves a cursor, hides a line, or turns the direction of writing; each such
    character is shown as a mark.
    """
    return _UNSEEN.sub("\ufffd", text)
