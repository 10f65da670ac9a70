"""From readings to what rules look at: published values, rounded volumes, shares; and the Thames example whole."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from functools import cache

import pyarrow as pa
import pytest
from tests.settle.drafting import FLOW, LOAD, MISSING, drafted

from commonshed import datasets
from commonshed.assess import Readings
from commonshed.assess.water import section_values
from commonshed.errors import AgreementError
from commonshed.keep.rows import conform
from commonshed.observe import read_files
from commonshed.periods import Period, Zone
from commonshed.places import Jurisdiction, Network, Station, shipped
from commonshed.settle import Settlement, agreement, settle, shares_of_records
from commonshed.units import quantity

READ = FLOW.replace("declared", "readings")
ZONE = Zone(480)


def source(*rows: tuple[str, str, int, str, str], station: str = "s1", of: str = "up") -> Readings:
    """Readings of (quantity, qualifier, day of January 2016, value, flag)."""
    names = [row[0] for row in rows]
    table = pa.table(
        {
            "station": [station] * len(rows),
            "quantity": names,
            "statistic": ["mean"] * len(rows),
            "start": [ZONE.first_second(Period.parse("2016-01").first) + day * 86_400 for _, _, day, _, _ in rows],
            "period": pa.array([86_400 if name == "flow" else 1 for name in names], pa.int32()),
            "ticks": [int(Fraction(text) / quantity(name).resolution) for name, _, _, text, _ in rows],
            "qualifier": [row[1] for row in rows],
            "flag": [row[4] for row in rows],
            "status": ["provisional"] * len(rows),
            "mapping": ["test"] * len(rows),
            "origin": ["test"] * len(rows),
            "recorded": pa.array([0] * len(rows), pa.int64()),
        }
    )
    places = Network({of: Jurisdiction(of)}, {station: Station(station, jurisdiction=of)}, zone=ZONE)
    return Readings(conform(table), places)


ROWS = (
    ("tp", "=", 2, "0.31", "valid"),
    ("tp", "=", 9, "0.35", "suspect"),
    ("tp", "<", 16, "0.02", "valid"),
    ("tp", "=", 20, "9", "invalid"),
    ("flow", "=", 2, "10", "valid"),
    ("flow", "=", 9, "12.5", "valid"),
)


def test_a_bill_from_readings_is_the_one_computed_by_hand() -> None:
    # TP: (0.31 + 0.35 + 0.02/2) / 3 = 0.22333..., published 0.223 by the method's three decimals; invalid does not
    # count, below detection counts half. Flow: mean 11.25 m3/s x 31 x 86,400 s = 30,132,000 m3 = 3013 x 10^4 m3.
    # (0.223 - 0.2) x 30.13 x 10^6 g = 0.69299 t x 100,000 CNY/t.
    bill = settle(drafted(READ, LOAD), source(*ROWS), period="2016-01")
    (line,) = bill.lines
    assert (line.inputs["measured"], line.inputs["samples"], line.inputs["below_detection"]) == ("0.223", 3, 1)
    assert (line.inputs["volume"], line.inputs["volume_unit"]) == ("3013", "1e4 m3")
    assert line.inputs["volume_from"] == "mean of 2 readings of flow at s1 x 31 days"
    assert str(line.amount) == "69299.00"
    assert bill.digest is not None


def test_readings_after_the_period_do_not_move_a_bill() -> None:
    later = (("tp", "=", 40, "5", "valid"), ("flow", "=", 45, "500", "valid"))
    plain, more = (settle(drafted(READ, LOAD), source(*rows), period="2016-01") for rows in (ROWS, ROWS + later))
    assert plain.records() == more.records()


def test_a_section_these_places_do_not_have_is_named_with_near_ones() -> None:
    with pytest.raises(AgreementError, match="names a section these places do not have") as told:
        settle(drafted(READ, LOAD), source(*ROWS, station="s2"), period="2016-01")
    assert (told.value.value, told.value.mend) == ("s1", "Did you mean s2?")


def test_a_value_that_stands_in_is_found_before_the_period() -> None:
    draft = drafted(READ, LOAD, MISSING.format(month=1, action="previous"))
    (line,) = settle(draft, source(*ROWS), period="2016-02").lines
    assert line.inputs["measured"] == "0.223"
    assert str(line.inputs["volume_from"]).endswith("of 2016-01")


def test_records_of_shares_become_shares_and_others_are_refused() -> None:
    record = {"section": "s", "quantity": "tp", "period": "2016", "by": "jurisdiction", "of": "a", "share": "0.4"}
    found = shares_of_records([record, record | {"of": "unexplained", "share": "0.6"}, record | {"share": None}])
    assert found == {("s", "tp", "2016"): {"a": Decimal("0.4"), "unexplained": Decimal("0.6")}}
    with pytest.raises(AgreementError, match="not by jurisdiction"):
        shares_of_records([record | {"by": "sector"}])
    with pytest.raises(AgreementError, match="not records of shares"):
        shares_of_records([record | {"share": "much"}])


@cache
def thames() -> Readings:
    places = shipped("thames")
    return Readings(read_files([datasets.path("thames", "weekly_2009-2017.parquet")], "thames", places), places)


@cache
def thames_2016() -> Settlement:
    return settle(agreement("thames-example"), thames(), period="2016")


def test_the_thames_example_is_settled_and_money_is_only_moved() -> None:
    bill = thames_2016()
    assert sum((total.net for total in bill.totals), Decimal(0)) == 0
    assert {line.rule for line in bill.lines} == {
        rule.id for rule in bill.agreement.rules if rule.kind != "restoration"
    }
    assert {line.status for line in bill.lines} >= {"due", "nothing due", "open"}
    assert bill.notes[0] == "This agreement is an example and binds nobody."


def test_a_line_of_the_thames_can_be_computed_from_the_graded_value_and_the_flow() -> None:
    line = next(
        line
        for line in thames_2016().lines
        if (line.rule, line.section, str(line.period)) == ("phosphorus", "TC18", "2016-01")
    )
    graded = section_values(thames(), "cn-surface", "2016-01", ["TC18"])["TC18", "tp"]
    assert line.inputs["measured"] == graded.published
    tonnes = (Decimal(graded.published) - Decimal("0.2")) * Decimal(str(line.inputs["volume"])) * 10_000 / 10**6
    assert line.amount == (tonnes * 12_000).quantize(Decimal("0.01"))


def test_shares_at_runnymede_make_the_whole_and_who_has_none_has_no_line() -> None:
    lines = [line for line in thames_2016().lines if line.rule == "runnymede-shares"]
    assert sum((line.amount or Decimal(0) for line in lines), Decimal(0)) == Decimal(
        str(lines[0].inputs["whole_amount"])
    )
    assert "colne" not in {line.payer for line in lines}  # it joins below Runnymede
    assert "thames-7" not in {line.payer for line in lines}


def test_the_cherwell_owes_its_restoration_since_2013_and_the_newbridge_reach_was_restored() -> None:
    found = {one.section: one for one in thames_2016().liabilities}
    assert (found["TC3"].status, str(found["TC3"].opened), found["TC3"].party) == ("open", "2013", "cherwell")
    assert (found["TC6"].status, str(found["TC6"].restored)) == ("restored", "2016")


def test_the_order_of_the_rows_of_the_thames_does_not_matter() -> None:
    table = thames().table
    turned = Readings(table.take(pa.array(range(table.num_rows - 1, -1, -1))), thames().places)
    assert (
        settle(agreement("thames-example"), turned, period="2016-05").records()
        == settle(agreement("thames-example"), thames(), period="2016-05").records()
    )
