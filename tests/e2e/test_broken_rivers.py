"""Rivers, samples, agreements and spills as people mistype them.

What cannot be used ends with code 2 and a sentence that names the place and the mend, before anything is written: no
output file, no half bill, no half shed. What can be read all the same is read, and said.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from tests.e2e.invoking import Answer, here
from tests.e2e.small_river import AGREEMENT, HEAD, RIVERS, SAMPLES, SECTIONS, SPILL, Files, flows

Asking = Literal["init", "water", "loads", "shares", "settle", "spill"]


def readings(*changes: tuple[str, str]) -> str:
    text = SAMPLES
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return f"{HEAD}\n{text}{flows()}"


def ask(which: Asking, files: Files, output: Path, *more: object) -> Answer:
    """One of the commands on the files, with an output that must not appear."""
    march = ("--period", "2016-03") if "--period" not in more else ()
    result = ("--output", output, *more)
    tp = ("--quantity", "tp") if "--quantity" not in more else ()
    if which == "init":
        return here("init", files.path("shed"), "--zone", "+08:00", *files.places)
    if which == "water":
        return here("assess", "water", *files.given, *march, *result)
    if which == "loads":
        return here("attribute", "loads", *files.given, *march, *tp, *result)
    if which == "shares":
        section = ("--section", "M1") if "--section" not in more else ()
        return here("attribute", "shares", *files.given, *march, *tp, *section, *result)
    if which == "settle":
        return here("settle", files.path("agreement.toml"), *files.given, *march, *result)
    at = ("--at", "M1") if "--at" not in more else ()
    return here(
        "spill", files.path("spill.toml"), "--network", files.path("rivers.csv"), "--members", "0",
        "--plan", output.with_name("plan.html"), *at, *result,
    )  # fmt: skip


@dataclass(frozen=True)
class Bad:
    """A fault: what is changed in which file, what is asked, and what the answer names."""

    asked: Asking
    named: tuple[str, ...]
    sections: str = SECTIONS
    rivers: str = RIVERS
    readings: str = readings()
    agreement: str = AGREEMENT
    spill: str = SPILL
    more: tuple[str, ...] = ()
    encoding: str = "utf-8"


def swapped(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new)


def rivers(old: str, new: str, *named: str, asked: Asking = "init") -> Bad:
    return Bad(asked, named, rivers=swapped(RIVERS, old, new))


def agreed(old: str, new: str, *named: str) -> Bad:
    return Bad("settle", ("agreement.toml", *named), agreement=swapped(AGREEMENT, old, new))


def spilled(old: str, new: str, *named: str, more: tuple[str, ...] = ()) -> Bad:
    return Bad("spill", named, spill=swapped(SPILL, old, new), more=more)


OFF = SECTIONS + "X9,Off,外,126.0,45.0,230103,river,Other,Big,III\n"
NETWORK = {
    "a loop": rivers("main-end,L1,sea", "main-end,L1,meet", "in a circle: L1 → meet → M1 → L1", "Turn one"),
    "a section upstream of itself": rivers("main-end,L1,sea", "main-end,L1,L1", "row 7", "upstream of itself"),
    "the same reach twice": rivers("east-low,E1", "east,E1", "row 4", "this id stands here twice", "Give each its own"),
    "the same edge twice": Bad(
        "init", ("the river divides at north into again, north", "part of the flow"),
        rivers=RIVERS + "again,north,N1,North,北河,8000,6,20,1.0,230111\n",
    ),
    "a division that does not say how": Bad(
        "init", ("the river divides at meet into canal, main", "together they are 1"),
        rivers=RIVERS + "canal,meet,sea2,Canal,渠,1000,1,1,1,230103\n",
    ),
    "a negative length": rivers("8000", "-8000", "row 1, field length", "no reach has this length", "positive number"),
    "a length of nothing": rivers("8000", "0", "row 1, field length", "no reach has this length"),
    "a length with its unit": rivers("8000", "8 km", "row 1, field length", "'8 km'", "Write a decimal"),
    "a river that runs backwards": rivers("5000,10,", "5000,-3,", "row 5, field discharge", "no reach has this"),
    "an empty file of rivers": Bad("init", ("rivers.csv: the file is empty",), rivers=""),
    "an empty file of sections": Bad("water", ("sections.csv: the file is empty",), sections=""),
    "sections without ids": Bad(
        "init", ("sections.csv, field station or section or id: a column is missing", "Add the column"),
        sections="name,where\nNorth bridge,here\n",
    ),
    "rivers that are no edges": Bad("init", ("rivers.csv", "column is missing"), rivers="river,long\nNorth,8000\n"),
    "a file that is no text": Bad("water", ("is not a text file", "UTF-8"), encoding="utf-16"),
}  # fmt: skip
READINGS = {
    "no rows": Bad("water", ("readings.csv: there are no rows under the header",), readings=HEAD + "\n"),
    "an empty file": Bad("water", ("readings.csv: the file is empty", "download finished?"), readings=""),
    "other columns": Bad(
        "water", ("field start: a column is missing", "the file has: site, what, when, val"),
        readings="site,what,when,val\nN1,tp,2016,1\n",
    ),
    "every unit unknown": Bad(
        "water", ("row 1, field unit", "mol/L", "Known: mg/L"),
        readings=readings().replace("mg/L", "mol/L").replace("m3/s", "l/min").replace("7.9,1\n", "7.9,x\n")
        .replace("9.3,1\n", "9.3,x\n"),
    ),
    "samples after the period": Bad(
        "water", ("no sample of water lies in 2015-03", "from 2016-03-02 to 2016-03-23"), more=("--period", "2015-03"),
    ),
    "loads of another year": Bad(
        "loads", ("no section has a sample of tp in 2015-03", "2016-03-02 to 2016-03-23"), more=("--period", "2015-03"),
    ),
    "shares of another year": Bad(
        "shares", ("no section has a sample of tp in 2015-03", "attribute loads says which"),
        more=("--period", "2015-03"),
    ),
    "a quantity nobody measured": Bad(
        "loads", ("no section has a sample of cu", "these readings hold none of it"), more=("--quantity", "cu")
    ),
    "a quantity nobody knows": Bad("loads", ("there is no quantity 'phosphor'",), more=("--quantity", "phosphor")),
    "a month that is none": Bad("water", ("'2016-13'", "Check month and day"), more=("--period", "2016-13")),
    "a law of air": Bad("water", ("cn-2012 grades air, not water", "cn-surface"), more=("--regime", "cn-2012")),
    "a law nobody holds": Bad("water", ("no regime 'cn-surfce'", "cn-surface"), more=("--regime", "cn-surfce")),
    "a section nobody has": Bad("shares", ("no section on the network 'Z9'", "M1"), more=("--section", "Z9")),
    "a section off the network": Bad(
        "shares", ("on no river of the network: X9", "there is no section on the network 'X9'"),
        sections=OFF, readings=readings() + "X9,tp,2016-03-02T09:15+08:00,0,0.1,mg/L\n", more=("--section", "X9"),
    ),
}  # fmt: skip
AGREEMENTS = {
    "a section no one owns": Bad(
        "settle", ("field sections.N1.upstream: nobody answers for section N1", "230111", "Name its upstream party"),
        agreement=swapped(AGREEMENT, 'id = "E1"\nupstream = "230112"\n', 'id = "N1"\n'),
    ),
    "a section nobody has": agreed('id = "E1"', 'id = "E9"', "sections.E9", "Did you mean E1?"),
    "a party nobody declared": agreed(
        'downstream = "230103"', 'downstream = "230199"', "sections.E1.downstream", "'230199'", "Known: 230112, 230103"
    ),
    "a price missing": agreed(
        '{ quantity = "tp", value = 10', '{ quantity = "nh3n", value = 10',
        "rules.phosphorus.prices", "no price of tp on 2016-01-01", "Add a price with quantity, value and unit",
    ),
    "a price that begins too late": agreed(
        '{ quantity = "tp", value = 10', '{ quantity = "tp", first = 2017-01-01, value = 10',
        "no price of tp on 2016-01-01: its first price begins on 2017-01-01",
    ),
    "a target missing": agreed(
        'targets = [{ quantity = "tp"', 'targets = [{ quantity = "nh3n"', "E1 has no target of tp", "Add a target"
    ),
    "a key nobody knows": agreed("decimals = 2", 'decimals = 2\nround = "up"', "money.round", "no such key"),
    "a price in binary": agreed("value = 10,", "value = 10.5,", "never a binary float", 'Write "10.5"'),
    "a target in molecules": agreed('value = "0.2", unit = "mg/L"', 'value = "0.2", unit = "mol/L"', "mol/L"),
    "brackets that do not close": agreed("[money]", "[money", "this is not TOML", "line 8"),
    "an empty agreement": Bad("settle", ("agreement.toml, field schema_version: this key is needed",), agreement=""),
    "a period before it was agreed": Bad(
        "settle", ("two-counties is not in force throughout 2015-01", "from 2016-01-01"), more=("--period", "2015-01")
    ),
}  # fmt: skip
SPILLS = {
    "a reach with zero flow": rivers("5000,10,", "5000,0,", "reach main has no flow", "above 0", asked="spill"),
    "a reach whose flow nobody knows": rivers("5000,10,", "5000,,", "reach main has no flow", asked="spill"),
    "a place that is none": spilled('node = "N1"', 'node = "N9"', "there is no node 'N9'", "Did you mean N1"),
    "a look at a place that is none": spilled("500", "500", "no mark or node 'Q7'", more=("--at", "Q7")),
    "a look at another water": spilled("500", "500", "never passes here (given: 'E1')", more=("--at", "E1")),
    "a release after the hours": spilled(
        'kind = "instant"\nmass = 500', 'kind = "hydrograph"\ncurve = [[30, 0], [31, 100], [32, 0]]',
        "begins after the forecast ends", "ask for more hours",
    ),
    "a threshold missing": spilled("threshold = 1.0\n", "", "substance.threshold: this key is needed"),
    "a mass below nothing": spilled("mass = 500", "mass = -500", "release.mass", "greater than 0"),
    "a time without a zone": spilled("08:00:00+08:00", "08:00:00", "field at", "how far it is from UTC"),
    "a call before the spill": spilled("2016-03-10T08:30", "2016-03-09T08:30", "called before it was spilled"),
    "a role nobody named": spilled('calls = ["keeper"]', 'calls = ["mayor"]', "does not name: mayor"),
    "a substance nobody knows": spilled('"nh3n"', '"ammonia"', "substance.quantity", "there is no quantity 'ammonia'"),
    "an empty scenario": Bad("spill", ("spill.toml, field format: this key is needed",), spill=""),
}  # fmt: skip
EVERY = {
    f"{kind}: {name}": bad
    for kind, faults in {"network": NETWORK, "readings": READINGS, "agreement": AGREEMENTS, "spill": SPILLS}.items()
    for name, bad in faults.items()
}


@pytest.mark.parametrize("bad", EVERY.values(), ids=list(EVERY))
def test_what_cannot_be_used_is_refused_before_anything_is_written(
    bad: Bad, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    files = Files(tmp_path / "river", bad.sections, bad.rivers, bad.readings, bad.agreement, bad.spill)
    files.write(bad.encoding)
    before = sorted(files.folder.iterdir())
    output = files.path("result.json")
    answer = ask(bad.asked, files, output, *bad.more)
    assert answer.code == 2, answer.out[:300] + answer.err
    assert answer.out == ""
    for words in bad.named:
        assert words in answer.err + caplog.text
    assert "Traceback" not in answer.err
    assert "this is our fault" not in answer.err
    assert sorted(files.folder.iterdir()) == before


def shed_of(files: Files) -> Path:
    made = files.path("shed")
    assert here("init", made, "--zone", "+08:00", *files.places).code == 0
    assert here("ingest", files.path("readings.csv"), "--shed", made, "--mapping", "long").code == 0
    return made


def size_of(shed: Path) -> object:
    (record,) = here("shed", "status", shed, "--format", "json").records()
    return record["size"]


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace('{ quantity = "tp", value = 10', '{ quantity = "nh3n", value = 10'),
        lambda text: text.replace('id = "E1"', 'id = "E9"'),
        lambda _: "",
    ],
    ids=["no price", "no such section", "empty"],
)
def test_a_bill_that_cannot_be_made_leaves_the_shed_and_the_last_bill_alone(
    change: Callable[[str], str], tmp_path: Path
) -> None:
    files = Files(tmp_path / "river").write()
    shed, bill = shed_of(files), files.path("bill.json")
    asked = ("settle", files.path("agreement.toml"), "--shed", shed, "--period", "2016-03", "--output", bill)
    assert here(*asked).code == 0
    before, size = bill.read_bytes(), size_of(shed)
    files.path("agreement.toml").write_text(change(AGREEMENT), "utf-8")
    answer = here(*asked)
    assert (answer.code, answer.out) == (2, "")
    assert (bill.read_bytes(), size_of(shed)) == (before, size)
    assert [path.name for path in files.folder.iterdir() if path.name.endswith(".tmp")] == []


def test_three_bad_rows_are_named_and_do_not_take_the_others_with_them(tmp_path: Path) -> None:
    bad = readings(("0,0.10,mg/L", "0,0.10,mol/L"), ("0,0.34,mg/L", "0,high,mg/L"), ("M1,ph", "M7,ph"))
    files = Files(tmp_path / "river", readings=bad).write()
    shed = files.path("shed")
    assert here("init", shed, "--zone", "+08:00", *files.places).code == 0
    answer = here("ingest", files.path("readings.csv"), "--shed", shed, "--mapping", "long", "--format", "json")
    (record,) = answer.records()
    assert (record["rows"], record["readings"], record["rejected"]) == (27, 24, 3)
    (rejected,) = (shed / "rejects").glob("*.csv")
    told = rejected.read_text("utf-8")
    for words in ("mol/L", "high", "M7"):
        assert words in told
    graded = here("assess", "water", "--shed", shed, "--period", "2016-03", "--by", "section", "--format", "json")
    values = {each["section"]: each["values"].get("tp") for each in graded.records()}
    assert values == {"N1": "0.140", "E1": "0.420", "M1": "0.230", "L1": "0.230"}


def test_a_file_none_of_whose_rows_can_be_used_changes_nothing_in_the_shed(tmp_path: Path) -> None:
    files = Files(tmp_path / "river").write()
    shed = shed_of(files)
    size = size_of(shed)
    other = files.path("other.csv")
    other.write_text("site,what\nN1,tp\n", "utf-8")
    answer = here("ingest", other, "--shed", shed, "--mapping", "long")
    assert answer.code == 2
    assert "field start: a column is missing" in answer.err + answer.out
    assert size_of(shed) == size


def test_files_saved_as_gbk_are_read_and_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    files = Files(tmp_path / "river").write("gbk")
    answer = here("assess", "water", *files.given, "--period", "2016-03", "--format", "json")
    assert "sections.csv was read as GBK, not UTF-8" in caplog.text
    assert {record["section"]: record["name"]["zh"] for record in answer.records()}["E1"] == "东桥"


def test_a_section_off_the_network_is_graded_and_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    text = readings() + "X9,tp,2016-03-02T09:15+08:00,0,0.1,mg/L\n"
    files = Files(tmp_path / "river", sections=OFF, readings=text).write()
    answer = here("assess", "water", *files.given, "--period", "2016-03", "--format", "json")
    assert "on no river of the network: X9; graded, but without loads and shares" in caplog.text
    assert {record["section"]: record["class"] for record in answer.records()}["X9"] == "II"


def test_rivers_that_are_missing_are_asked_for(tmp_path: Path) -> None:
    files = Files(tmp_path / "river").write()
    answer = here(
        "attribute", "shares", files.path("readings.csv"), "--stations", files.path("sections.csv"),
        "--mapping", "long", "--period", "2016-03", "--quantity", "tp", "--section", "M1",
    )  # fmt: skip
    assert (answer.code, answer.out) == (2, "")
    assert "these places have no rivers, and without them nothing is upstream" in answer.err
    answer = here("spill", files.path("spill.toml"))
    assert (answer.code, answer.out) == (2, "")
    assert "a spill needs a river. Add --network FILE" in answer.err


def test_loads_without_any_flow_say_why_there_are_none(tmp_path: Path) -> None:
    files = Files(tmp_path / "river", readings=f"{HEAD}\n{SAMPLES}").write()
    records = here(
        "attribute", "loads", *files.given, "--period", "2016-03", "--quantity", "tp", "--format", "json"
    ).records()
    assert records
    assert all(record["tonnes"] is None and "flow" in record["why_not"] for record in records)


def test_a_value_below_nothing_counts_for_nothing(tmp_path: Path) -> None:
    files = Files(tmp_path / "river", readings=readings(("0,0.10,mg/L", "0,-0.10,mg/L"))).write()
    records = here("assess", "water", *files.given, "--period", "2016-03", "--format", "json").records()
    north = next(record for record in records if record["section"] == "N1")
    assert (north["values"]["tp"], north["samples"]["tp"]) == ("0.140", 1)
