"""What a node says of itself and of its log, as bytes: the same for every asker."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from commonshed.disclose.federation.giving import NotHere
from commonshed.errors import ProofError, ShedDamaged
from commonshed.keep import Shed
from commonshed.keep.log import Log, Note, Verifier
from commonshed.keep.log.tiles import HASH, WIDTH, bundle_path, pack_entries, read_path, tile_path, unpack_entries

__all__ = ["NODE", "log_file", "log_paths", "node_description", "seen", "seen_notes"]

NODE = "commonshed-node/1"


def node_description(shed: Shed, at: int) -> bytes:
    """``node.json``: who this is, and which keys sign its log."""
    said = {
        "format": NODE,
        "name": shed.name,
        "node": shed.node,
        "zone": str(shed.zone),
        "origin": shed.log.origin,
        "keys": [str(verifier) for verifier in shed.log.keys.verifiers],
        "time": at,
    }
    return json.dumps(said, ensure_ascii=False, indent=1).encode() + b"\n"


def log_file(log: Log, path: str) -> bytes:
    """A tile or a bundle of entries; a partial one also where the whole one has taken its place.

    What lies beyond the checkpoint is not there: it was never acknowledged, and other bytes may yet take its name.

    Raises
    ------
    NotHere
        The log has no such file.
    """
    tile = read_path(path)
    if tile is None:
        raise NotHere(f"{path[:80]} is no tile of a log")
    level, number, width = tile
    size = log.size if level is None else log.size >> (8 * level)
    held = min(size - number * WIDTH, WIDTH)
    if width > held:
        raise NotHere(f"a log of {log.size} entries has no {path[:80]}")
    return _read(log.folder, level, number, width, held)


def log_paths(size: int) -> Iterator[str]:
    """Every tile and bundle of a log of some size."""
    for number in range(-(-size // WIDTH)):
        yield bundle_path(number, min(size - number * WIDTH, WIDTH))
    level = 0
    while held := size >> (8 * level):
        for number in range(-(-held // WIDTH)):
            yield tile_path(level, number, min(held - number * WIDTH, WIDTH))
        level += 1


def seen(shed: Path, key_id: str) -> bytes:
    """The newest checkpoint of another log that this node has checked, with its cosignature.

    Parameters
    ----------
    key_id : str
        First eight hexadecimal digits of the key of that log.

    Raises
    ------
    NotHere
        We never looked at such a log.
    """
    for known, note in seen_notes(shed):
        if known == key_id:
            return note
    raise NotHere(f"this node has looked at no log of a key {key_id[:8]}")


def seen_notes(shed: Path) -> Iterator[tuple[str, bytes]]:
    """Of every neighbour's key the newest checkpoint that was checked."""
    for note in sorted(shed.glob("peers/*/seen.note")):
        try:
            content = note.read_bytes()
            Note.parse(content)
            lines = (note.parent / "keys" / "node.pub").read_text("utf-8").splitlines()
            keys = [Verifier.parse(line) for line in lines if line.strip()]
        except (OSError, ProofError, UnicodeDecodeError):
            continue  # a neighbour that is being added, or a copy that is broken, concerns no asker
        for key in keys:
            yield key.key_id.hex(), content


def _read(folder: Path, level: int | None, number: int, width: int, held: int) -> bytes:
    """So many of what is held of a tile: its file, or the beginning of a larger one that took its place."""
    for larger in dict.fromkeys((width, held, WIDTH)):
        try:
            content = (folder / _proper(level, number, larger)).read_bytes()
        except FileNotFoundError:
            continue
        if larger == width:
            return content
        return content[: HASH * width] if level is not None else pack_entries(list(unpack_entries(content))[:width])
    path = folder / _proper(level, number, held)
    raise ShedDamaged(f"{path}: it is gone. Put back a copy from a backup or another node")


def _proper(level: int | None, number: int, width: int) -> str:
    return bundle_path(number, width) if level is None else tile_path(level, number, width)
