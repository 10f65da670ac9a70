"""The drill acted out with a real node on loopback: the keeper of the key fools itself and nobody else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from commonshed.errors import InputError
from commonshed.keep import Shed
from commonshed.observe import ingest
from commonshed.places import shipped
from commonshed.simulate.drill import Drill, Look, Reading, Scene, drill, said

HEADER = "station,quantity,start,period,value,unit"


@pytest.fixture(scope="module")
def shed(tmp_path_factory: pytest.TempPathFactory) -> Shed:
    folder = tmp_path_factory.mktemp("drill")
    rows = [
        f"Dongsi,pm25,2016-12-{day:02d}T{hour:02d}:00+08:00,PT1H,{100 + hour + day},ug/m3"
        for day in range(1, 32)
        for hour in range(24)
    ]
    (folder / "readings.csv").write_text("\n".join([HEADER, *rows, ""]), "utf-8")
    shed = Shed.create(folder / "shed", name="Beijing", zone="+08:00")
    shed.publish_network(shipped("beijing"))
    ingest(shed, folder / "readings.csv", "long")
    return shed


@pytest.fixture(scope="module")
def done(shed: Shed, tmp_path_factory: pytest.TempPathFactory) -> tuple[Drill, list[Look | Scene]]:
    told: list[Look | Scene] = []
    start = 1_482_199_200  # 2016-12-20T10:00+08:00
    reading = Reading("Dongsi", "pm25", start, 75_000)
    return drill(shed.path, tmp_path_factory.mktemp("acted") / "drill", reading, month="2016-12",
                 told=told.append), told  # fmt: skip


def test_everybody_notices_but_the_one_who_holds_the_key(done: tuple[Drill, list[Look | Scene]]) -> None:
    found = {look.who: look.notices for look in done[0].looks}
    assert found == {"disk": True, "own": False, "neighbour": True, "reporter": True, "court": True}


def test_the_neighbour_names_the_hour_with_both_values(done: tuple[Drill, list[Look | Scene]]) -> None:
    [neighbour] = [look for look in done[0].looks if look.who == "neighbour"]
    assert "Dongsi, pm25, 2016-12-20T10:00+08:00: 130 ug/m3 became 75 ug/m3" in neighbour.text("en")
    assert "130 ug/m3 变为 75 ug/m3" in neighbour.text("zh")


def test_the_court_still_holds_what_was_measured_with_two_signatures(done: tuple[Drill, list[Look | Scene]]) -> None:
    [court] = [look for look in done[0].looks if look.who == "court"]
    assert court.text("en").startswith("still holds 130 ug/m3, signed by the node and cosigned by the neighbour")


def test_it_is_told_as_it_happens_and_the_shed_itself_stays(shed: Shed, done: tuple[Drill, list[Look | Scene]]) -> None:
    kinds = [each.who if isinstance(each, Look) else each.key for each in done[1]]
    assert kinds == ["before.title", "drill.title", "disk", "own", "neighbour", "reporter", "court"]
    assert not Shed.open(shed.path).check().problems
    assert done[0].before == "130"


def test_every_sentence_is_there_in_both_languages() -> None:
    for who in ("disk", "own", "neighbour", "reporter", "court"):
        for key in ("who", "sees", "misses"):
            for language in ("en", "zh"):
                values = dict.fromkeys(
                    ("place", "problem", "entry", "hour", "before", "after", "value", "unit", "witnesses"), "x"
                )
                assert said(f"{who}.{key}", language, **values)


def test_as_typed_it_says_all_of_it_for_machines(shed: Shed, tmp_path: Path) -> None:
    words = ["tamper-drill", "--shed", str(shed.path), "--folder", str(tmp_path / "d"), "--format", "json"]
    root = Path(__file__).resolve().parents[3]
    environment = {**os.environ, "PYTHONPATH": str(root / "src")}
    done = subprocess.run(
        [sys.executable, "-m", "commonshed", *words], env=environment, capture_output=True, text=True, check=True
    )
    told = json.loads(done.stdout)
    assert [(look["who"], look["notices"]) for look in told["looks"]][1] == ("own", False)
    assert (told["before"], told["after"], told["unit"]) == ("130", "75", "ug/m3")


def test_a_reading_that_is_not_there_ends_it_before_anything_is_served(shed: Shed, tmp_path: Path) -> None:
    reading = Reading("Dongsi", "so2", 1_482_199_200, 1)
    with pytest.raises(InputError, match="so2"):
        drill(shed.path, tmp_path / "drill", reading, month="2016-12", told=lambda _: None)
    with pytest.raises(InputError, match="there already"):
        drill(shed.path, tmp_path, replace(reading, quantity="pm25"), month="2016-12", told=lambda _: None)
