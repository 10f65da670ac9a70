"""A stranger's first hour, as processes of their own: make a shed, take files in, look, assess, report, look again."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path

import pytest
from tests.e2e import small_files
from tests.e2e.invoking import Answer, exact_json, here, process
from tests.e2e.small_files import FIRST, LAST, csv_bytes, rows, shuffled
from tests.oracle import beijing, readings

from commonshed import datasets

SPAN = f"{FIRST}..{LAST}"


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Answer]]:
    """A shed with two files in it, and what each command said on the way."""
    folder = tmp_path_factory.mktemp("story")
    everything = shuffled(rows(readings.STATIONS))
    half = len(everything) // 2
    bad = [{**everything[0], "hour": "25"}, {**everything[1], "station": "Atlantis"}, {**everything[2], "PM2.5": "?"}]
    (folder / "first.csv").write_bytes(csv_bytes([*everything[:half], *bad]))
    (folder / "second.csv").write_bytes(csv_bytes(everything[half:], encoding="utf-8-sig", end="\r\n"))
    shed = folder / "shed"
    told = {
        "init": process("init", shed, "--stations", datasets.path("beijing", "stations.csv"), "--zone", "+08:00"),
        "dry": process("ingest", folder / "first.csv", "--shed", shed, "--mapping", "prsa", "--dry-run"),
        "before": process("shed", "status", "--shed", shed, "--format", "json"),
        "ingest": process(
            "ingest",
            folder / "first.csv",
            folder / "second.csv",
            "--shed",
            shed,
            "--mapping",
            "prsa",
            "--format",
            "json",
        ),
        "again": process(
            "ingest",
            folder / "second.csv",
            folder / "first.csv",
            "--shed",
            shed,
            "--mapping",
            "prsa",
            "--format",
            "json",
        ),
        "status": process("shed", "status", "--shed", shed, "--format", "json"),
    }
    return shed, told


def test_every_step_of_the_story_succeeds(story: tuple[Path, dict[str, Answer]]) -> None:
    _, told = story
    for step, answer in told.items():
        assert answer.code == 0, f"{step}: {answer.err}"
        assert "Traceback" not in answer.err


def test_a_dry_run_writes_nothing_and_says_so(story: tuple[Path, dict[str, Answer]]) -> None:
    _, told = story
    assert "nothing was written" in told["dry"].err
    assert _readings(told["before"]) == 0


def test_three_bad_rows_are_set_aside_with_their_reasons_and_the_rest_is_in(
    story: tuple[Path, dict[str, Answer]],
) -> None:
    _, told = story
    first, second = exact_json(told["ingest"].out)
    expected = sum(
        value != "NA" for row in rows(readings.STATIONS) for key, value in row.items() if key in small_files.VALUES
    )
    # The row with the unreadable PM2.5 repeats the other values of a row that is there.
    assert first["new"] + second["new"] == expected == _readings(told["status"])
    assert first["rejected"] >= 3
    assert second["rejected"] == 0
    with Path(first["reject_file"]).open(encoding="utf-8-sig", newline="") as file:
        rejects = list(csv.DictReader(file))
    assert len(rejects) == first["rejected"]
    text = " ".join(" ".join(str(v) for v in reject.values()) for reject in rejects)
    assert "Atlantis" in text
    assert "25" in text


def test_the_same_files_again_change_nothing(story: tuple[Path, dict[str, Answer]]) -> None:
    _, told = story
    for record in exact_json(told["again"].out):
        assert (record["new"], record["corrected"]) == (0, 0)
        assert record["outcome"] == "taken in before"


def _readings(status: Answer) -> int:
    (record,) = exact_json(status.out)
    found = record["readings"]
    return sum(found.values()) if isinstance(found, dict) else int(found)


@pytest.mark.parametrize("by", ["station", "jurisdiction"])
def test_the_shed_grades_the_days_as_the_oracle_does(story: tuple[Path, dict[str, Answer]], by: str) -> None:
    shed, _ = story
    answer = process(
        "assess", "air", "--shed", shed, "--period", SPAN, "--by", by, "--regime", "cn-2012",
        "--unit-of-time", "day", "--format", "json",
    )  # fmt: skip
    found = {(r[by], r["period"]): r for r in answer.records()}
    graded = beijing.station_days("cn-2012") if by == "station" else beijing.place_days("cn-2012")
    assert {place for place, _ in found} == set(graded)
    for (place, period), record in found.items():
        day = graded[place][(date.fromisoformat(period) - readings.FIRST_DAY).days]
        assert {key: record[key] for key in day.texts()} == day.texts(), (place, period)
        assert (record["aqi"], record["class"], record["primary"]) == (day.aqi, day.level, day.primary)


def test_without_a_regime_the_law_of_the_day_is_looked_up(story: tuple[Path, dict[str, Answer]]) -> None:
    shed, _ = story
    answer = process(
        "assess", "air", "--shed", shed, "--period", str(FIRST), "--by", "station", "--unit-of-time", "day",
        "--format", "json",
    )  # fmt: skip
    assert {(r["regime"], r["in_force"]) for r in answer.records()} == {("cn-2012", True)}


def test_another_law_named_explicitly_says_that_it_was_not_in_force(story: tuple[Path, dict[str, Answer]]) -> None:
    shed, _ = story
    answer = here(
        "assess", "air", "--shed", shed, "--period", str(FIRST), "--by", "station", "--unit-of-time", "day",
        "--regime", "cn-2026", "--format", "json",
    )  # fmt: skip
    assert {(r["regime"], r["in_force"]) for r in answer.records()} == {("cn-2026", False)}


@pytest.mark.parametrize("form", ["table", "json", "csv"])
def test_each_format_says_the_same_index(story: tuple[Path, dict[str, Answer]], form: str) -> None:
    shed, _ = story
    answer = here(
        "assess", "air", "--shed", shed, "--period", "2016-02-29", "--by", "station", "--regime", "cn-2012",
        "--unit-of-time", "day", "--format", form,
    )  # fmt: skip
    assert answer.code == 0, answer.err
    day = beijing.station_days("cn-2012")["Dongsi"][(small_files.FIRST - readings.FIRST_DAY).days + 2]
    (line,) = [line for line in answer.out.splitlines() if "Dongsi" in line]
    assert str(day.aqi) in line
    if form == "json":
        assert json.loads(line.rstrip(","))["aqi"] == day.aqi


def test_a_correction_moves_the_figure_and_as_of_keeps_the_old_one(story: tuple[Path, dict[str, Answer]]) -> None:
    shed, told = story
    (status,) = exact_json(told["status"].out)
    size = status["size"]

    def pm25(*more: object) -> str:
        answer = here(
            "assess", "air", "--shed", shed, "--period", "2016-03-01", "--by", "station", "--regime", "cn-2012",
            "--unit-of-time", "day", "--format", "json", *more,
        )  # fmt: skip
        (record,) = [r for r in answer.records() if r["station"] == "Dongsi"]
        return str(record["pm25"])

    before = pm25()
    corrected = process(
        "shed", "correct", "--shed", shed, "--station", "Dongsi", "--quantity", "pm25", "--start", "2016-03-01T08:00",
        "--value", "900", "--reason", "a test", "--author", "nobody",
    )  # fmt: skip
    assert corrected.code == 0, corrected.err
    assert pm25() != before
    assert pm25("--as-of", size) == before


def test_the_report_is_one_file_that_needs_no_network(story: tuple[Path, dict[str, Answer]]) -> None:
    shed, _ = story
    page = shed.parent / "report.html"
    answer = process("report", "--shed", shed, "--period", "2016", "--output", page)
    assert (answer.code, answer.out.strip()) == (0, str(page)), answer.err
    text = page.read_text("utf-8")
    assert text.lstrip().lower().startswith("<!doctype html")
    for tag in ('src="http', "src='http", "@import", 'rel="stylesheet" href'):
        assert tag not in text
