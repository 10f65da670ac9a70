"""``commonshed demo``: what the summary says, and that the whole way runs and can be run again."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from commonshed import cli
from commonshed.cli.demos.beijing import headline, reasons, year_table


def year(name: str, mean: str | None, *, over: int = 131, o3_days: int = 358, o3_short: list[str] | None = None) -> Any:
    """A city's record of one year, with what the summary reads of it."""
    clause = "(HJ 663-2013, clause 6 (data statistics))"
    short = {"valid_days": o3_days, "needed": 324, "months_short": o3_short or [], "valid": not o3_short}
    pm25: dict[str, Any] = {
        "valid_days": 364 if mean else 306,
        "needed": 324,
        "months_short": [],
        "valid": mean is not None,
    }
    return {
        "period": name,
        "valid": mean is not None and not o3_short,
        "why_not": f"o3 not assessed: … {clause}" if o3_short or not mean else None,
        "mean": {"pm25": mean},
        "indicative": {"mean": {"pm25": "81"}},
        "good_days": 195,
        "valid_days": 364,
        "days_by_class": {"1": 70, "2": 125, "3": 80, "4": 49, "5": 31, "6": 9},
        "exceedance_days": {"pm25": over},
        "completeness": {"pm25": pm25, "o3": short},
        "against": {"converted": {"good_days": 170, "days_by_class": {"5": 30, "6": 9}}},
    }


def test_the_headline_is_the_answer_of_the_last_year_that_can_be_assessed() -> None:
    years = [year("2013", None), year("2014", "85"), year("2016", "73"), year("2017", None)]
    assert headline(years) == (
        "In 2016 Beijing met the 24-hour PM2.5 limit on 233 of 364 days; "
        "the year's mean was 73 µg/m³, after 85 in 2014."
    )
    assert headline([year("2013", None)]) == "No year has enough valid days for its PM2.5 to be assessed."


def test_a_year_in_part_shows_its_figure_in_brackets_and_says_so() -> None:
    official = {"2016": {"PM25_mean": 73, "good_days": 198, "heavy_days": 39}}
    *_, part, whole = year_table([year("2013", None), year("2016", "73")], official).splitlines()
    assert part.split() == ["2013,", "part", "(81)", "–", "195", "of", "364", "–", "40", "–", "170", "39"]
    assert whole.split() == ["2016", "73", "73", "195", "of", "364", "198", "40", "39", "170", "39"]


def test_the_table_fits_a_terminal_and_its_columns_stand_under_their_heads() -> None:
    lines = year_table([year("2013", None), year("2016", "73")], {}).splitlines()
    assert max(map(len, lines)) <= 80
    head, row = lines[1], lines[-1]
    assert row[: head.index("ours") + 4].endswith("73")
    assert row[: head.rindex("good") + 4].endswith("170")
    assert row.endswith("39")
    assert len(row) == len(head)


def test_what_is_not_assessed_is_said_with_the_clause() -> None:
    lines = list(reasons([year("2013", None, o3_days=210, o3_short=["2013-01", "2013-02"]), year("2015", "81")]))
    assert lines == ["2013: no quantity is assessed; o3 has 210 valid days of 324 (HJ 663-2013, clause 6)"]
    (line,) = reasons([year("2016", "73", o3_short=["2016-09"])])
    assert line == "2016: not assessed: o3; too few valid days in 2016-09 (HJ 663-2013, clause 6)"


@pytest.mark.slow
def test_the_demo_runs_from_nothing_and_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    said = []
    for _ in range(2):
        assert cli.run(["demo"]) == 0, capsys.readouterr().err
        said.append(capsys.readouterr())
    first, again = said
    assert first.out == again.out
    page = tmp_path / "demo" / "beijing.html"
    assert f"The report: {page}" in first.out
    assert "<html" in page.read_text("utf-8")[:500]
    assert "2,454,305 from 420,768 rows" in first.err
    assert "taken in before, nothing changed" in again.err
    rows = {line.split()[0].strip(","): line for line in first.out.splitlines() if re.match(r"20\d\d,? ", line)}
    assert list(rows) == ["2013", "2014", "2015", "2016", "2017"]
    # The official bulletin of 2016 prints 73 µg/m³ and 198 good days, over stations that are not quite these.
    assert rows["2016"].split()[1:3] == ["73", "73"]
    assert "198" in rows["2016"].split()
    assert "part" in rows["2013"]
    assert "part" in rows["2017"]
    assert "2014: not assessed: no2" in first.out


def test_a_demo_that_is_not_there_names_those_that_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["demo", "--place", "peking"]) == 2
    assert "there is no demo 'peking'" in capsys.readouterr().err
