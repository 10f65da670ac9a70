"""Who may post readings over HTTP: ``SHED/gateway/keys.toml``. Only the SHA-256 of a key is kept."""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from commonshed.errors import InputError, UnknownName
from commonshed.observe.gateway.private import editing, read_toml, toml_text, write_private
from commonshed.places import Network
from commonshed.units import quantity

__all__ = ["KEYS", "Key", "add_key", "key_of", "load_keys", "remove_key"]

KEYS = "gateway/keys.toml"
"""Where in a shed."""

_HEAD = """\
# Keys of loggers that speak HTTP. The keys themselves stand nowhere: a lost one is removed and a new one made.
# `commonshed gateway key add | list | remove` edits this; a running gateway sees a change within seconds.
"""
_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.-]{0,63}")
_PREFIX = "cs_"


@dataclass(frozen=True)
class Key:
    """What the holder of a key may send.

    Attributes
    ----------
    name : str
    sha256 : str
        Of the key, in hexadecimal.
    stations, quantities : tuple of str, or None
        Only these; None: all of the network, all that are declared.
    made : str
        Day it was made.
    """

    name: str
    sha256: str
    stations: tuple[str, ...] | None = None
    quantities: tuple[str, ...] | None = None
    made: str = ""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    sha256: str
    stations: list[str] | None = None
    quantities: list[str] | None = None
    made: str = ""


def load_keys(shed: Path) -> dict[str, Key]:
    """The keys of a shed, by SHA-256.

    Raises
    ------
    InputError
        The file cannot be read as keys.
    """
    path = shed / KEYS
    tables = read_toml(path).get("keys", {})
    found = [_key(name, fields, path) for name, fields in tables.items()]
    return {each.sha256: each for each in found}


def key_of(keys: dict[str, Key], token: str) -> Key | None:
    """Whose key this is."""
    return keys.get(hashlib.sha256(token.encode()).hexdigest())


def add_key(
    shed: Path,
    network: Network,
    name: str,
    *,
    stations: tuple[str, ...] | None = None,
    quantities: tuple[str, ...] | None = None,
) -> str:
    """Make a key; it is shown once, here.

    Raises
    ------
    InputError
        The name cannot be one, or is taken.
    UnknownName
        A station is not in the network, or a quantity not declared.
    """
    path = shed / KEYS
    if not _NAME.fullmatch(name):
        raise InputError("this cannot be the name of a key", value=name, mend="Letters, digits, dots and dashes")
    for station in stations or ():
        network.station(station)
    for each in quantities or ():
        quantity(each)
    token = _PREFIX + secrets.token_urlsafe(32)
    digest = hashlib.sha256(token.encode()).hexdigest()
    made = f"{datetime.fromtimestamp(time.time(), UTC):%F}"
    with editing(path):
        held = {key.name: key for key in load_keys(shed).values()}
        if name in held:
            raise InputError("there is a key of this name already", value=name, mend="Remove it first")
        _save(path, {**held, name: Key(name, digest, stations, quantities, made)})
    return token


def remove_key(shed: Path, name: str) -> None:
    """Take a key back; what was sent with it stays.

    Raises
    ------
    UnknownName
        There is none of this name.
    """
    path = shed / KEYS
    with editing(path):
        held = {key.name: key for key in load_keys(shed).values()}
        if name not in held:
            raise UnknownName("key", name, held)
        _save(path, {other: key for other, key in held.items() if other != name})


def _key(name: str, fields: Any, path: Path) -> Key:
    try:
        entry = _Entry.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise InputError(
            f"key {name}: {first['msg']}",
            file=path,
            field=".".join(map(str, first["loc"])),
            mend=f"Known fields: {', '.join(_Entry.model_fields)}",
        ) from None
    stations = None if entry.stations is None else tuple(entry.stations)
    quantities = None if entry.quantities is None else tuple(entry.quantities)
    return Key(name, entry.sha256, stations, quantities, entry.made)


def _save(path: Path, keys: dict[str, Key]) -> None:
    entries = {
        name: {"sha256": key.sha256, "stations": key.stations, "quantities": key.quantities, "made": key.made}
        for name, key in keys.items()
    }
    write_private(path, toml_text(_HEAD, "keys", entries).encode())
