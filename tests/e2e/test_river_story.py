"""A river from a text editor to a bill: own sections and reaches, samples when it suited, every figure by hand."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest
from tests.e2e.invoking import Record, here, process
from tests.e2e.small_river import Files

MARCH = ("--period", "2016-03", "--regime", "cn-surface")
SECONDS = 31 * 86_400


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "river").write()


@pytest.fixture
def shed(files: Files) -> Path:
    made = files.path("shed")
    assert here("init", made, "--zone", "+08:00", *files.places).code == 0
    answer = here("ingest", files.path("readings.csv"), "--shed", made, "--mapping", "long")
    assert answer.code == 0, answer.err
    return made


def graded(files: Files, by: str) -> dict[str, Record]:
    records = here("assess", "water", *files.given, *MARCH, "--by", by, "--format", "json").records()
    return {record[by]: record for record in records}


def test_sections_are_graded_from_ions_irregular_times_and_values_below_detection(files: Files) -> None:
    found = graded(files, "section")
    assert {id: record["class"] for id, record in found.items()} == {
        "N1": "III", "E1": "V", "M1": "IV", "L1": "inferior V",
    }  # fmt: skip
    east = found["E1"]
    # (0.34 + 0.42) / 2 = 0.38 lies above 0.3 (IV) and not above 0.4 (V): GB 3838-2002, table 1, rivers.
    assert (east["values"]["tp"], east["classes"]["tp"], east["multiples"]["tp"]) == ("0.380", "V", "0.90")
    # 1.6 mg/L as NH4 x 14.007 / 18.039 = 1.2424 mg/L of nitrogen.
    assert east["values"]["nh3n"] == "1.24"
    assert east["deciding"] == ["tp"]
    assert found["N1"]["below_detection"] == {"nh3n": 1}
    # 0.05 mg/L as NH4 is 0.0388 mg/L of nitrogen, of which half counts.
    assert found["N1"]["values"]["nh3n"] == "0.02"
    assert found["L1"]["below_detection"] == {"nh3n": 1}


def test_ph_outside_six_to_nine_is_worse_than_class_five(files: Files) -> None:
    low = graded(files, "section")["L1"]
    assert (low["class"], low["deciding"]) == ("inferior V", ["ph"])
    assert "codmn" in low["missing"]


def test_rivers_the_basin_and_the_county_are_counted_from_their_sections(files: Files) -> None:
    rivers = graded(files, "river")
    assert {id: record["sections"] for id, record in rivers.items()} == {"East": 1, "Main": 2, "North": 1}
    assert rivers["Main"]["sections_by_class"]["IV"] == 1
    basin = graded(files, "basin")["Big"]
    assert (basin["sections"], basin["excellent_rate"], basin["inferior_rate"]) == (4, "25.0", "25.0")
    assert basin["targets_missed"] == ["E1", "L1", "M1"]
    county = graded(files, "jurisdiction")["230103"]
    assert (county["sections"], county["exceedance_rates"]["tp"]) == (2, "100.0")


def test_the_shed_gives_the_figures_the_files_give(files: Files, shed: Path) -> None:
    for by in ("section", "river", "basin", "jurisdiction"):
        asked = ("assess", "water", "--shed", shed, *MARCH, "--by", by, "--format", "json")
        assert {record[by]: record for record in here(*asked).records()} == graded(files, by)


def test_taking_the_same_samples_in_again_changes_nothing(files: Files, shed: Path) -> None:
    before = here("shed", "status", shed, "--format", "json").out
    assert here("ingest", files.path("readings.csv"), "--shed", shed, "--mapping", "long").code == 0
    assert here("shed", "status", shed, "--format", "json").out == before


def test_the_command_of_the_handbook_runs_in_a_folder_of_its_own(tmp_path: Path) -> None:
    """Exactly as it is written in the documentation, as a process of its own, without rivers."""
    Files(tmp_path).write()
    line = (
        "assess water readings.csv --stations sections.csv --mapping long --period 2016-03 --by section "
        "--regime cn-surface --format json"
    )
    answer = process(*line.split(), cwd=tmp_path)
    record = next(record for record in answer.records() if record["section"] == "E1")
    wanted = ("section", "period", "regime", "editions", "valid", "why_not", "class", "deciding", "main_pollutants")
    assert [record[name] for name in wanted] == [
        "E1", "2016-03", "cn-surface", ["GB 3838-2002", "Huanban 2011-22", "CWQI-2017"], True, None, "V", ["tp"],
        ["tp", "nh3n", "do"],
    ]  # fmt: skip
    assert all(isinstance(value, str) for value in record["values"].values())


def test_loads_are_concentration_times_water(shed: Path) -> None:
    asked = ("attribute", "loads", "--shed", shed, "--period", "2016-03", "--quantity", "tp", "--format", "json")
    records = here(*asked).records()
    averaged = {record["section"]: record["tonnes"] for record in records if record["method"] == "averaging"}
    means = {"N1": (Decimal("0.12"), 6), "E1": (Decimal("0.38"), 4), "M1": (Decimal("0.23"), 10)}
    for section, (mean, flow) in means.items():
        tonnes = mean * flow * SECONDS / 1_000_000
        assert abs(Decimal(averaged[section]) - tonnes) <= Decimal("0.0006"), section
    curve = next(record for record in records if record["section"] == "E1" and record["method"] == "rating")
    assert curve["tonnes"] is None
    assert curve["why_not"] == "a curve needs 6 samples, there are 2"


def test_shares_of_the_counties_upstream_sum_to_one_and_follow_their_loads(shed: Path) -> None:
    asked = ("attribute", "shares", "--shed", shed, "--period", "2016-03", "--quantity", "tp", "--section", "M1")
    answer = here(*asked, "--by", "jurisdiction", "--format", "json")
    shares = {record["of"]: Decimal(record["share"]) for record in answer.records()}
    assert sum(shares.values()) == 1
    # 0.38 x 4 of the East stand against 0.12 x 6 of the North; samples of different days leave a few percent.
    assert shares["230112"] == pytest.approx(Decimal(152) / Decimal(224), abs=Decimal("0.02"))
    assert shares["230111"] == pytest.approx(Decimal(72) / Decimal(224), abs=Decimal("0.02"))
    assert shares["230103"] == 0
    assert "None" not in answer.out


def test_the_agreement_is_settled_to_the_fen(files: Files, shed: Path) -> None:
    bill = here(
        "settle", files.path("agreement.toml"), "--shed", shed, "--period", "2016-03", "--format", "json"
    ).records()
    (line,) = [record for record in bill if record["record"] == "line"]
    # 4 m3/s x 31 days = 1071.36, rounded 1071 x 10^4 m3; (0.380 - 0.2) x 1071 x 10^4 g = 1.9278 t x 100,000 CNY.
    assert (line["payer"], line["receiver"], line["amount"], line["status"]) == (
        "230112", "230103", "192780.00", "due",
    )  # fmt: skip
    net = {record["party"]: Decimal(record["net"]) for record in bill if record["record"] == "total"}
    assert net == {"230112": Decimal(-192780), "230103": Decimal(192780)}


def test_a_month_without_samples_waits_and_costs_nothing_yet(files: Files, shed: Path) -> None:
    bill = here("settle", files.path("agreement.toml"), "--shed", shed, "--period", "2016-04", "--format", "json")
    (line,) = [record for record in bill.records() if record["record"] == "line"]
    assert (line["amount"], line["status"]) == (None, "open")


def test_a_correction_changes_the_bill_and_the_old_one_can_still_be_asked_for(files: Files, shed: Path) -> None:
    asked = ("settle", files.path("agreement.toml"), "--shed", shed, "--period", "2016-03", "--format", "json")
    before = here(*asked)
    (size,) = [record["size"] for record in here("shed", "status", shed, "--format", "json").records()]
    mended = files.path("mended.csv")
    mended.write_text(files.readings.replace("0,0.42,", "0,0.36,"), "utf-8")
    assert here("ingest", mended, "--shed", shed, "--mapping", "long").code == 0
    # (0.34 + 0.36) / 2 = 0.35: 0.15 x 1071 x 10^4 g at 100,000 CNY/t.
    assert [r["amount"] for r in here(*asked).records() if r["record"] == "line"] == ["160650.00"]
    then = here(*asked, "--as-of", size)
    assert [r["amount"] for r in then.records() if r["record"] == "line"] == ["192780.00"]
    assert [r["amount"] for r in before.records() if r["record"] == "line"] == ["192780.00"]


def test_a_spill_on_the_own_network_arrives_when_the_water_does(files: Files) -> None:
    answer = here(
        "spill", files.path("spill.toml"), "--network", files.path("rivers.csv"), "--at", "M1", "--at", "L1",
        "--members", "0", "--format", "json", "--plan", files.path("plan.html"),
    )  # fmt: skip
    arrivals = {record["place"]: record for record in answer.records()}
    # 2 km at 6/(20 x 1) m/s and 5 km at 10/(30 x 1.2) m/s: 1.85 h and 5.0 h to the middle of the cloud.
    travel = 2000 / 0.3 / 3600 + 5000 / (10 / 36) / 3600
    assert float(arrivals["M1"]["peak_h"]) == pytest.approx(travel, rel=0.1)
    assert float(arrivals["M1"]["arrival_h"]) < travel
    assert float(arrivals["L1"]["peak_h"]) > float(arrivals["M1"]["peak_h"])
    assert Decimal(arrivals["L1"]["peak"]) < Decimal(arrivals["M1"]["peak"])
    assert Decimal(arrivals["M1"]["with_response"]["peak"]) == pytest.approx(
        Decimal(arrivals["M1"]["peak"]) / 2, rel=Decimal("0.1")
    )
    assert "北桥演练" in files.path("plan.html").read_text("utf-8")


def test_tables_for_people_and_files_for_programs_hold_the_same_classes(files: Files) -> None:
    table = here("assess", "water", *files.given, *MARCH, "--by", "section")
    assert "inferior V" in table.out
    out = files.path("classes.csv")
    assert here("assess", "water", *files.given, *MARCH, "--by", "section", "--output", out).code == 0
    rows = {row["section"]: row["class"] for row in csv.DictReader(out.read_text("utf-8").splitlines())}
    assert rows == {id: record["class"] for id, record in graded(files, "section").items()}


def test_noise_is_graded_from_hourly_levels(tmp_path: Path) -> None:
    """Ld and Ln of one day: 16 h at 60 dB(A) but one at 70, nights at 52; GB 3096-2008, class 2: 60 and 50."""
    lines = ["station,quantity,statistic,start,period,value,unit"]
    for hour in range(6, 30):
        level = 70 if hour == 12 else 60 if hour < 22 else 52
        lines.append(f"P,leq,leq,2016-03-{1 + hour // 24:02d}T{hour % 24:02d}:00+08:00,PT1H,{level},dB(A)")
    (tmp_path / "levels.csv").write_text("\n".join(lines) + "\n", "utf-8")
    (tmp_path / "points.csv").write_text(
        "station,lon,lat,adcode,role,noise_zone,survey,road_length\nP,126.6,45.7,230102,assessed,2,functional-zone,\n",
        "utf-8",
    )
    answer = here(
        "assess", "noise", tmp_path / "levels.csv", "--stations", tmp_path / "points.csv", "--mapping", "long",
        "--period", "2016-03-01", "--regime", "cn-noise", "--format", "json",
    )  # fmt: skip
    (record,) = answer.records()
    # 10 lg((15 x 10^6 + 10^7) / 16) = 61.94
    assert (record["day"]["level"], record["day"]["limit"], record["day"]["met"]) == ("61.9", "60", False)
    assert (record["night"]["level"], record["night"]["limit"], record["night"]["met"]) == ("52.0", "50", False)
    assert record["night"]["excess"] == "2.0"
