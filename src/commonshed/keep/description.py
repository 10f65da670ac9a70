"""What ``shed.toml`` says that figures depend on, signed: which node this is, and in which zone its days are counted.

The rest of the file is its owner's to edit. Sheds from before, and mirrors, carry no such signature.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable

from commonshed.keep.log.notes import Signer, Verifier

__all__ = ["FORMAT", "is_signed", "signature_of"]

FORMAT = 2
"""Of sheds as this version makes and reads them."""


def signature_of(signer: Signer, node: str, zone: str) -> str:
    """The node's signature on its identity and zone, as it stands in the field ``signed``."""
    return base64.b64encode(signer.sign_bytes(_text(node, zone))).decode()


def is_signed(signed: str, node: str, zone: str, keys: Iterable[Verifier]) -> bool:
    """Whether one of the keys has signed this identity and zone."""
    try:
        value = base64.b64decode(signed, validate=True)
    except (ValueError, binascii.Error):
        return False
    plain = base64.b64encode(value).decode() == signed
    return plain and any(key.signed_bytes(_text(node, zone), value) for key in keys)


def _text(node: str, zone: str) -> bytes:
    return f"commonshed-shed/1\n{node}\n{zone}\n".encode()
