"""``commonshed spill``: records on standard output, a plan where it is asked for, a mend for what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from commonshed import datasets
from commonshed.cli import run

DRILL = datasets.path("thames", "spill.toml").read_text("utf-8")


def _records(capsys: pytest.CaptureFixture[str], *said: str) -> list[dict[str, object]]:
    assert run(["spill", *said, "--members", "0", "--format", "json"]) == 0
    found: list[dict[str, object]] = json.loads(capsys.readouterr().out)
    return found


def test_the_drill_tells_when_it_is_where(capsys: pytest.CaptureFixture[str]) -> None:
    records = _records(capsys, "thames")
    assert {record["scenario_kind"] for record in records} == {"drill"}
    places = [record["place"] for record in records]
    # Down the river: Swinford, Wallingford, Sonning, Runnymede with the borders there and the three intakes between.
    assert [place for place in places if str(place).startswith("TC")] == ["TC5", "TC18", "TC13", "TC16"]
    assert [place for place in places if str(place).startswith("intake")] == ["intake-a", "intake-b", "intake-c"]
    first = records[0]
    assert (first["place"], first["distance_m"], first["reached"]) == ("intake-a", "8700", True)
    arrivals = [float(str(record["arrival_h"])) for record in records if record["reached"]]
    assert arrivals == sorted(arrivals)


def test_each_part_is_its_own_kind_of_record(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    coarse = tmp_path / "drill.toml"
    coarse.write_text(DRILL.replace("step = 100", "step = 500"), encoding="utf-8")
    drill = str(coarse)
    points = _records(capsys, drill, "--part", "response")
    assert [(record["point"], record["rank"]) for record in points][:3] == [
        ("side-pond", 1),
        ("lock-weir", 2),
        ("dosing-bridge", 3),
    ]
    assert {record["standing"] for record in points[3:]} == {"too late", "off the way"}
    events = _records(capsys, drill, "--part", "timetable")
    assert events[0]["event"] == "spilled"
    assert events[0]["at"] == "2016-06-20T08:40Z"
    assert {record["about"] for record in _records(capsys, drill, "--part", "calls")} == {
        "order",
        "act",
        "close",
        "warn",
    }


def test_places_can_be_chosen_and_a_table_is_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert [record["place"] for record in _records(capsys, "thames", "--at", "TC18", "--at", "intake-b")] == [
        "intake-b",
        "TC18",
    ]
    assert run(["spill", "thames", "--members", "0"]) == 0
    told = capsys.readouterr()
    assert "Waterworks A intake" in told.out
    assert (
        "(drill, simulated): 9 of 11 places are reached within 96 h; 3 of 5 response points can still act" in told.err
    )


def test_a_scenario_and_a_network_may_be_files_and_the_plan_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rivers = tmp_path / "rivers.csv"
    rivers.write_text(
        "reach,upstream,downstream,length,discharge,width,depth\nr1,a,b,20000,10,20,1\nr2,b,c,20000,15,30,1\n",
        encoding="utf-8",
    )
    drill = tmp_path / "drill.toml"
    drill.write_text(
        """
        format = "commonshed-spill/1"
        kind = "what-if"
        name = { en = "Cyanide at a", zh = "甲处氰化物" }
        at = 2024-05-01T08:00:00+08:00
        zone = "+08:00"
        hours = 24
        place = { node = "a", name = { en = "outlet", zh = "排口" } }
        substance = { quantity = "cn", threshold = 200, unit = "ug/L", source = "GB 3838-2002, table 1, class III" }
        release = { kind = "pulse", mass = 80, hours = 1 }
        watch = [{ id = "I", kind = "intake", reach = "r2", distance = 100.0, name = { en = "Intake", zh = "取水口" } }]
        """,
        encoding="utf-8",
    )
    plan = tmp_path / "plan.html"
    (record,) = _records(capsys, str(drill), "--network", str(rivers), "--plan", str(plan), "--language", "zh")
    assert (record["place"], record["unit"], record["distance_m"]) == ("I", "ug/L", "20100")
    assert "情景推演" in plan.read_text("utf-8")
    # A network named in the file is looked for beside it; a table tells times on the clock of the place.
    drill.write_text('network = "rivers.csv"\n' + drill.read_text("utf-8"), "utf-8")
    assert run(["spill", str(drill), "--members", "0", "--part", "timetable"]) == 0
    out = capsys.readouterr().out
    assert "at [+08:00]" in out
    assert "2024-05-01 08:00 0.00 spilled" in " ".join(out.split())
    assert _records(capsys, str(drill), "--part", "timetable")[0]["at"] == "2024-05-01T00:00Z"
    assert run(["spill", str(drill), "--network", "nosuch.csv"]) == 2
    assert "there is no such file of reaches" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('network = "thames"\n', "", "a spill needs a river"),
        ('network = "thames"', 'network = "temse"', "Did you mean thames"),
        ('reach = "thames-northmoor"\ndistance = 300', 'reach = "northmoor"\ndistance = 300', "there is no reach"),
        ("distance = 300", "distance = 30000", "from 0 to 12000 m"),
        ("TC6 = 8.17\n", "TC6 = 0.0\nTC5 = 0.0\nTC7 = 0.0\n", "has no flow"),
        ('quantity = "nh3n"', 'quantity = "ammonia"', "there is no quantity"),
        ("at = 2016-06-20T09:40:00+01:00", "at = 2016-06-20T09:40:00", "a time says how far it is from UTC"),
        ('id = "thames-newbridge"', 'id = "thames-oldbridge"', "Did you mean thames-newbridge"),
    ],
)
def test_what_is_wrong_is_named_with_its_mend(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, told: str
) -> None:
    assert old in DRILL
    text = DRILL.replace(old, new, 1)
    if "TC5 = 0.0" in new:
        text = text.replace("TC7 = 3.06\n", "", 1).replace("TC5 = 12.0\n", "", 1)
    file = tmp_path / "drill.toml"
    file.write_text(text, encoding="utf-8")
    assert run(["spill", str(file)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert told in said.err
    assert "our fault" not in said.err


def test_a_plan_is_not_written_over_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["spill", "thames", "--plan", str(tmp_path)]) == 2
    assert "the output is a folder" in capsys.readouterr().err
