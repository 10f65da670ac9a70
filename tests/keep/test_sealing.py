"""What sealing keeps, what it leaves out, and what it leaves behind when it fails."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.keep.making import HOUR, MARCH, current, hours, make_shed, row, source, table

from commonshed.errors import ReadingsError, ShedDamaged
from commonshed.keep import READINGS, SealReport, Shed, repacking, rows_digest, sealing
from commonshed.keep.contents import Location, Segment
from commonshed.keep.journal import Journals
from commonshed.keep.packs import Packs


def packs(shed: Shed) -> list[str]:
    folder = shed.path / "segments"
    files = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".leaves"]
    return sorted(path.relative_to(folder).as_posix() for path in files)


@pytest.fixture
def shed(tmp_path: Path) -> Shed:
    return make_shed(tmp_path / "shed")


def test_a_file_becomes_a_segment_a_utc_month_behind_one_entry_for_the_file(shed: Shed) -> None:
    report = shed.seal_import([hours(2000)], source=source("a.csv"))
    assert report == SealReport(new=2000, unchanged=0, corrected=0, segments=4, size=5)
    assert [entry.kind for entry in shed.entries] == ["import", *["segment"] * 4]
    assert [entry.content["pack"]["path"][:7] for entry in shed.entries[1:]] == [
        "2016-02", "2016-03", "2016-04", "2016-05",
    ]  # fmt: skip
    assert shed.entries[0].content["source"]["name"] == "a.csv"
    assert shed.entries[0].content["new"] == 2000


def test_what_was_sealed_is_what_is_read_again_here_and_by_others(shed: Shed) -> None:
    readings = table(
        [
            row(reason="钉子\t\n", raw="", author="x"),
            row(quantity="o3", flag="suspect", qualifier="<", ticks=-5),
            row(statistic="max", period=86400, status="validated"),
        ]
    )
    shed.seal_import([readings], source=source("a"))
    for reader in (shed, Shed.open(shed.path)):
        assert rows_digest(reader.readings()) == rows_digest(readings) == reader.entries[1].content["digest"]


def test_the_same_file_read_the_same_way_is_known_by_its_digest(shed: Shed) -> None:
    shed.seal_import([hours(10)], source=source("a"))

    def never() -> Iterator[pa.Table]:
        raise AssertionError("nobody should look into a file that is known")
        yield

    assert shed.imported(source("a"))
    assert not shed.imported(source("b"))
    report = Shed.open(shed.path).seal_import(never(), source=source("a"))
    assert report == SealReport(0, 0, 0, 0, size=3, already=True)


def test_readings_that_say_nothing_new_are_counted_and_not_kept(shed: Shed) -> None:
    shed.seal_import([hours(100)], source=source("a"))
    later = hours(150, mapping="other", origin="other", recorded=1_800_000_000)
    changed = table([row(start=MARCH + 3 * HOUR, ticks=3, flag="suspect"), row(start=MARCH, ticks=7)])
    report = shed.seal_import([later, changed], source=source("b"))
    assert (report.new, report.unchanged, report.corrected) == (50, 100, 2)
    assert shed.readings(history=True).num_rows == 152
    found = current(shed.readings())
    assert len(found) == 150
    assert found["dongsi", "pm25", "mean", MARCH + 3 * HOUR, HOUR] == (3, "suspect", None)
    assert found["dongsi", "pm25", "mean", MARCH, HOUR] == (7, "valid", None)


def test_going_back_to_an_earlier_value_is_a_correction_too(shed: Shed) -> None:
    for i, ticks in enumerate((1, 2, 1)):
        report = shed.seal_import([table([row(ticks=ticks)])], source=source(str(i)))
        assert (report.new, report.corrected) == ((1, 0) if i == 0 else (0, 1))
    assert shed.readings(history=True)["ticks"].to_pylist() == [1, 2, 1]
    assert shed.readings()["ticks"].to_pylist() == [1]


def test_of_two_rows_in_one_file_the_later_counts(shed: Shed) -> None:
    report = shed.seal_import([table([row(ticks=1), row(ticks=2), row(ticks=2)])], source=source("a"))
    assert (report.new, report.unchanged, report.corrected) == (1, 1, 1)
    assert shed.readings()["ticks"].to_pylist() == [2]
    assert shed.readings(history=True)["ticks"].to_pylist() == [1, 2]


def test_a_file_larger_than_memory_allows_is_sealed_in_parts_and_entered_at_once(
    shed: Shed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "_BUFFER_ROWS", 100)
    rows = hours(450)
    parts = [rows.slice(i, 30) for i in range(0, 450, 30)]
    report = shed.seal_import([*parts, rows.slice(0, 10)], source=source("a"))
    assert (report.new, report.unchanged) == (450, 10)
    assert report.segments > 3
    assert rows_digest(shed.readings()) == rows_digest(rows)
    assert [entry.kind for entry in shed.entries].count("import") == 1


def test_one_table_larger_than_memory_allows_is_sealed_in_parts_too(
    shed: Shed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "_BUFFER_ROWS", 100)
    rows = hours(450)
    report = shed.seal_import([rows], source=source("a"))
    assert (report.new, report.segments >= 5) == (450, True)
    assert rows_digest(shed.readings()) == rows_digest(rows)


def test_an_import_reads_again_of_its_own_packs_only_those_that_a_later_part_may_touch(
    shed: Shed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "_BUFFER_ROWS", 100)
    read: list[int] = []
    whole = Packs.read

    def noted(self: Packs, segments: Sequence[tuple[Segment, Location]], columns: Sequence[str] | None = None) -> Any:
        read.append(len(segments))
        return whole(self, segments, columns)

    monkeypatch.setattr(Packs, "read", noted)
    stations = [hours(100, station=name) for name in ("dongsi", "tiantan", "wanliu")]
    assert shed.seal_import(stations, source=source("a")).new == 300
    assert read == []
    later = [hours(100, station="dongsi", ticks_from=1), hours(100, station="dongsi", ticks_from=2)]
    assert shed.seal_import(later, source=source("b")).corrected == 200
    assert set(read) == {1, 2}


def test_sealing_never_holds_its_buffer_twice(
    shed: Shed, monkeypatch: pytest.MonkeyPatch, arrow_memory: Callable[[], int]
) -> None:
    monkeypatch.setattr(sealing, "_BUFFER_ROWS", 300_000)
    march = hours(700)
    stations = (
        march.set_column(0, READINGS.field(0), pa.array([f"s{i}"] * 700).dictionary_encode()) for i in range(860, 0, -1)
    )
    assert shed.seal_import(stations, source=source("a")).new == 602_000
    assert arrow_memory() < 2 * 300_000 / 700 * march.nbytes


@pytest.fixture
def arrow_memory() -> Iterator[Callable[[], int]]:
    """The most that Arrow held at once since the test began. [bytes]"""
    ordinary = pa.default_memory_pool()
    counting = pa.proxy_memory_pool(ordinary)
    pa.set_memory_pool(counting)
    yield lambda: int(counting.max_memory() or 0)
    pa.set_memory_pool(ordinary)


@pytest.mark.parametrize("failure", [ReadingsError("row 7 is cut off"), KeyboardInterrupt()])
def test_a_reader_that_fails_half_way_leaves_nothing(
    shed: Shed, failure: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "_BUFFER_ROWS", 100)
    shed.seal_import([hours(10)], source=source("a"))
    before = packs(shed), shed.size

    def cut_off() -> Iterator[pa.Table]:
        yield hours(300, first=MARCH + 1000 * HOUR)
        raise failure

    with pytest.raises(type(failure)):
        shed.seal_import(cut_off(), source=source("b"))
    assert (packs(shed), Shed.open(shed.path).size) == before
    assert shed.seal_import([hours(20)], source=source("b")).new == 10


def test_a_table_that_is_no_readings_keeps_nothing_of_its_file(shed: Shed) -> None:
    with pytest.raises(ReadingsError, match="undeclared flag"):
        shed.seal_import([hours(5), hours(5).set_column(7, "flag", pa.array(["good"] * 5))], source=source("a"))
    assert (shed.size, packs(shed)) == (0, [])


def test_an_empty_file_is_remembered_and_changes_nothing_else(shed: Shed) -> None:
    assert shed.seal_import([], source=source("a")) == SealReport(0, 0, 0, 0, size=1)
    assert shed.seal_import([READINGS.empty_table()], source=source("b")).size == 2
    assert shed.readings().num_rows == 0
    assert shed.seal_import([], source=source("a")).already


def test_each_step_of_sealing_is_on_the_disk_before_the_next(shed: Shed, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[tuple[str, str]] = []
    plain_fsync, plain_replace, plain_drop = os.fsync, Path.replace, Journals.drop

    def name(path: str) -> str:
        path = path.replace(str(shed.path), "")
        return re.sub(r"\.?[0-9a-f]{16}\.parquet(\.\d+\.tmp)?", "PACK", re.sub(r"\.\d+\.tmp$", "", path))

    def fsync(descriptor: int) -> None:
        steps.append(("sync", name(str(Path(f"/proc/self/fd/{descriptor}").readlink()))))
        plain_fsync(descriptor)

    def replace(self: Path, target: Path) -> Path:
        steps.append(("rename", name(str(target))))
        return plain_replace(self, target)

    def drop(self: Journals, marks: Any) -> None:
        steps.append(("drop", "journal rows"))
        plain_drop(self, marks)

    with shed.journal() as journal:
        journal.append(hours(3))
        monkeypatch.setattr(os, "fsync", fsync)
        monkeypatch.setattr(Path, "replace", replace)
        monkeypatch.setattr(Journals, "drop", drop)
        shed.seal()
    assert steps == [
        ("sync", "/segments"),  # the new folder of the month
        ("sync", "/segments/2016-02/PACK"),
        ("rename", "/segments/2016-02/PACK"),
        ("sync", "/segments/2016-02"),
        *[("sync", f"/log{folder}") for folder in ("", "/tile", "/tile/entries", "/tile", "/tile/0")],  # new folders
        ("sync", "/log/tail"),  # entries and the checkpoint that includes them: from here on they are kept
        ("sync", "/log"),
        ("rename", "/log/checkpoint"),
        ("drop", "journal rows"),
    ]


def test_stations_are_registered_in_the_order_they_are_first_seen(shed: Shed) -> None:
    shed.seal_import([hours(2, station="z"), hours(2, station="a")], source=source("a"))
    shed.seal_import([hours(2, station="m"), hours(2, station="z")], source=source("b"))
    assert shed.stations == Shed.open(shed.path).stations == ["z", "a", "m"]
    assert [entry.content.get("registers") for entry in shed.entries if entry.kind == "import"] == [["z", "a"], ["m"]]


def test_repacking_keeps_row_digests_readings_and_history(shed: Shed) -> None:
    for i in range(6):
        shed.seal_import([hours(30 + i, first=MARCH + (i // 2) * 20 * HOUR)], source=source(str(i)))
    segments = [entry.content["digest"] for entry in shed.entries if entry.kind == "segment"]
    before, past, middle = shed.readings(), shed.readings(history=True), shed.readings(as_of=7)
    old = packs(shed)
    report = shed.repack()
    assert report.months == ("2016-03",)
    assert (report.packs_before, report.packs_after, len(old)) == (6, 1, 7)
    again = Shed.open(shed.path)
    for reader in (shed, again):
        assert current(reader.readings()) == current(before)
        assert reader.readings(history=True).equals(past)
        assert current(reader.readings(as_of=7)) == current(middle)
    assert [entry.content["digest"] for entry in again.entries if entry.kind == "segment"] == segments
    assert again.check().require().packs == 2
    assert set(old) < set(packs(shed)), "readers may still be in the old packs"
    assert again.repack().months == ()
    assert len(packs(shed)) == 2, "the next sealer sweeps"


def test_repacking_makes_no_pack_larger_than_one_needs(shed: Shed, monkeypatch: pytest.MonkeyPatch) -> None:
    for i, rows in enumerate((30, 40, 20, 25, 200, 5)):
        shed.seal_import([hours(rows, first=MARCH + 8 * HOUR, station=f"s{i}")], source=source(str(i)))
    before = current(shed.readings())
    monkeypatch.setattr(repacking, "_PACK_ROWS", 100)
    report = shed.repack()
    assert (report.months, report.packs_before, report.packs_after) == (("2016-03",), 5, 2)
    shed.seal()
    assert sorted(len(positions) for positions in shed._store.contents.packs().values()) == [1, 2, 3]
    assert current(shed.readings()) == before
    assert shed.repack().months == ()


def test_rows_that_are_not_what_was_entered_are_not_repacked(shed: Shed) -> None:
    for i in range(2):
        shed.seal_import([hours(5, station=f"s{i}")], source=source(str(i)))
    store: Any = shed._store
    segment = store.contents.segments[1]
    store.contents.segments[1] = type(segment)(segment.position, segment.extent, "0" * 64)
    with pytest.raises(ShedDamaged, match="entry 1"):
        shed.repack()


def test_leftovers_of_a_sealer_that_died_are_swept_by_the_next_one_and_not_by_a_reader(shed: Shed) -> None:
    shed.seal_import([hours(5)], source=source("a"))
    kept = packs(shed)
    folder = shed.path / "segments" / "2016-02"
    (folder / "0123456789abcdef.parquet").write_bytes(b"never entered")
    (folder / ".0123456789abcdef.parquet.77.tmp").write_bytes(b"half")
    (shed.path / "sealer.lock").write_text('{"pid": 77, "state": "sealing"}')
    Shed.open(shed.path).readings()
    assert len(packs(shed)) == 3
    shed.seal()
    assert packs(shed) == kept


series = st.lists(
    st.tuples(st.sampled_from("ab"), st.sampled_from(["pm25", "o3"]), st.integers(0, 40)), unique=True, max_size=25
)


@settings(max_examples=25, deadline=None)
@given(st.data(), series)
def test_order_and_splitting_do_not_matter_and_the_past_stays(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, keys: list[tuple[str, str, int]]
) -> None:
    rows = [
        row(station=station, quantity=quantity, start=MARCH + hour * 12 * HOUR, ticks=hour)
        for station, quantity, hour in keys
    ]
    whole = make_shed(tmp_path_factory.mktemp("whole") / "shed")
    whole.seal_import([table(rows)], source=source("whole"))
    shuffled = data.draw(st.permutations(rows))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(rows)), max_size=4)))
    bounds = [0, *cuts, len(rows)]
    parts = make_shed(tmp_path_factory.mktemp("parts") / "shed")
    past: list[tuple[int, dict[Any, Any]]] = []
    with parts.journal() as journal:
        for i in range(len(bounds) - 1):
            part = table(shuffled[bounds[i] : bounds[i + 1]])
            if data.draw(st.booleans()):
                parts.seal_import([part], source=source(str(i)))
            else:
                journal.append(part)
                parts.seal()
            past.append((parts.size, current(parts.readings())))
        if data.draw(st.booleans()):
            parts.repack()
    assert current(parts.readings()) == current(whole.readings())
    for size, known in past:
        assert current(Shed.open(parts.path).readings(as_of=size)) == known
