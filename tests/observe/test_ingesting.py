"""A file is taken whole or not at all, twice is the same as once, and a file and its pieces leave the same shed."""

from __future__ import annotations

import contextlib
import csv
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.observe.tables import hours, prsa, prsa_row

from commonshed import datasets
from commonshed.errors import InputError, ReadingsError, UnknownName
from commonshed.keep import Shed
from commonshed.observe import IngestReport, ingest, load_mapping
from commonshed.places import shipped


@pytest.fixture
def shed(tmp_path: Path) -> Shed:
    return new_shed(tmp_path / "shed")


def new_shed(path: Path) -> Shed:
    made = Shed.create(path, name="test", zone="+08:00")
    made.publish_network(shipped("beijing"))
    return made


def state(shed: Shed) -> list[tuple[object, ...]]:
    """What counts in a shed, whoever brought it."""
    names = ("station", "quantity", "start", "ticks", "qualifier", "flag", "reason", "raw")
    return sorted(
        (tuple(row[name] for name in names) for row in shed.readings().to_pylist()),
        key=lambda row: (row[0], row[1], row[2]),
    )


def files_of(path: Path) -> dict[str, tuple[int, int]]:
    return {
        str(entry.relative_to(path)): (entry.stat().st_size, entry.stat().st_mtime_ns)
        for entry in path.rglob("*")
        if entry.is_file()
    }


THREE_BAD = hours([str(40 + i % 5) for i in range(48)])
THREE_BAD[5] = prsa_row(0, month=2, day=30, PM25="5")
THREE_BAD[20] = prsa_row(3, station="Atlantis", PM25="5")
THREE_BAD[40] = prsa_row(16, day=2, PM25="bad", PM10="77")


def test_a_file_with_three_bad_rows_is_taken_but_for_these_and_they_are_told(shed: Shed, tmp_path: Path) -> None:
    report = ingest(shed, prsa(tmp_path / "a.csv", THREE_BAD), "prsa")
    [file] = report.files
    assert (file.rows, file.readings, file.new, file.rejected, file.error) == (48, 46, 46, 3, None)
    assert [reject.row for reject in file.rejects] == [6, 21, 41]
    assert file.reject_file is not None
    assert file.reject_file.parent == shed.path / "rejects"
    with file.reject_file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["file"], row["row"], row["field"], row["value"]) for row in rows] == [
        ("a.csv", "6", "year+month+day+hour", "2016-2-30-0"),
        ("a.csv", "21", "station", "Atlantis"),
        ("a.csv", "41", "PM2.5", "bad"),
    ]
    assert [row["original"] for row in rows] == [THREE_BAD[5], THREE_BAD[20], THREE_BAD[40]]
    assert all(row["reason"] and row["mend"] for row in rows)
    assert "3 rejected" in str(report)
    assert shed.readings().num_rows == 46


def test_the_same_file_again_changes_nothing_and_says_so(shed: Shed, tmp_path: Path) -> None:
    path = prsa(tmp_path / "a.csv", THREE_BAD)
    ingest(shed, path, "prsa")
    before, size = files_of(shed.path), shed.size
    report = ingest(shed, path, "prsa")
    assert report.files[0].already
    assert "nothing changed" in str(report)
    assert (files_of(shed.path), shed.size) == (before, size)


def test_the_same_file_under_another_name_changes_nothing(shed: Shed, tmp_path: Path) -> None:
    ingest(shed, prsa(tmp_path / "a.csv", THREE_BAD), "prsa")
    assert ingest(shed, prsa(tmp_path / "b.csv", THREE_BAD), "prsa").files[0].already


def test_the_same_readings_in_another_file_are_unchanged(shed: Shed, tmp_path: Path) -> None:
    rows = hours([str(40 + i % 5) for i in range(48)])
    ingest(shed, prsa(tmp_path / "a.csv", rows), "prsa")
    before = state(shed)
    [file] = ingest(shed, prsa(tmp_path / "b.csv", list(reversed(rows))), "prsa").files
    assert (file.new, file.unchanged, file.corrected) == (0, 48, 0)
    assert state(shed) == before


def test_a_correction_at_this_node_survives_the_same_file_coming_again(shed: Shed, tmp_path: Path) -> None:
    path = prsa(tmp_path / "a.csv", hours(["40", "41"]))
    ingest(shed, path, "prsa")
    start = shed.readings().to_pylist()[0]["start"]
    shed.correct(station="Dongsi", quantity="pm25", start=start, value="44", reason="typing error", author="me")
    ingest(shed, path, "prsa")
    assert [row[3] for row in state(shed)] == [44_000, 41_000]
    other = prsa(tmp_path / "b.csv", hours(["40", "41", "42"]))
    foreseen, done = (ingest(shed, other, "prsa", dry_run=dry).files[0] for dry in (True, False))
    assert (done.new, done.unchanged, done.corrected, done.overruled) == (1, 1, 0, 1)
    assert (foreseen.new, foreseen.overruled) == (1, 1)
    assert [row[3] for row in state(shed)] == [44_000, 41_000, 42_000]


