"""Small sheds whose statements can be checked by hand, and ways to spoil them."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import rfc8785
from tests.assess.air.network import CLEAN
from tests.assess.noise.city import EAST, FIRST, around_the_clock, heard, network
from tests.e2e.small_river import Files

from commonshed import datasets
from commonshed.disclose.statements import Statement, state
from commonshed.disclose.statements.statement import FORMAT, signed
from commonshed.keep import Shed, Source
from commonshed.keep.log import Signer
from commonshed.keep.packs import Packs
from commonshed.keep.rows import conform, ordered_digest
from commonshed.keep.shed import log_of
from commonshed.observe import ingest
from commonshed.places import Station, network_from, shipped

MARCH = {"period": "2016-03", "by": "station"}
DIRTY = {"Mill": 3, "Park": 1}
START = 1_456_761_600
"""2016-03-01T00:00+08:00"""


@cache
def _shore() -> Path:
    folder = Path(mkdtemp(prefix="shore-"))
    stations = folder / "stations.csv"
    stations.write_text(
        "station,name_zh,lon,lat,adcode,district_zh,district_en,role\n"
        "Mill,磨坊,116.3,39.9,110108,西区,West,assessed\n"
        "Park,公园,116.4,39.9,110105,东区,East,assessed\n",
        "utf-8",
    )
    readings = folder / "readings.csv"
    with readings.open("w", encoding="utf-8", newline="") as sink:
        rows = csv.writer(sink)
        rows.writerow(["station", "quantity", "start", "period", "value", "unit"])
        for station, dirty in DIRTY.items():
            for quantity, value in CLEAN.items():
                unit = "mg/m3" if quantity == "co" else "ug/m3"
                for day in range(1, 32):
                    for hour in range(24):
                        start = f"{date(2016, 3, day).isoformat()}T{hour:02d}:00+08:00"
                        rows.writerow([station, quantity, start, 3600, value * dirty, unit])
    shed = Shed.create(folder / "shed", name="Shore", zone="+08:00")
    shed.publish_network(network_from(stations=stations))
    ingest(shed, [readings], "long")
    return shed.path


@cache
def _stated() -> tuple[Path, bytes]:
    folder = Path(mkdtemp(prefix="stated-")) / "shed"
    shutil.copytree(_shore(), folder)
    found = state(Shed.open(folder), "assess air", MARCH)
    return folder, found.statement.content


def shore(to: Path) -> Shed:
    """Two stations, March 2016: the mill is three times as dirty as the park. A copy of one's own."""
    shutil.copytree(_shore(), to)
    return Shed.open(to)


def stated(to: Path) -> tuple[Shed, Statement]:
    """The same, with its month stated station by station."""
    folder, content = _stated()
    shutil.copytree(folder, to)
    return Shed.open(to), Statement.parse(content)


@cache
def thames() -> Path:
    """Twenty-three sections, 2009 to 2017. Tests only add to it."""
    shed = Shed.create(Path(mkdtemp(prefix="thames-")) / "shed", name="Thames", zone="+00:00")
    shed.publish_network(shipped("thames"))
    ingest(shed, [datasets.path("thames", "weekly_2009-2017.parquet")], "thames")
    return shed.path


@cache
def city() -> Path:
    """One point in a zone, one day of noise."""
    point = Station("P", "Square", "广场", jurisdiction=EAST, noise_zone="2", survey="functional-zone")
    places = network(point)
    shed = Shed.create(Path(mkdtemp(prefix="city-")) / "shed", name="Ice City", zone="+08:00")
    shed.publish_network(places)
    sounds = heard(places, around_the_clock("P", 5830, 4710))
    shed.seal_import([sounds.table], source=Source("sounds", "0" * 64))
    return shed.path


DAY_OF_NOISE = FIRST.isoformat()


@cache
def small_river() -> Path:
    """Four sections and an agreement of two counties that is in the shed."""
    files = Files(Path(mkdtemp(prefix="small-river-"))).write()
    shed = Shed.create(files.folder / "shed", name="River", zone="+08:00")
    shed.publish_network(network_from(stations=files.path("sections.csv"), rivers=files.path("rivers.csv")))
    ingest(shed, [files.path("readings.csv")], "long")
    shed.record("agreement", "two-counties", files.path("agreement.toml").read_bytes())
    return shed.path


# ── ways to spoil ──


def resigned(statement: Statement, signer: Signer, change: Callable[[dict[str, Any]], None]) -> bytes:
    """A statement with something changed in it, signed anew."""
    content = json.loads(statement.content)
    del content["signature"]
    change(content)
    return signed(content, FORMAT, signer)


def edited(statement: Statement, change: Callable[[dict[str, Any]], None]) -> bytes:
    """A statement with something changed in it, under its old signature."""
    content = json.loads(statement.content)
    change(content)
    return rfc8785.dumps(content)


def pack_of(shed: Shed) -> tuple[int, dict[str, Any]]:
    """Position and pack of the largest segment."""
    entry = max((each for each in shed.entries if each.kind == "segment"), key=lambda each: each.content["rows"])
    return entry.position, dict(entry.content["pack"])


def rewrite(shed: Shed, change: Callable[[pa.Table], pa.Table], *, rows_too: bool) -> int:
    """Change a pack and make the whole log anew around it, signed with the node's own key.

    Parameters
    ----------
    rows_too : bool
        Also enter the digest of the rows as they are now; else only that of the file.
    """
    position, pack = pack_of(shed)
    table = conform(change(pq.read_table(shed.path / "segments" / pack["path"])))
    month = int(pack["path"][:4]) * 12 + int(pack["path"][5:7]) - 1
    location = Packs(shed.path / "segments").write(month, table)
    texts = [shed.log.entry_bytes(number) for number in range(shed.size)]
    said = json.loads(texts[position])
    said["pack"] |= {"path": location.path, "digest": location.digest, "bytes": location.bytes}
    if rows_too:
        said |= {"digest": ordered_digest(table), "rows": table.num_rows}
    texts[position] = rfc8785.dumps(said)
    anew(shed, texts)
    return position


def anew(shed: Shed, texts: list[bytes]) -> None:
    """Make the log of a shed anew from entries."""
    shutil.rmtree(shed.path / "log" / "tile")
    shed.log.create()
    log_of(shed.path, shed.node).append_texts(texts)


def without_row(table: pa.Table) -> pa.Table:
    """Rows without the tenth of them."""
    return pa.concat_tables([table.slice(0, 10), table.slice(11)])


def with_ticks(table: pa.Table, factor: int = 2) -> pa.Table:
    """Rows with every value some times as large."""
    place = table.schema.get_field_index("ticks")
    ticks = pa.array(table["ticks"].to_numpy() * factor, pa.int64())
    return table.set_column(place, table.schema.field(place), ticks)


def codes(findings: Any) -> list[str]:
    """Codes of the findings that do not hold."""
    return [finding.code for finding in findings if finding.holds is False]


def figures(statement: Statement, key: str, path: str) -> dict[str, Any]:
    """One figure of each record, by another."""
    return {record[key]: _at(record, path) for record in statement.records}


def _at(record: Mapping[str, Any], path: str) -> Any:
    value: Any = record
    for name in path.split("."):
        value = value[name]
    return value
