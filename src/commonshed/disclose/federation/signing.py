"""Requests signed with the asker's node key, so that a giver knows which partner asks.

What is signed names the giver's log, the method, the path with its query and the time: a signature taken down on the
way is of no use elsewhere or later. Within the window it can be sent again, and only gets the same answer again: a
download that broke off is resumed with the very same line in the same second, so repeating it is not refused.

The path is that below the address of the node (``/checkpoint`` for ``https://air.example/node/checkpoint`` where the
node's address is ``https://air.example/node``): a node may be mounted anywhere, behind any proxy.
"""

from __future__ import annotations

import base64
import binascii
import re
import time
from dataclasses import dataclass

from commonshed.errors import ProofError
from commonshed.keep.log.notes import ED25519, Signer, Verifier

__all__ = ["SCHEME", "WINDOW", "SignedRequest", "check_request", "sign_request"]

SCHEME = "Commonshed"
WINDOW = 300
"""How far the asker's clock and ours may differ. [s]"""

_FORMAT = "commonshed-request/1"
_FIELD = re.compile(r'\s*([a-z]+)="([^"\\\x00-\x1f]*)"\s*')
_FIELDS = ("key", "at", "signature")
_LONGEST = 1024  # bytes of a header that is looked at


@dataclass(frozen=True)
class SignedRequest:
    """A request whose signature holds.

    Attributes
    ----------
    key : Verifier
        Whose signature it is.
    at : int
        When it was signed, by the asker's clock. [UTC s]
    """

    key: Verifier
    at: int


def sign_request(signer: Signer, *, method: str, target: str, origin: str, at: int | None = None) -> str:
    """The header ``Authorization`` of a request.

    Parameters
    ----------
    signer : Signer
        The asker's node key.
    method : str
        ``GET`` or ``HEAD``.
    target : str
        Path below the address of the node, with its query as it is sent: ``/sharing.json?from=0&to=999``.
    origin : str
        Of the giver's log.
    at : int, optional
        Without it now. [UTC s]

    Examples
    --------
    >>> header = sign_request(Signer("commonshed/a", bytes(32)), method="GET", target="/checkpoint", origin="o", at=9)
    >>> check_request(header, method="GET", target="/checkpoint", origin="o", now=10).key.name
    'commonshed/a'
    """
    at = int(time.time()) if at is None else at
    value = base64.b64encode(signer.sign_bytes(_message(method, target, at, origin))).decode()
    return f'{SCHEME} key="{signer.verifier}", at="{at}", signature="{value}"'


def check_request(header: str, *, method: str, target: str, origin: str, now: float | None = None) -> SignedRequest:
    """Who signed a request.

    Raises
    ------
    ProofError
        The header is not in this form, its time is out of the window, or the signature is not that of its key on this
        very request.
    """
    now = time.time() if now is None else now
    fields = _fields(header)
    key = Verifier.parse(fields["key"])
    if key.kind != ED25519:
        raise ProofError("a request is signed with a node key, not as a witness")
    if not re.fullmatch(r"0|[1-9][0-9]{0,11}", fields["at"]):
        raise ProofError("a signed request says when it was signed, in seconds since 1970")
    at = int(fields["at"])
    if abs(at - now) > WINDOW:
        raise ProofError(
            f"a request signed at {at} came at {int(now)}: the clocks differ by more than {WINDOW} s. Set the clock, "
            "sign again"
        )
    try:
        value = base64.b64decode(fields["signature"], validate=True)
    except (ValueError, binascii.Error):
        raise ProofError("the signature of a request is not base64") from None
    if not key.signed_bytes(_message(method, target, at, origin), value):
        raise ProofError(f"a request is not signed by {key.name}, or not for {method} {target} of {origin}")
    return SignedRequest(key, at)


def _message(method: str, target: str, at: int, origin: str) -> bytes:
    if not target.startswith("/") or any(each in part for part in (method, target, origin) for each in "\r\n"):
        raise ProofError(f"nothing that can be signed as a request: {method!r} {target!r}")
    return f"{_FORMAT}\n{method}\n{target}\n{at}\n{origin}\n".encode()


def _fields(header: str) -> dict[str, str]:
    scheme, _, rest = header.partition(" ")
    parts = [_FIELD.fullmatch(part) for part in rest.split(",")] if len(header) <= _LONGEST else []
    found = [(part[1], part[2]) for part in parts if part is not None]
    if scheme != SCHEME or len(found) != len(parts) or sorted(name for name, _ in found) != sorted(_FIELDS):
        raise ProofError(f'a signed request carries: {SCHEME} key="…", at="…", signature="…"')
    return dict(found)