def test_a_file_with_other_values_corrects_and_the_old_value_stays_readable(shed: Shed, tmp_path: Path) -> None:
    ingest(shed, prsa(tmp_path / "a.csv", hours(["40", "41", "42"])), "prsa")
    [file] = ingest(shed, prsa(tmp_path / "b.csv", hours(["40", "51", "42", "43"])), "prsa").files
    assert (file.new, file.unchanged, file.corrected) == (1, 2, 1)
    assert [row[3] for row in state(shed)] == [40_000, 51_000, 42_000, 43_000]
    history = sorted(row["ticks"] for row in shed.readings(history=True).to_pylist())
    assert history == [40_000, 41_000, 42_000, 43_000, 51_000]


def test_a_dry_run_says_what_would_happen_and_writes_nothing(shed: Shed, tmp_path: Path) -> None:
    ingest(shed, prsa(tmp_path / "a.csv", hours(["40", "41"])), "prsa")
    before = files_of(shed.path)
    path = prsa(tmp_path / "b.csv", [*hours(["40", "51", "42"]), prsa_row(0, month=2, day=30)])
    report = ingest(shed, path, "prsa", dry_run=True)
    [told] = report.files
    assert (told.new, told.unchanged, told.corrected, told.rejected) == (1, 1, 1, 1)
    assert told.reject_file is None
    assert str(report).startswith("dry run: nothing was written")
    assert files_of(shed.path) == before
    [done] = ingest(shed, path, "prsa").files
    assert (done.new, done.unchanged, done.corrected, done.rejected) == (1, 1, 1, 1)


def test_one_bad_file_does_not_stop_the_others_unless_strict(shed: Shed, tmp_path: Path) -> None:
    good, bad = prsa(tmp_path / "good.csv", hours(["40"])), tmp_path / "bad.csv"
    bad.write_text("")
    other = prsa(tmp_path / "other.csv", hours(["41"], first=5))
    with pytest.raises(ReadingsError, match=r"bad\.csv"):
        ingest(shed, [good, bad, other], "prsa", strict=True)
    assert shed.readings().num_rows == 1
    report = ingest(shed, [good, bad, other], "prsa")
    assert [file.file for file in report.failed] == ["bad.csv"]
    assert shed.readings().num_rows == 2


def test_a_file_none_of_which_can_be_used_fails_with_its_reject_file(shed: Shed, tmp_path: Path) -> None:
    size = shed.size
    path = prsa(tmp_path / "a.csv", hours(["40", "41"], station="Atlantis"))
    [file] = ingest(shed, path, "prsa").files
    assert file.error is not None
    assert "Atlantis" in str(file.error)
    assert file.reject_file is not None
    assert shed.readings().num_rows == 0
    assert shed.size == size + 2  # the mapping and the rules were recorded, no readings


def test_a_wrong_mapping_or_pattern_stops_before_anything(shed: Shed, tmp_path: Path) -> None:
    with pytest.raises(UnknownName):
        ingest(shed, prsa(tmp_path / "a.csv", hours(["40"])), "prsaa")
    with pytest.raises(InputError, match="no file matches"):
        ingest(shed, str(tmp_path / "*.dat"), "prsa")


def test_what_read_the_file_is_in_the_log(shed: Shed, tmp_path: Path) -> None:
    ingest(shed, prsa(tmp_path / "a.csv", hours(["40"])), "prsa")
    mapping = shed.document("mapping", "prsa")
    assert mapping is not None
    assert mapping.digest == load_mapping("prsa").digest
    assert shed.document("quality", "rules") is not None


def test_without_places_every_station_is_taken_and_it_is_said(tmp_path: Path) -> None:
    bare = Shed.create(tmp_path / "bare", name="bare", zone="+08:00")
    [file] = ingest(bare, prsa(tmp_path / "a.csv", hours(["40"], station="Atlantis")), "prsa").files
    assert file.new == 1
    assert any("not checked" in notice for notice in file.notices)


def test_progress_is_told_in_rows(shed: Shed, tmp_path: Path) -> None:
    told: list[tuple[str, int]] = []
    path = prsa(tmp_path / "a.csv", hours(["40"] * 30))
    ingest(shed, path, "prsa", progress=lambda file, rows: told.append((file.name, rows)))
    assert told == [("a.csv", 30)]


# A file and its pieces.

