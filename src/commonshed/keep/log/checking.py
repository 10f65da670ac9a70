"""Every file of the log compared with what is signed: bundles, tiles of every level, and the checkpoint itself.

The same hashes stand in several places: in the entries, in the tiles, and in the root that is signed. So where one of
them was changed the others tell which, and which entry it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from commonshed.errors import ProofError
from commonshed.keep.log.notes import Checkpoint, Note, Verifier
from commonshed.keep.log.tiles import HASH, WIDTH, bundle_path, read_path, tile_path, unpack_entries
from commonshed.keep.merkle import leaf_hash, merkle_root
from commonshed.keep.problems import Problem

__all__ = ["LogAudit", "audit"]

_COPY = "Put back a copy from a backup or another node"
_ENTRIES = -1  # level of the bundles

Hashes = list[bytes | None]
"""Leaf hashes; None where they cannot be told."""


@dataclass
class LogAudit:
    """What the files below ``log/`` are worth.

    Attributes
    ----------
    size : int
        Entries that are signed; without a signed checkpoint, those that are there.
    entries : list of bytes or None
        Each entry, None where no file holds the one that was signed.
    files : int
    problems, notes : list of Problem
    """

    size: int = 0
    entries: list[bytes | None] = field(default_factory=list)
    files: int = 0
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)


@dataclass(frozen=True)
class _File:
    """A tile or bundle as it lies there."""

    path: str
    width: int
    content: bytes


_Files = dict[tuple[int, int], list[_File]]


def audit(folder: Path, *, origin: str | None, verifiers: Sequence[Verifier], aside: Sequence[str] = ()) -> LogAudit:
    """Compare everything below ``log/``.

    Parameters
    ----------
    folder : Path
    origin : str or None
        Name of the log; None where it is not known.
    verifiers : sequence of Verifier
        Keys that may sign it.
    aside : sequence of str
        Names in the folder that are no part of the tree.
    """
    found = LogAudit()
    files = _files(folder, aside, found)
    said, signed = _checkpoint(folder, origin, verifiers, found)
    found.size = _held(files)
    if said is not None and (signed or said.size <= found.size):
        found.size = said.size
    root = said.root if said is not None and said.size == found.size else None
    by_entries = _entry_hashes(files, found.size)
    by_tiles = _hashes(files, 0, found.size)
    truth, proved = _settled(by_entries, by_tiles, _hashes(files, 1, found.size >> 8), root)
    if not proved and root is not None:
        _say(found, "checkpoint", "checkpoint", f"the entries do not make the root it says. {_COPY}")
    _compare(files, truth, found)
    _missing(files, found)
    found.entries = _recovered(files, truth)
    return found


def _checkpoint(
    folder: Path, origin: str | None, verifiers: Sequence[Verifier], found: LogAudit
) -> tuple[Checkpoint | None, bool]:
    """What the checkpoint says, and whether it is signed."""
    try:
        content = (folder / "checkpoint").read_bytes()
    except OSError:
        _say(found, "checkpoint", "checkpoint", f"gone. {_COPY}")
        return None, False
    found.files += 1
    try:
        note = Note.parse(content)
        said = Checkpoint.parse(note.text)
    except ProofError as error:
        _say(found, "checkpoint", "checkpoint", f"{error}. {_COPY}")
        return None, False
    if origin is not None and said.origin != origin:
        _say(found, "checkpoint", "checkpoint", f"it is of the log {said.origin}, and this one is {origin}. {_COPY}")
        return said, False
    try:
        note.checked(verifiers)
    except ProofError as error:
        _say(found, "checkpoint", "checkpoint", f"{error}. {_COPY}")
        return said, False
    if note.encode() != content:
        _say(found, "checkpoint", "checkpoint", f"its signatures are not written as they were made. {_COPY}")
    return said, True


def _files(folder: Path, aside: Sequence[str], found: LogAudit) -> _Files:
    """Tiles and bundles by level and number; what is neither is noted."""
    files: _Files = defaultdict(list)
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not path.is_file() or name == "checkpoint" or name.partition("/")[0] in aside:
            continue
        tile = read_path(name)
        if tile is None:
            found.notes.append(Problem("extra", f"log/{name}", "no part of the log; nothing reads it"))
            continue
        level, number, width = tile
        files[_ENTRIES if level is None else level, number].append(_File(name, width, path.read_bytes()))
        found.files += 1
    return files


def _held(files: _Files) -> int:
    """Entries that are there, counted without a checkpoint."""
    number = 0
    while any(file.width == WIDTH for file in files.get((_ENTRIES, number), ())):
        number += 1
    return number * WIDTH + max((file.width for file in files.get((_ENTRIES, number), ())), default=0)


def _read(files: _Files, level: int, number: int, held: int) -> Iterator[_File]:
    """Files that may hold so much of a tile, the one that readers take first."""
    there = files.get((level, number), ())
    yield from sorted((file for file in there if file.width >= held), key=lambda file: file.width)


def _entry_hashes(files: _Files, size: int) -> Hashes:
    """Leaf hashes of the entries, as readers would take them."""
    hashes: Hashes = []
    for number in range(-(-size // WIDTH)):
        held = min(size - number * WIDTH, WIDTH)
        file = next(_read(files, _ENTRIES, number, held), None)
        part = [] if file is None else [leaf_hash(text) for text in _unpacked(file.content)[:held]]
        hashes += [*part, *[None] * (held - len(part))]
    return hashes


def _recovered(files: _Files, truth: Hashes) -> list[bytes | None]:
    """The entries that were signed, from whichever bundle still holds them."""
    texts: list[bytes | None] = [None] * len(truth)
    for (level, number), there in files.items():
        for file in there if level == _ENTRIES else ():
            for position, text in enumerate(_unpacked(file.content), number * WIDTH):
                if position < len(truth) and texts[position] is None and leaf_hash(text) == truth[position]:
                    texts[position] = text
    return texts


def _hashes(files: _Files, level: int, size: int) -> Hashes:
    """Hashes of one level of tiles, as readers would take them."""
    hashes: Hashes = []
    for number in range(-(-size // WIDTH)):
        held = min(size - number * WIDTH, WIDTH)
        file = next(_read(files, level, number, held), None)
        part = [] if file is None else _cut(file.content)[:held]
        hashes += [*part, *[None] * (held - len(part))]
    return hashes


def _settled(by_entries: Hashes, by_tiles: Hashes, above: Hashes, root: bytes | None) -> tuple[Hashes, bool]:
    """The leaf hashes that were signed, and whether they make the root."""
    mixed: list[Hashes] = []
    for number in range(0, len(by_entries), WIDTH):
        group = slice(number, number + WIDTH)
        over = above[number // WIDTH] if number // WIDTH < len(above) else None
        mixed.append(_group(by_entries[group], by_tiles[group], over))
    for hashes in (by_entries, by_tiles, [each for group in mixed for each in group]):
        if root is not None and _root(hashes) == root:
            return hashes, True
    agreed = zip(by_entries, by_tiles, strict=True)
    return [this if this == other or other is None else None for this, other in agreed], False


def _group(by_entries: Hashes, by_tiles: Hashes, over: bytes | None) -> Hashes:
    """Of two accounts of 256 leaves the one that the tile above bears out, else that of the tile."""
    if over is not None and _root(by_entries) == over:
        return by_entries
    return by_tiles if None not in by_tiles else by_entries


def _root(hashes: Hashes) -> bytes | None:
    known = [each for each in hashes if each is not None]
    return merkle_root(known) if len(known) == len(hashes) else None


def _compare(files: _Files, truth: Hashes, found: LogAudit) -> None:
    """Compare each file with the leaf hashes that were signed, level by level."""
    levels = [truth]
    while len(levels[-1]) >= WIDTH:
        below = levels[-1]
        whole = range(0, len(below) - WIDTH + 1, WIDTH)
        levels.append([_root(below[first : first + WIDTH]) for first in whole])
    for (level, number), there in sorted(files.items()):
        hashes = truth if level == _ENTRIES else levels[level] if level < len(levels) else []
        right = hashes[number * WIDTH : (number + 1) * WIDTH]
        for file in there:
            if level == _ENTRIES:
                _compare_bundle(file, number * WIDTH, right, found)
            else:
                _compare_tile(file, level, number * WIDTH, right, found)


def _compare_bundle(file: _File, first: int, right: Hashes, found: LogAudit) -> None:
    texts = _unpacked(file.content)
    wrong = _first_wrong([leaf_hash(text) for text in texts], right)
    if wrong is not None:
        _say(found, "entry", file.path, f"entry {first + wrong} is not the one that was signed. {_COPY}", first + wrong)
    elif len(texts) < min(file.width, len(right)) or sum(len(text) + 2 for text in texts) != len(file.content):
        _say(found, "entry", file.path, f"it ends in the middle of an entry. {_COPY}", first + len(texts))
    elif len(texts) > len(right):
        _left_over(file, found)
    elif len(texts) != file.width:
        _say(found, "entry", file.path, f"it holds {len(texts)} of {file.width} entries. {_COPY}", first + len(texts))


def _compare_tile(file: _File, level: int, first: int, right: Hashes, found: LogAudit) -> None:
    wrong = _first_wrong(_cut(file.content), right)
    if wrong is not None:
        low = (first + wrong) << (8 * level)
        high = low + (1 << (8 * level)) - 1
        which = f"entry {low}" if level == 0 else f"entries {low} to {high}"
        _say(found, "tile", file.path, f"hash {wrong} is not that of {which}. {_COPY}", low if level == 0 else None)
    elif len(file.content) != file.width * HASH:
        _say(found, "tile", file.path, f"it holds {len(file.content)} bytes, not {file.width * HASH}. {_COPY}")
    elif file.width > len(right):
        _left_over(file, found)


def _first_wrong(hashes: Sequence[bytes], right: Hashes) -> int | None:
    pairs = enumerate(zip(hashes, right, strict=False))
    return next((i for i, (this, other) in pairs if other is not None and this != other), None)


def _left_over(file: _File, found: LogAudit) -> None:
    said = "reaches beyond the checkpoint: it was never acknowledged, and the next writing replaces it"
    found.notes.append(Problem("extra", f"log/{file.path}", said))


def _missing(files: _Files, found: LogAudit) -> None:
    """Every tile and bundle that a log of this size has."""
    for level in (_ENTRIES, *range(8)):
        size = found.size >> (8 * max(level, 0))
        for number in range(-(-size // WIDTH)):
            held = min(size - number * WIDTH, WIDTH)
            if any(file.width in (held, WIDTH) for file in files.get((level, number), ())):
                continue
            path = bundle_path(number, held) if level == _ENTRIES else tile_path(level, number, held)
            _say(found, "entry" if level == _ENTRIES else "tile", path, f"gone. {_COPY}")


def _say(found: LogAudit, part: str, name: str, said: str, entry: int | None = None) -> None:
    found.problems.append(Problem(part, f"log/{name}", said, entry))  # type: ignore[arg-type]


def _unpacked(content: bytes) -> list[bytes]:
    """Entries up to where they can be told apart."""
    texts: list[bytes] = []
    try:
        for text in unpack_entries(content):
            texts.append(text)
    except ValueError:
        pass
    return texts


def _cut(content: bytes) -> list[bytes]:
    return [content[at : at + HASH] for at in range(0, len(content) - HASH + 1, HASH)]
