"""Looking through a stranger's Parquet in a process of its own, with a limit on memory and time.

A file of some kilobytes can be made to unfold into gigabytes, or to crash what reads it. So nothing of a peer is opened
in the process that pulls before a child has read it to the end and found the rows to have the digest that was logged.
The child answers in JSON, a line an answer: whatever became of it, there is nothing in its words that could act here.

``python -m commonshed.disclose.federation.checking`` is that child.
"""

from __future__ import annotations

import json
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from pathlib import Path
from types import TracebackType
from typing import Any

from commonshed.errors import PeerError

__all__ = ["Checker", "Finding", "NotReadable", "Part"]

MEMORY = 2 << 30
"""Address space of the child. [B]"""

_LONGEST_ANSWER = 64 << 20
_MOST_CHANGED = 24


class NotReadable(PeerError):
    """A file that cannot be read as readings within the limits."""


@dataclass(frozen=True)
class Part:
    """A run of rows in a file."""

    offset: int
    rows: int


@dataclass(frozen=True)
class Finding:
    """What a child found in a run of rows.

    Attributes
    ----------
    digest : str
        Row digest.
    extent : mapping
        As an entry would say it; stations by their place in ``stations``.
    stations : tuple of str
    """

    digest: str
    extent: Mapping[str, Any]
    stations: tuple[str, ...]


