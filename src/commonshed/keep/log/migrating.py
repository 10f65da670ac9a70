"""Sheds of format 1, whose log was one file of lines, carried over: same entries, same positions, same digests.

The new log is made whole in ``log/.migrating`` while the shed stays what it was. It is of format 2 from the moment its
description says so; what is left then, putting the files in their places, whoever opens it next finishes.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from commonshed.errors import ShedDamaged, ShedError, ShedNotFound
from commonshed.keep.description import signature_of
from commonshed.keep.durable import disk_errors, sync_file, sync_folder, write_file
from commonshed.keep.lock import sealer_lock
from commonshed.keep.log.entries import encode
from commonshed.keep.log.keys import Keys
from commonshed.keep.log.log import Log
from commonshed.periods import Zone

__all__ = ["Migration", "finish", "migrate", "origin_of", "unfinished"]

_SUM = b',"sum":"'
_MOST_NAMES = 40_000  # bytes of station names in one entry, as text


@dataclass(frozen=True)
class Migration:
    """What was carried over.

    Attributes
    ----------
    entries : int
    already : bool
        The shed was of format 2 before.
    """

    entries: int
    already: bool


def origin_of(node: str) -> str:
    """Name of a node's log and of its keys, as checkpoints and signatures carry it."""
    return f"commonshed/{node}"


def migrate(path: Path) -> Migration:
    """Carry a shed of format 1 over; killed at any moment it is of format 1 or of format 2, and running again finishes.

    Raises
    ------
    ShedNotFound
        There is no shed.
    ShedError
        It is of a format we do not know, or an entry does not fit into the new log. Nothing was changed.
    ShedDamaged
        The old log is broken. Nothing was changed.
    ShedLocked
        Another process is sealing.
    """
    if not (path / "shed.toml").exists():
        raise ShedNotFound(f"{path}: there is no shed here")
    with sealer_lock(path / "sealer.lock"):
        try:
            description = (path / "shed.toml").read_text("utf-8")
            fields = tomllib.loads(description)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ShedDamaged(f"{path / 'shed.toml'}: {error}. Restore it from a copy") from None
        if fields.get("format") == 2:
            _put_in_place(path / "log")
            return Migration(0, already=True)
        if fields.get("format") != 1:
            raise ShedError(f"{path}: a shed of format {fields.get('format')}; only format 1 can be carried over")
        texts = list(_texts(path / "log"))
        log = _made(path, fields["node"], texts)
        signed = signature_of(log.keys.signer(), fields["node"], str(Zone.parse(fields["zone"])))
        (path / "statements").mkdir(exist_ok=True)
        said = f'format = 2\nsigned = "{signed}"  # node and zone'
        write_file(path / "shed.toml", re.sub(r"(?m)^format *= *1 *$", said, description, count=1).encode())
        _put_in_place(path / "log")
        return Migration(len(texts), already=False)


def unfinished(path: Path) -> bool:
    """Whether the files of a shed of format 2 are not all in their places yet."""
    return (path / "log" / ".migrating").exists() or (path / "log" / "manifest.jsonl").exists()


def finish(path: Path) -> None:
    """Put them in their places."""
    with sealer_lock(path / "sealer.lock", wait=10.0):
        _put_in_place(path / "log")


def _made(path: Path, node: str, texts: list[bytes]) -> Log:
    """The new log, durable, beside the old one."""
    place = path / "log" / ".migrating"
    with disk_errors(place):
        shutil.rmtree(place, ignore_errors=True)  # of an attempt that was cut off
        place.mkdir()
    origin = origin_of(node)
    keys = Keys(path / "keys")
    if not (path / "keys" / "node.pub").exists():
        keys = Keys.create(path / "keys", origin)
    log = Log(place, origin=origin, keys=keys)
    log.create()
    log.append_texts(texts)
    sync_file(log.path)
    sync_folder(place)
    sync_folder(place.parent)
    again = Log(place, origin=origin, keys=keys)
    again.refresh()
    if again.checkpoint() != log.checkpoint():
        raise ShedDamaged(f"{place}: what was written is not what is read again. The shed was not changed")
    return log


def _put_in_place(log: Path) -> None:
    place = log / ".migrating"
    with disk_errors(log):
        for name in ("tile", "tail", "checkpoint"):
            if (place / name).exists() and not (name == "tile" and (log / name).exists()):
                (place / name).replace(log / name)
        if (log / "manifest.jsonl").exists():
            (log / "manifest.jsonl").replace(log / "manifest.jsonl.migrated")
        sync_folder(log)
        shutil.rmtree(place, ignore_errors=True)
        sync_folder(log)


# ── the log of format 1 ──


def _texts(folder: Path) -> Iterator[bytes]:
    """Entries as the new log keeps them.

    A list of registered stations that is too long for one entry goes on in the next, so that positions stay.
    """
    rest: list[str] = []
    at = 0
    for entry in _entries(folder):
        names, rest = _fitting([*rest, *entry.pop("registers", [])])
        at = entry.pop("at")
        yield encode(entry.pop("kind"), at, {**entry, **({"registers": names} if names else {})})
    while rest:
        names, rest = _fitting(rest)
        yield encode("registration", at, {"registers": names})


def _fitting(names: list[str]) -> tuple[list[str], list[str]]:
    held = 0
    for i, name in enumerate(names):
        held += len(json.dumps(name, ensure_ascii=False).encode()) + 1
        if held > _MOST_NAMES:
            return names[:i], names[i:]
    return names, []


def _entries(folder: Path) -> Iterator[dict[str, Any]]:
    """Entries of whole batches; what is not whole behind the last promise was never acknowledged."""
    path = folder / "manifest.jsonl"
    content = path.read_bytes() if path.exists() else b""
    promised = _promised(folder / "checkpoint")
    size = taken = 0
    batch: list[dict[str, Any]] = []
    length = 0
    lines = content.split(b"\n")[:-1]
    for number, line in enumerate(lines):
        entry = _parsed(line)
        if entry is None or entry["position"] != size + len(batch) or entry["batch"][0] != size:
            if any(later is not None and later["batch"][0] != size for later in map(_parsed, lines[number:])):
                promised = len(content)
            break
        length += len(line) + 1
        batch.append(entry)
        if len(batch) == entry["batch"][1]:
            for each in batch:
                yield {name: value for name, value in each.items() if name not in ("position", "batch", "sum")}
            size, taken = size + len(batch), taken + length
            batch, length = [], 0
    if taken < promised:
        raise ShedDamaged(
            f"{path}: entry {size} (byte {taken}) was acknowledged and is broken or gone. Restore the file from a "
            "copy; nothing was changed"
        )


def _parsed(line: bytes) -> dict[str, Any] | None:
    text, _, rest = line.rpartition(_SUM)
    if rest != hashlib.sha256(text).hexdigest()[:16].encode() + b'"}':
        return None
    fields: dict[str, Any] = json.loads(line)
    return fields


def _promised(path: Path) -> int:
    try:
        return int(json.loads(path.read_bytes())["bytes"])
    except FileNotFoundError:
        return 0
    except (ValueError, KeyError, TypeError):
        raise ShedDamaged(f"{path}: not readable. Restore it from a copy; nothing was changed") from None
