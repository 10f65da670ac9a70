"""``commonshed assess water`` as it is typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from commonshed import cli

SECTIONS = """section,name_en,name_zh,lon,lat,adcode,water_body,water,basin,target
A,Alpha,甲,126.6,45.8,230102,river,Songhua,Songhua,III
L,Lake,湖,126.8,45.7,230103,lake,Lake,Songhua,III
"""
READINGS = """station,start,period,quantity,value,unit,qualifier
A,2016-03-05T10:00+08:00,0,ph,7.8,1,=
A,2016-03-05T10:00+08:00,0,do,5.4,mg/L,=
A,2016-03-05T10:00+08:00,0,nh3n,1.25,mg/L,=
A,2016-03-20T10:00+08:00,0,nh3n,1.26,mg/L,=
A,2016-03-05T10:00+08:00,0,tp,5,ug/L,<
L,2016-03-05T10:00+08:00,0,tp,0.06,mg/L,=
L,2016-04-05T10:00+08:00,0,tp,0.01,mg/L,=
"""


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    (tmp_path / "sections.csv").write_text(SECTIONS, encoding="utf-8")
    (tmp_path / "readings.csv").write_text(READINGS, encoding="utf-8")
    return [str(tmp_path / "readings.csv"), "--stations", str(tmp_path / "sections.csv"), "--mapping", "long"]


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = cli.run(["assess", "water", *arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_the_command_of_the_issue_works(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--period", "2016-03", "--by", "section", "--regime", "cn-surface", "--format", "json"]
    code, out, err = run(capsys, *files, *asked)
    river, lake = json.loads(out)
    assert code == 0
    assert (river["section"], river["class"], river["deciding"]) == ("A", "IV", ["nh3n"])
    assert river["values"] == {"ph": "8", "do": "5.4", "nh3n": "1.26", "tp": "0.002"}
    assert (lake["class"], lake["main_pollutants"], lake["multiples"]) == ("IV", ["tp"], {"tp": "0.20"})
    assert "2 of 2 sections assessed; 0.0 % good or better" in err


def test_the_table_shows_classes_and_targets(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, *files, "--period", "2016-03")
    assert "Alpha" in out
    assert "IV" in out
    _, out, _ = run(capsys, *files, "--period", "2016-03", "--by", "jurisdiction")
    assert "CWQI" in out
    _, out, _ = run(capsys, *files, "--period", "2016-03", "--by", "river")
    assert "lightly polluted" in out


def test_a_period_without_samples_is_refused_with_the_one_that_has(
    files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, *files, "--period", "2015")
    assert (code, out) == (2, "")
    assert "Samples run from 2016-03-05 to 2016-04-05" in err


def test_an_unknown_unit_names_the_row(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    path = Path(files[0])
    path.write_text(READINGS.replace("1.25,mg/L", "1.25,mol/L"), encoding="utf-8")
    code, out, err = run(capsys, *files, "--period", "2016-03", "--format", "json")
    assert "mol/L" in err
    assert code in (0, 2)
    assert code == 2 or json.loads(out)[0]["samples"]["nh3n"] == 1


def test_each_kind_of_fault_in_a_file_is_told_once_with_its_mend(
    files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    faulty = READINGS.replace(",nh3n,", ",氨氮,").replace("ug/L", "UG/L").replace(",do,5.4,", ",do,-5.4,")
    Path(files[0]).write_text(faulty, encoding="utf-8")
    code, _, err = run(capsys, *files, "--period", "2016-03")
    told = err.splitlines()
    assert code == 0
    assert (
        "readings.csv, row 3, field quantity: there is no quantity '氨氮' (given: '氨氮'). Did you mean nh3n? "
        "Left out for this: 2" in told
    )
    assert any("row 5, field unit: tp is not measured in 'UG/L'" in line for line in told)
    assert "water-negative: 1 readings are invalid, the first: do at A" in told


def test_times_without_offset_are_read_when_the_zone_is_named(
    files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    _, as_it_was, _ = run(capsys, *files, "--period", "2016-03", "--format", "json")
    Path(files[0]).write_text(READINGS.replace("+08:00", ""), encoding="utf-8")
    code, _, err = run(capsys, *files, "--period", "2016-03", "--format", "json")
    assert code != 0
    assert "Left out for this: 7" in err
    assert "--zone +08:00" in err
    _, out, _ = run(capsys, *files, "--period", "2016-03", "--format", "json", "--zone", "+08:00")
    assert out == as_it_was


def test_a_table_says_what_a_class_rests_on_and_how_rich_a_lake_is(
    files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    lake = "".join(
        f"L,2016-03-05T10:00+08:00,0,{key},{value},\n"
        for key, value in {"chla": "10,mg/m3", "tn": "1.0,mg/L", "sd": "1.0,m", "codmn": "4.0,mg/L"}.items()
    )
    Path(files[0]).write_text(
        READINGS.replace("L,2016-03-05T10:00+08:00,0,tp,0.06", "L,2016-03-05T10:00+08:00,0,tp,0.05") + lake, "utf-8"
    )
    _, out, err = run(capsys, *files, "--period", "2016-03")
    head, river, lake_row = (
        next(row for row in out.splitlines() if word in row) for word in ("section", "Alpha", "Lake")
    )
    assert head.split()[-5:] == ["quantities", "of", "TLI", "trophic", "state"]
    assert " 4   21 " in river
    # The worked example of the method's coefficients: TLI 48.0.
    assert "48.0   mesotrophic" in lake_row
    assert "A: samples below detection count as half the detection limit (unverified)." in err


def test_a_jurisdiction_without_a_rank_says_what_differs(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, *files, "--period", "2016-03", "--by", "jurisdiction", "--format", "json")
    records = {record["jurisdiction"]: record for record in json.loads(out)}
    unranked = [key for key, record in records.items() if record["cwqi"] and record["rank"] is None]
    assert unranked == ["230103"]
    assert records["230103"]["notes"] == [
        "not ranked: compared with the index of those ranked, this one lacks ph, do, nh3n"
    ]


def test_a_table_of_trends_has_slopes_to_one_decimal(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    head = READINGS.splitlines()[0]
    months = [(year, month) for year in (2014, 2015, 2016) for month in range(1, 13)]
    rows = [f"A,{y}-{m:02d}-05T10:00+08:00,0,tp,{0.3 - 0.0013 * i:.4f},mg/L,=" for i, (y, m) in enumerate(months)]
    Path(files[0]).write_text("\n".join([head, *rows]) + "\n", "utf-8")
    asked = ["assess", "water-trend", *files, "--period", "2014..2016"]
    assert cli.run([*asked, "--format", "json"]) == 0
    (record,) = json.loads(capsys.readouterr().out)
    percent = record["slope"]["percent_per_year"]
    assert cli.run(asked) == 0
    row = next(line for line in capsys.readouterr().out.splitlines() if "Alpha" in line)
    # 12 steps of 0.0013 a year over the median of 0.27725.
    assert (percent[:6], "falling", "-5.6") == ("-5.626", row.split()[6], row.split()[7])
