"""kill −9 at random points: everything acknowledged is there, nothing is there twice, and the shed goes on."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from tests.keep import killing
from tests.keep.killing import FILE_ROWS, SPRING, append_and_seal, assert_as_readings, child, import_files, run_and_kill
from tests.keep.making import HOUR, MARCH, current, hours, make_shed, source, table

from commonshed.errors import ShedLocked
from commonshed.keep import Shed

KILLS = 25


def test_an_import_killed_at_25_points_keeps_whole_files_only(tmp_path: Path) -> None:
    make_shed(tmp_path / "shed")
    dice = random.Random(1)
    acknowledged: set[str] = set()
    for turn in range(KILLS):
        after = dice.uniform(0, 0.12)
        acknowledged |= set(run_and_kill(import_files, tmp_path / "shed", turn, after=after, acknowledged=turn % 2))
        shed = Shed.open(tmp_path / "shed")
        found = current(shed.readings(history=True))
        rows = dict.fromkeys({station for station, *_ in found}, 0)
        for station, *_ in found:
            rows[station] += 1
        assert set(rows.values()) <= {FILE_ROWS}
        assert acknowledged <= set(rows)
        assert len(rows) <= len(acknowledged) + turn + 1, "at most the file at work was sealed and not acknowledged"
    assert len(acknowledged) >= KILLS // 2
    shed.seal()
    named = {entry.content["pack"]["path"] for entry in shed.entries if entry.kind == "segment"}
    assert {path.relative_to(shed.path / "segments").as_posix() for path in shed.path.rglob("*.parquet")} == named
    assert shed.check().require().packs == len(named)
    name = min(acknowledged)
    assert shed.seal_import([], source=source(name)).already
    assert shed.seal_import([table(killing.imported(name))], source=source("again")).unchanged == FILE_ROWS


def test_journals_killed_at_25_points_lose_nothing_acknowledged_and_double_nothing(tmp_path: Path) -> None:
    make_shed(tmp_path / "shed")
    dice = random.Random(2)
    acknowledged: set[tuple[str, int]] = set()
    for turn in range(KILLS):
        after = dice.uniform(0, 0.15)
        acknowledged |= set(run_and_kill(append_and_seal, tmp_path / "shed", turn, after=after, acknowledged=1))
        if turn % 5 == 4:
            assert_kept(tmp_path / "shed", acknowledged)
    assert len(acknowledged) >= KILLS
    assert list((tmp_path / "shed" / "journal").iterdir()) == [], "journals of dead processes are adopted"


def assert_kept(path: Path, acknowledged: set[tuple[str, int]]) -> None:
    shed = Shed.open(path)
    shed.seal()
    found = current(shed.readings(history=True))
    for station, i in acknowledged:
        expected = current(hours(6, first=MARCH + 6 * i * HOUR, station=station))
        assert expected.items() <= found.items()
    assert len(found) % 6 == 0, "a batch is kept whole"


def test_blocks_killed_while_they_are_laid_out_are_what_the_readings_say(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "shed")
    dice = random.Random(3)
    for turn in range(8):
        shed.seal_import([hours(3000, station=f"s{turn}", quantity="o3")], source=source(str(turn)))
        run_and_kill(killing.lay_out, shed.path, 50, after=dice.uniform(0, 0.05))
        for reference in Shed.open(shed.path).blocks(["o3"], SPRING):
            assert_as_readings(shed, reference.load())


def test_readers_see_whole_files_while_a_writer_is_at_work(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "shed")
    counts = []
    with child(import_files, shed.path, 0) as (_, reports):
        for _ in range(30):
            reports.recv()
            shed.refresh()
            counts.append(shed.readings().num_rows)
    assert counts == sorted(counts)
    assert {count % FILE_ROWS for count in counts} == {0}
    assert counts[-1] > counts[0]


def test_a_second_sealer_is_refused_with_the_name_of_the_first_and_readers_are_not(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "shed")
    shed.seal_import([hours(5)], source=source("a"))
    with child(killing.hold_the_lock, shed.path) as (process, reports):
        reports.recv()
        with pytest.raises(ShedLocked, match=f"process {process.pid} is sealing this shed"):
            shed.seal_import([hours(9)], source=source("b"))
        with pytest.raises(ShedLocked):
            shed.seal(wait=0.05)
        assert Shed.open(shed.path).readings().num_rows == 5
        with shed.journal() as journal:
            journal.append(hours(7))
    assert shed.seal().new == 2, "the lock goes with the process that held it"


def test_two_sealers_take_turns_and_both_are_heard(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "shed")
    with (
        child(killing.import_against_another, shed.path, 0) as (_, one),
        child(killing.import_against_another, shed.path, 1) as (_, other),
    ):
        one.recv()
        other.recv()
    shed.refresh()
    assert len(current(shed.readings(history=True))) == 40 * FILE_ROWS
    assert [entry.position for entry in shed.entries] == list(range(shed.size))
    assert shed.check().require().packs == sum(entry.kind == "segment" for entry in shed.entries)


def test_several_processes_lay_out_blocks_while_another_seals(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "shed")
    shed.seal_import([hours(2000)], source=source("a"))
    with child(killing.lay_out, shed.path, 8) as (_, one), child(killing.lay_out, shed.path, 8) as (_, other):
        for i in range(12):
            shed.seal_import([hours(1500, station=f"s{i % 3}", ticks_from=i)], source=source(str(i)))
        reports = []
        for connection in (one, other):
            while (report := connection.recv()) != "done":
                reports.append(report)
    assert len(reports) == 18
