"""A second reader, written from docs/formats/readings.md alone, understands and verifies a whole shed."""

from __future__ import annotations

import base64
import hashlib
import json
import tomllib
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from tests.keep.making import HOUR, MARCH, current, hours, key, make_shed, row, source, table
from tests.keep.test_rows import slow_chunks, slow_root

from commonshed.keep import Shed
from commonshed.places import Network, Station


def entries(shed: Path) -> list[dict[str, Any]]:
    """Entries of the log, read from its bundles and compared with the root that its checkpoint says."""
    origin, size, root = (shed / "log" / "checkpoint").read_text().split("\n")[:3]
    assert origin == "commonshed/" + tomllib.loads((shed / "shed.toml").read_text())["node"]
    texts: list[bytes] = []
    while len(texts) < int(size):
        number, held = len(texts) // 256, min(int(size) - len(texts), 256)
        name = f"{number:03d}" + (f".p/{held}" if held < 256 else "")
        content = (shed / "log" / "tile" / "entries" / name).read_bytes()
        while content:
            length = int.from_bytes(content[:2])
            texts.append(content[2 : 2 + length])
            content = content[2 + length :]
    assert slow_root(texts) == base64.b64decode(root).hex()
    return [{"position": position, **json.loads(text)} for position, text in enumerate(texts)]


def numbers(text: str) -> list[int]:
    """Numbers of stations from ranges: ``0-11 14``."""
    pairs = [part.split("-") for part in text.split()]
    return [number for pair in pairs for number in range(int(pair[0]), int(pair[-1]) + 1)]


def verified(shed: Path, size: int | None = None) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Current readings of a shed, everything compared on the way."""
    log = entries(shed)
    stations = [name for entry in log for name in entry.get("registers", [])]
    places = {entry["position"]: entry["pack"] for entry in log if entry["kind"] == "segment"}
    for entry in log:
        if entry["kind"] == "repacking":
            places |= {position: {**entry["pack"], "offset": offset} for position, offset in entry["segments"]}
        if "file" in entry:
            assert hashlib.sha256((shed / "places" / entry["file"]).read_bytes()).hexdigest() == entry["digest"]
    readings: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    for entry in log[:size]:
        if entry["kind"] != "segment":
            continue
        pack = places[entry["position"]]
        path = shed / "segments" / pack["path"]
        assert hashlib.sha256(path.read_bytes()).hexdigest() == pack["digest"]
        assert path.stat().st_size == pack["bytes"]
        rows = pq.read_table(path).slice(pack["offset"], entry["rows"]).to_pylist()
        assert slow_root(slow_chunks(rows)) == entry["digest"]
        assert {stations[number] for number in numbers(entry["stations"])} == {each["station"] for each in rows}
        assert (entry["first"], entry["last"]) == (min(e["start"] for e in rows), max(e["start"] for e in rows))
        assert sum(entry["quantities"].values()) == sum(entry["flags"].values()) == entry["rows"] == len(rows)
        readings |= {key(each): (each["ticks"], each["flag"], each["raw"]) for each in rows}
    return readings


def test_a_reader_written_from_the_document_verifies_a_shed_and_finds_the_same_readings(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "shed")
    shed.publish_network(Network({}, {name: Station(name) for name in ("tiantan", "东四")}))
    shed.record("mapping", "long.toml", b"x")
    shed.seal_import([hours(600, station="东四"), hours(300, station="new", quantity="o3")], source=source("a"))
    with shed.journal() as journal:
        journal.append(hours(20, station="东四", ticks_from=5))
        journal.append(table([row(start=MARCH + 9 * HOUR, raw="a\tb", reason="x\\y\n")]))
    shed.seal()
    middle, known = shed.size, current(shed.readings())
    shed.correct(station="new", quantity="o3", start=MARCH, value="7", reason="typing error", author="x")
    shed.repack()
    shed.seal_import([hours(10, station="later")], source=source("b"))
    assert verified(shed.path) == current(Shed.open(shed.path).readings())
    assert verified(shed.path, middle) == known
