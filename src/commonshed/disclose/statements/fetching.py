"""A statement from a file or an address, with a limit on how much and how long."""

from __future__ import annotations

import time
from pathlib import Path

import httpx

from commonshed.errors import InputError, PeerError

__all__ = ["LARGEST", "fetch"]

LARGEST = 256 * 1024 * 1024
"""Bytes of a statement: days of a national network stay below."""

_TIMEOUT = httpx.Timeout(10.0, read=30.0)
_MOST_REDIRECTS = 3
_LONGEST = 600.0  # s for a whole answer: byte by byte one could be kept waiting for years


def fetch(source: str, *, largest: int = LARGEST, longest: float = _LONGEST) -> bytes:
    """The bytes of a statement.

    Parameters
    ----------
    source : str
        A file, or an address that begins with ``http://`` or ``https://``.
    largest : int
        More is refused. [bytes]
    longest : float
        Whatever has not come by then is given up. [s]

    Raises
    ------
    InputError
        There is no such file, or it is too large.
    PeerError
        The address cannot be reached, answers with a fault, too slowly or with too much.
    """
    if source.startswith(("http://", "https://")):
        return _downloaded(source, largest, longest)
    path = Path(source)
    try:
        if path.stat().st_size > largest:
            raise InputError("this is too large for a statement", file=path, mend=f"One has up to {largest:,} bytes")
        return path.read_bytes()
    except IsADirectoryError:
        raise InputError("this is a folder and no statement", file=path, mend="Name the file") from None
    except FileNotFoundError:
        raise InputError("there is no such file", file=path, mend="Check the path, or give an address") from None


def _downloaded(url: str, largest: int, longest: float) -> bytes:
    until = time.monotonic() + longest
    try:
        with (
            httpx.Client(timeout=_TIMEOUT, follow_redirects=True, max_redirects=_MOST_REDIRECTS) as client,
            client.stream("GET", url, headers={"Accept": "application/json"}) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                raise PeerError(
                    f"{url} answers {answer.status_code} {answer.reason_phrase}: there is no statement there"
                )
            held = bytearray()
            for piece in answer.iter_bytes():
                held += piece
                if len(held) > largest:
                    raise PeerError(f"{url} sends more than the {largest:,} bytes a statement may have; stopped")
                if time.monotonic() > until:
                    raise PeerError(f"{url} takes longer than {longest:g} s; stopped")
            return bytes(held)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise PeerError(f"{url} cannot be read: {error or type(error).__name__}") from None