SERIES = [40, 41, 300, 43, *[77] * 12, 999, 30, -999, 12, 8, 9, 250, 20, *[55] * 9]
WHOLE = [
    prsa_row(i % 24, day=i // 24 + 1, station=station, PM25=str(value), PM10=str(50 + i))
    for station in ("Dongsi", "Shunyi")
    for i, value in enumerate(SERIES)
]


@pytest.mark.parametrize("cut", [25, 57, 59])
@pytest.mark.parametrize("late", [False, True], ids=["in order", "late"])
def test_a_cut_changes_no_flag_far_from_it(cut: int, late: bool, tmp_path: Path) -> None:
    """At 59 the readings two days before the cut once lost a flag: their own neighbours had not been looked up."""
    whole, split = new_shed(tmp_path / "whole"), new_shed(tmp_path / "split")
    ingest(whole, prsa(tmp_path / "whole.csv", WHOLE), "prsa")
    parts = [WHOLE[:cut], WHOLE[cut:]]
    for i, part in enumerate(reversed(parts) if late else parts):
        ingest(split, prsa(tmp_path / f"{i}.csv", part), "prsa")
    assert state(split) == state(whole)


def test_a_sealed_reading_whose_flag_changes_keeps_its_old_row(shed: Shed, tmp_path: Path) -> None:
    ingest(shed, prsa(tmp_path / "a.csv", hours(["30", "300"])), "prsa")
    [file] = ingest(shed, prsa(tmp_path / "b.csv", hours(["40"], first=2)), "prsa").files
    assert (file.new, file.corrected, file.reflagged) == (1, 0, 1)
    assert "got another flag" in str(IngestReport((file,)))
    history = [row for row in shed.readings(history=True).to_pylist() if row["ticks"] == 300_000]
    assert [row["flag"] for row in history] == ["valid", "suspect"]
    assert {row["origin"] for row in history} == {"a.csv"}


def test_what_a_person_corrected_is_not_flagged_anew(shed: Shed, tmp_path: Path) -> None:
    ingest(shed, prsa(tmp_path / "a.csv", hours(["30", "290"])), "prsa")
    start = shed.readings().to_pylist()[1]["start"]
    shed.correct(station="Dongsi", quantity="pm25", start=start, value="300", reason="checked on site", author="me")
    ingest(shed, prsa(tmp_path / "b.csv", hours(["40"], first=2)), "prsa")
    assert [row[5] for row in state(shed)] == ["valid"] * 3


# A process that is killed.

# One process that has everything imported makes a child for each attempt, so that fifty attempts take seconds.
KILLED = """
import os, sys
from commonshed.keep import Shed
from commonshed.observe import ingest
for line in sys.stdin:
    child = os.fork()
    if not child:
        ingest(Shed.open(line.strip()), sys.argv[1:], "prsa")
        os._exit(0)
    print(child, flush=True)
    os.waitpid(child, 0)
    print("gone", flush=True)
"""


def test_a_run_killed_at_fifty_moments_leaves_whole_files_or_nothing_of_them(tmp_path: Path) -> None:
    chance = random.Random(3)
    each = 24 * 5
    paths = []
    for k, station in enumerate(sorted(shipped("beijing").stations)):
        rows = hours([str(20 + (i * 7 + k) % 90) for i in range(each)], station=station)
        paths.append(prsa(tmp_path / f"{station}.csv", rows))
    reference = new_shed(tmp_path / "reference")
    ingest(reference, paths, "prsa")
    shed = new_shed(tmp_path / "shed")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    words = [sys.executable, "-c", KILLED, *map(str, paths)]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True, bufsize=1
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        done = 0
        for attempt in range(50):
            if done == len(paths) * each:  # everything is there: begin anew
                shed, done = new_shed(tmp_path / f"shed{attempt}"), 0
            process.stdin.write(f"{shed.path}\n")
            child = int(process.stdout.readline())
            time.sleep(chance.random() * 0.06)
            with contextlib.suppress(ProcessLookupError):  # it was quicker
                os.kill(child, signal.SIGKILL)
            assert process.stdout.readline() == "gone\n"
            stations = [row[0] for row in state(Shed.open(shed.path))]
            assert {stations.count(station) for station in set(stations)} <= {each}
            assert len(stations) >= done  # what was sealed stays
            done = len(stations)
        process.stdin.close()
    report = ingest(Shed.open(shed.path), paths, "prsa")
    assert not report.failed
    assert state(Shed.open(shed.path)) == state(reference)
    assert Shed.open(shed.path).readings(history=True).num_rows == 12 * each


def test_all_of_beijing_goes_in_and_out(shed: Shed) -> None:
    path = datasets.path("beijing", "prsa_20130301-20170228.parquet")
    [file] = ingest(shed, path, "prsa").files
    assert (file.rows, file.readings, file.new) == (420_768, 2_454_305, 2_454_305)
    assert file.flags == {"valid": 2_406_474, "suspect": 47_831, "invalid": 0}
    assert (file.rejected, file.notices) == (0, ())
