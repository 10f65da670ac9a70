"""Canonical JSON (RFC 8785): the one text in which a statement is digested and signed.

Exact numbers are text. A JSON number is a whole number within ±(2⁵³ − 1), which every reader of JSON keeps exactly; a
binary float is refused, so that no language's way of writing one can change a signed figure.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, NoReturn

import rfc8785

from commonshed.errors import ProofError

__all__ = ["canonical", "digest", "plain", "read"]

_LARGEST = 2**53 - 1
_OTHER_ORDER = "\ue000"


def canonical(value: object) -> bytes:
    """A value as canonical JSON.

    Raises
    ------
    ProofError
        It holds a binary float, a whole number beyond ±(2⁵³ − 1), or something that is no JSON.

    References
    ----------
    RFC 8785, JSON Canonicalization Scheme.
    """
    try:
        held = plain(value)
    except RecursionError:
        raise ProofError("this cannot be written as canonical JSON: it is nested too deeply") from None
    # Of text below U+E000 the standard library's order of names and its escapes are those of the RFC, and it is some
    # ten times as fast; above, UTF-16 code units sort otherwise than code points.
    text = json.dumps(held, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    try:
        return text.encode() if max(text) < _OTHER_ORDER else rfc8785.dumps(held)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise ProofError(f"this cannot be written as canonical JSON: {error}") from None


def digest(value: object) -> str:
    """SHA-256 of a value's canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical(value)).hexdigest()


def plain(value: object) -> Any:
    """A record as plain JSON: mappings, lists, text, whole numbers, yes and no, nothing.

    Raises
    ------
    ProofError
        It holds a binary float or another kind of object.
    """
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, int):
        if abs(value) > _LARGEST:
            raise ProofError(f"{value} is beyond the whole numbers every reader of JSON keeps: write it as text")
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        return [plain(inner) for inner in value]
    raise ProofError(f"{value!r} is a {type(value).__name__}: in a statement exact numbers are text")


def read(content: bytes) -> Any:
    """Read JSON strictly.

    Raises
    ------
    ProofError
        It is no JSON in UTF-8, a name stands twice in one object, or it holds a binary float.
    """
    try:
        return json.loads(
            content.decode("utf-8"), parse_float=_refused, parse_constant=_refused, object_pairs_hook=_object
        )
    except (ValueError, RecursionError) as error:  # a number of 5,000 digits is a plain ValueError
        raise ProofError(f"this is not JSON in UTF-8: {error}") from None


def _refused(text: str) -> NoReturn:
    raise ProofError(f"a binary float, {text}: in a statement exact numbers are text")


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ProofError(f"the name {twice!r} stands twice in one object")
    return found