class Checker:
    """A child that looks through files, one at a time; started when it is needed, and again when it died.

    Use as a context manager.
    """

    def __init__(self, *, seconds: float = 600.0) -> None:
        self.seconds = seconds
        self._child: subprocess.Popen[bytes] | None = None
        self._turn = threading.Lock()

    def __enter__(self) -> Checker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def warm(self) -> None:
        """Start the child now: it is ready when there is something to look through."""
        with self._turn:
            self._running()

    def pack(self, path: Path, parts: Sequence[Part]) -> list[Finding]:
        """Digests and extents of runs of rows in a pack.

        Raises
        ------
        NotReadable
            It is no Parquet of readings in canonical order, or too much of it.
        """
        asked = [[part.offset, part.rows] for part in parts]
        return [_finding(each) for each in self._ask({"do": "pack", "path": str(path), "parts": asked})]

    def chunks(self, path: Path, leaves: Path, most: int) -> tuple[Finding, str, bool]:
        """What is in a file of whole chunks: what they cover, root of all leaves, whether these are all the chunks.

        Raises
        ------
        NotReadable
            As for a pack; or a chunk is none of the leaves.
        """
        found = self._ask({"do": "chunks", "path": str(path), "leaves": str(leaves), "most": most})
        return _finding(found), str(found["root"]), bool(found["whole"])

    def strange(self, path: Path, part: Part, leaves: Path) -> dict[str, Any] | None:
        """The first chunk of a run of rows that is none of some leaves, and their root; None where each is one.

        Raises
        ------
        NotReadable
        """
        found = self._ask(
            {"do": "strange", "path": str(path), "offset": part.offset, "rows": part.rows, "leaves": str(leaves)}
        )
        return found if isinstance(found, dict) else None

    def changed(self, before: tuple[Path, Part], after: tuple[Path, Part]) -> dict[str, Any]:
        """The first chunk in which two runs of rows differ, and the rows that do."""
        asked = [[str(path), part.offset, part.rows] for path, part in (before, after)]
        found = self._ask({"do": "changed", "runs": asked})
        if not isinstance(found, dict):
            raise NotReadable("the two could not be compared")
        return found

    def _ask(self, question: Mapping[str, Any]) -> Any:
        with self._turn:
            return self._answer(question)

    def _answer(self, question: Mapping[str, Any]) -> Any:
        child = self._running()
        assert child.stdin is not None
        try:
            child.stdin.write(json.dumps(question).encode() + b"\n")
            child.stdin.flush()
            answer = json.loads(self._line(child))
            if "problem" in answer:
                raise NotReadable(str(answer["problem"])[:500])
            return answer["found"]
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            self._end()
            raise NotReadable(
                "reading it took more than the memory or the time it may take, or broke the reader"
            ) from None

    def _line(self, child: subprocess.Popen[bytes]) -> bytes:
        assert child.stdout is not None
        until = time.monotonic() + self.seconds
        line = b""
        with selectors.DefaultSelector() as selector:
            selector.register(child.stdout, selectors.EVENT_READ)
            while not line.endswith(b"\n"):
                if not selector.select(max(until - time.monotonic(), 0.0)):
                    raise ValueError("no answer in time")
                piece = child.stdout.read1(1 << 20)  # type: ignore[attr-defined]
                if not piece or len(line) > _LONGEST_ANSWER:
                    raise ValueError("no answer")
                line += piece
        return line

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self._end()
            self._child = subprocess.Popen(
                [sys.executable, "-m", __name__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        return self._child

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for stream in (child.stdin, child.stdout):
            if stream is not None:
                try:
                    stream.close()
                except BrokenPipeError:
                    continue


def _finding(found: Mapping[str, Any]) -> Finding:
    return Finding(str(found["digest"]), dict(found["extent"]), tuple(map(str, found["stations"])))


# ── in the child ──


def main() -> None:
    """Answer questions until there are no more."""
    import resource

    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    most = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.meta_path.insert(0, _NoPandas())
    for line in sys.stdin.buffer:
        question = json.loads(line)
        try:
            answer: dict[str, Any] = {"found": _DOES[question.pop("do")](**question)}
        except Exception as error:  # whatever a stranger's file does to its reader
            answer = {"problem": f"{type(error).__name__}: {error}"}
        sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
        sys.stdout.buffer.flush()


class _NoPandas(MetaPathFinder):
    """Arrow loads pandas where it is installed, which takes longer than looking through a pack."""

    def find_spec(self, fullname: str, *_: object) -> None:
        if fullname == "pandas":
            raise ModuleNotFoundError("pandas is not wanted here", name="pandas")


def _pack(path: str, parts: list[list[int]]) -> list[dict[str, Any]]:
    found = []
    for offset, rows in parts:
        table = _rows(Path(path), offset, rows)
        found.append(_described(table))
    return found


def _chunks(path: str, leaves: str, most: int) -> dict[str, Any]:
    from commonshed.keep.chunks import leaf_hashes
    from commonshed.keep.merkle import merkle_root

    hashes = _leaves(leaves)
    table = _rows(Path(path), 0, None, most=most)
    at = 0
    found = leaf_hashes(table)
    for number, value in enumerate(found):
        try:
            at = hashes.index(value, at) + 1
        except ValueError:
            raise ValueError(f"the {number + 1}. chunk of the rows is none of the segment's") from None
    return {**_described(table), "root": merkle_root(hashes).hex(), "whole": len(found) == len(hashes)}


def _strange(path: str, offset: int, rows: int, leaves: str) -> dict[str, Any] | None:
    from dataclasses import asdict

    from commonshed.keep.chunks import chunk_places, leaf_hashes
    from commonshed.keep.merkle import merkle_root

    hashes = _leaves(leaves)
    known = set(hashes)
    table = _rows(Path(path), offset, rows)
    for place, value in zip(chunk_places(table), leaf_hashes(table), strict=True):
        if value not in known:
            return {**asdict(place), "root": merkle_root(hashes).hex()}
    return None


def _leaves(path: str) -> list[bytes]:
    content = Path(path).read_bytes()
    if len(content) % 32:
        raise ValueError("hashes of chunks have 32 bytes each")
    return [content[i : i + 32] for i in range(0, len(content), 32)]


def _changed(runs: list[list[Any]]) -> dict[str, Any]:
    from commonshed.keep.chunks import chunks

    tables = [_rows(Path(path), offset, rows) for path, offset, rows in runs]
    before, after = ({chunk.hash: chunk for chunk in chunks(table)} for table in tables)
    gone = next((chunk for value, chunk in before.items() if value not in after), None)
    come = next((chunk for value, chunk in after.items() if value not in before), None)
    rows: dict[tuple[Any, ...], dict[str, Any]] = {}
    for table, chunk, when in ((tables[0], gone, "before"), (tables[1], come, "after")):
        for row in [] if chunk is None else table.slice(chunk.first, chunk.rows).to_pylist():
            key = tuple(row.pop(name) for name in _KEY)
            rows.setdefault(key, {"before": None, "after": None})[when] = row
    first = gone or come
    different = [
        dict(zip(_KEY, key, strict=True)) | each for key, each in rows.items() if each["before"] != each["after"]
    ]
    return {"chunk": None if first is None else first.index, "rows": different[:_MOST_CHANGED]}


_KEY = ("station", "quantity", "statistic", "start", "period")


def _rows(path: Path, offset: int, rows: int | None, *, most: int | None = None) -> Any:
    """Rows of a file, in the form of readings and in canonical order, and nothing besides."""
    import numpy as np
    import pyarrow.parquet as pq

    from commonshed.keep.rows import READINGS, canonical_order, conform

    with pq.ParquetFile(path, memory_map=True) as file:
        sizes = [file.metadata.row_group(i).num_rows for i in range(file.metadata.num_row_groups)]
        bounds = np.concatenate([[0], np.cumsum(sizes)]).tolist()
        wanted = bounds[-1] - offset if rows is None else rows
        if most is not None and wanted > most:
            raise ValueError(f"{wanted} rows, {most} are the most")
        end = offset + wanted
        if min(offset, wanted, *sizes, 0) < 0 or end > bounds[-1]:
            raise ValueError(f"rows {offset} to {end - 1} are not in a file of {bounds[-1]}")
        groups = [i for i in range(len(sizes)) if bounds[i] < end and bounds[i + 1] > offset]
        table = file.read_row_groups(groups, use_threads=False)
    if table.schema.names != READINGS.names or not table.schema.equals(READINGS):
        raise ValueError(f"the columns are not those of readings: {table.schema.names}")
    first = bounds[groups[0]] if groups else 0
    found = conform(table.slice(offset - first, wanted).unify_dictionaries())
    if found.num_rows != wanted:
        raise ValueError(f"{found.num_rows} rows where {wanted} were said")
    order = canonical_order(found)
    if np.any(order[1:] < order[:-1]):
        raise ValueError("the rows do not stand in canonical order")
    return found


def _described(table: Any) -> dict[str, Any]:
    from commonshed.keep.current import latest
    from commonshed.keep.extent import Extent
    from commonshed.keep.rows import codes, ordered_digest

    if not table.num_rows:
        return {"digest": ordered_digest(table), "extent": {"rows": 0}, "stations": []}
    numbers, names = codes(table["station"])
    stations = sorted({names[number] for number in set(numbers.tolist())})
    registry = {name: i for i, name in enumerate(stations)}
    extent = Extent.of(table, registry, distinct=latest(table) is None, replaced=0)
    return {"digest": ordered_digest(table), "extent": extent.content(), "stations": stations}


_DOES: dict[str, Callable[..., Any]] = {"pack": _pack, "chunks": _chunks, "strange": _strange, "changed": _changed}


if __name__ == "__main__":
    main()
