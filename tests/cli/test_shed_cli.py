"""``commonshed init`` and ``commonshed shed …``, as typed."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from rich.cells import cell_len
from tests.keep.log.test_migrating import old_shed
from tests.keep.making import HOUR, MARCH, hours, make_shed, source

from commonshed.cli import run
from commonshed.keep import Shed
from commonshed.places import shipped


@pytest.fixture
def shed(tmp_path: Path) -> Shed:
    made = make_shed(tmp_path / "shed")
    made.seal_import([hours(60), hours(60, quantity="co", flag="suspect", reason="spike")], source=source("a"))
    return made


def test_init_makes_a_shed_with_the_network_of_a_shipped_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["init", str(tmp_path / "beijing"), "--place", "beijing", "--name", "北京"]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert "12 stations in 17 jurisdictions published" in said.err
    made = Shed.open(tmp_path / "beijing")
    assert (made.name, str(made.zone), len(made.network().stations)) == ("北京", "+08:00", 12)


def test_init_without_a_place_wants_a_zone_and_takes_the_folder_s_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "upstream"
    assert run(["init", str(path)]) == 2
    assert "Write --zone +08:00" in capsys.readouterr().err
    assert not path.exists()
    assert run(["init", str(path), "--zone", "Europe/Berlin"]) == 0
    made = Shed.open(path)
    assert (made.name, str(made.zone), made.size) == ("upstream", "+01:00", 0)
    assert run(["init", str(path), "--zone", "UTC"]) == 2
    assert "is a shed already" in capsys.readouterr().err


def test_init_takes_a_file_of_one_s_own_stations(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stations = tmp_path / "stations.csv"
    stations.write_text("station,name_en,lon,lat\ns1,One,116.4,39.9\n")
    assert run(["init", str(tmp_path / "own"), "--stations", str(stations), "--zone", "+08:00"]) == 0
    assert list(Shed.open(tmp_path / "own").network().stations) == ["s1"]
    assert run(["init", str(tmp_path / "x"), "--stations", str(stations), "--place", "beijing"]) == 2
    assert run(["init", str(tmp_path / "x"), "--polygons", str(stations), "--zone", "UTC"]) == 2
    assert "polygons need stations" in capsys.readouterr().err


def test_status_says_what_is_there(shed: Shed, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["shed", "status", "--shed", str(shed.path), "--format", "json"]) == 0
    [found] = json.loads(capsys.readouterr().out)
    assert (found["name"], found["zone"], found["size"], found["readings"]) == ("test", "+08:00", 3, 120)
    assert found["quantities"] == {"co": 60, "pm25": 60}
    assert found["flags"] == {"suspect: spike": 60, "valid": 60}
    assert (found["first"], found["last"]) == ("2016-03-01T00:00+08:00", "2016-03-03T11:00+08:00")
    assert (found["blocks"], found["stale"]) == (1, 1)
    assert run(["shed", "status", str(shed.path)]) == 0
    shown = capsys.readouterr().out
    assert re.search(r"flags: suspect +60\n", shown)
    assert "reason (a reading may have several): suspect, spike   60" in shown


def test_status_counts_each_reason_by_itself_and_fits_a_page(shed: Shed, capsys: pytest.CaptureFixture[str]) -> None:
    flat, spike = (
        "flat-line: the same value hour after hour",
        "spike: far above both the hour before; and the one after",
    )
    shed.publish_network(shipped("beijing"))
    later = MARCH + 1000 * HOUR
    shed.seal_import(
        [
            hours(7, quantity="o3", flag="suspect", reason=f"{flat}; {spike}"),
            hours(5, quantity="so2", flag="suspect", reason=flat),
            hours(
                3,
                quantity="no2",
                flag="invalid",
                reason="停电，见三月五日运行日志；已由值班人员复核并签字确认; see note: 4",
            ),
            hours(2, quantity="no2", first=later, flag="invalid", reason=f"{spike}"),
        ],
        source=source("b"),
    )
    assert run(["shed", "status", str(shed.path)]) == 0
    shown = capsys.readouterr().out
    assert max(map(cell_len, shown.splitlines())) <= 100
    lines = dict(line.strip().rsplit(maxsplit=1) for line in shown.splitlines() if " " in line.strip())
    found = {" ".join(what.split()): count for what, count in lines.items()}
    assert (found["flags: valid"], found["flags: suspect"], found["flags: invalid"]) == ("60", "72", "5")
    reasons = {what.partition("): ")[2]: count for what, count in found.items() if what.startswith("reason (a reading")}
    assert reasons == {
        "suspect, spike": "67",
        "suspect, flat-line": "12",
        "invalid, spike": "2",
        "invalid, 停电，见三月五日运行…": "3",
    }
    assert run(["shed", "status", str(shed.path), "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)[0]
    assert told["flags"][f"suspect: {flat}; {spike}"] == 7
    assert len(told["places"]) == 64


def test_status_with_check_finds_a_changed_byte_and_names_the_file(
    shed: Shed, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["shed", "status", str(shed.path), "--check", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)[0]
    assert (told["checked"], told["problems"], told["notes"]) == (2, [], [])
    pack = max((shed.path / "segments").rglob("*.parquet"))
    content = bytearray(pack.read_bytes())
    content[len(content) // 2] ^= 16
    pack.write_bytes(content)
    assert run(["shed", "status", str(shed.path), "--check"]) == 2
    said = capsys.readouterr()
    assert pack.name in said.err
    assert "Put back a copy" in said.err
    assert "not as the log says" in said.err
    assert run(["shed", "status", str(shed.path), "--check", "--format", "json"]) == 2
    problems = json.loads(capsys.readouterr().out)[0]["problems"]
    assert pack.name in problems[0]
    (shed.path / "log" / "checkpoint").write_text("x")
    (shed.path / "log" / "tail").unlink()
    assert run(["shed", "status", str(shed.path), "--check"]) == 2
    said = capsys.readouterr()
    assert said.out == "", "a shed that cannot be opened is compared all the same"
    assert "log/checkpoint: a signed note has no signatures" in said.err
    assert pack.name in said.err
    assert run(["shed", "status", str(shed.path / "nowhere"), "--check"]) == 2
    assert "there is no shed here" in capsys.readouterr().err


def test_a_correction_and_its_history_as_typed(shed: Shed, capsys: pytest.CaptureFixture[str]) -> None:
    key = ["--shed", str(shed.path), "--station", "dongsi", "--quantity", "pm25"]
    why = ["--reason", "scale was off", "--author", "Li Na"]
    assert run(["shed", "correct", *key, "--start", "2016-03-01T01:00", "--value", "35.5", *why]) == 0
    assert run(["shed", "correct", *key, "--start", "2016-02-29T17:00+00:00", "--flag", "invalid", *why]) == 0
    assert "log size 5" in capsys.readouterr().err
    assert run(["shed", "history", *key, "--start", "2016-03-01T01:00", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [(each["position"], each["value"], each["unit"], each["flag"], each["author"]) for each in found] == [
        (1, "0.001", "ug/m3", "valid", None),
        (3, "35.500", "ug/m3", "valid", "Li Na"),
        (4, "35.500", "ug/m3", "invalid", "Li Na"),
    ]
    assert {each["start"] for each in found} == {"2016-03-01T01:00+08:00"}
    assert run(["shed", "history", *key, "--start", "2016-03-01T01:00"]) == 0
    assert "scale was off" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--quantity", "pm26", "--start", "2016-03-01"], "Did you mean pm25"),
        (["--quantity", "pm25", "--start", "noon"], "Write 2016-03-05T08:00"),
        (["--quantity", "pm25", "--start", "2011-03-01"], "no such reading to correct"),
    ],
)
def test_a_correction_that_cannot_be_is_refused_in_words(
    shed: Shed, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    key = ["--shed", str(shed.path), "--station", "dongsi", "--value", "1", "--reason", "x", "--author", "x"]
    assert run(["shed", "correct", *key, *words]) == 2
    assert said in capsys.readouterr().err


def test_sealing_and_repacking_say_what_they_did(shed: Shed, capsys: pytest.CaptureFixture[str]) -> None:
    with shed.journal() as journal:
        journal.append(hours(70, ticks_from=0, first=MARCH + 20 * HOUR))
        journal.append(hours(5, station="new", first=MARCH + 20 * HOUR))
    assert run(["shed", "seal", "--shed", str(shed.path)]) == 0
    assert capsys.readouterr().err == "35 new, 40 corrected, 0 unchanged; log size 4\n"
    assert run(["shed", "repack", "--shed", str(shed.path)]) == 0
    assert capsys.readouterr().err == "2 packs of 1 months became 1\n"
    assert Shed.open(shed.path).readings().num_rows == 155


def test_a_folder_without_a_shed_says_how_to_make_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["shed", "status", str(tmp_path)]) == 2
    assert "there is no shed here. Make one with `commonshed init" in capsys.readouterr().err


def test_migrate_carries_a_shed_of_format_1_over_and_says_that_it_was_done(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = old_shed(tmp_path / "old")
    assert run(["shed", "status", "--shed", str(path)]) == 2
    assert "commonshed shed migrate" in capsys.readouterr().err
    assert run(["shed", "migrate", "--shed", str(path)]) == 0
    assert "14 entries are in the signed log now" in capsys.readouterr().err
    assert run(["shed", "status", "--shed", str(path), "--check"]) == 0
    capsys.readouterr()
    assert run(["shed", "migrate", "--shed", str(path)]) == 0
    assert "nothing was to be done" in capsys.readouterr().err
