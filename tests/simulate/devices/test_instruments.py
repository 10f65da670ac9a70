"""Made-up instruments show what the gateway reads back as the same values."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from tests.simulate.devices.station import device

from commonshed.observe.hj212 import Gathered, parse
from commonshed.observe.hj212.frame import encode
from commonshed.simulate.devices import KINDS
from commonshed.simulate.devices.instruments import Instruments
from commonshed.units import quantity

START = 1_772_323_200  # 2026-03-01T08:00+08:00


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_shown_is_what_is_read(kind: str) -> None:
    one = device()
    shown = Instruments(one, KINDS[kind], 1)
    moment = shown.at(START)
    cp = ";".join(
        ["DataTime=20260301080000", *(f"{code}-Rtd={shown.text(code, value)}" for code, value in moment.items())]
    )
    gathered = Gathered()
    told = gathered.add(parse(encode(cn="2011", mn=one.mn, st="22", cp=cp)[6:-6]), one)
    assert (told.taken, told.refused) == (len(KINDS[kind].channels), ())
    for row, channel in zip(gathered.table(0).to_pylist(), KINDS[kind].channels, strict=True):
        assert (row["flag"], row["raw"]) == ("valid", None)
        read = row["ticks"] * quantity(row["quantity"]).resolution
        factor = Fraction(1, 1000) if channel.unit == "L/s" else 1
        assert read == Fraction(moment[channel.code]) * factor


def test_values_follow_the_unit_of_the_registration_unless_misread() -> None:
    value = Decimal("38")
    assert Instruments(device(), KINDS["air"], 1).text("a34004", value) == "38"
    assert Instruments(device(units={}), KINDS["air"], 1).text("a34004", value) == "38000"
    assert Instruments(device(units={"a34004": "mg/m3"}), KINDS["air"], 1).text("a34004", value) == "0.038"
    assert Instruments(device(units={}), KINDS["air"], 1, misread_units=True).text("a34004", value) == "38"


def test_the_same_seed_shows_the_same_values_and_devices_differ() -> None:
    def walk(seed: int, mn: str) -> list[dict[str, Decimal]]:
        shown = Instruments(device(mn=mn), KINDS["air"], seed)
        return [shown.at(START + 30 * i) for i in range(50)]

    assert walk(1, "A") == walk(1, "A")
    assert walk(1, "A") != walk(2, "A")
    assert walk(1, "A") != walk(1, "B")


def test_values_hang_together_and_stay_in_a_likely_range() -> None:
    shown = Instruments(device(), KINDS["air"], 3)
    values = [shown.at(START + 30 * i)["a34004"] for i in range(2880)]
    assert min(values) > 0
    assert max(values) < 1000
    steps = [abs(after / before - 1) for before, after in pairwise(values) if before > 20]
    assert sorted(steps)[len(steps) // 2] < Decimal("0.2")


def test_amounts_are_flow_times_time_and_load() -> None:
    shown = Instruments(device(), KINDS["outlet"], 1)
    moments = [dict.fromkeys((channel.code for channel in KINDS["outlet"].channels), Decimal(10))] * 120
    fields = shown.aggregate(START, 3600, moments).fields
    assert fields["w00000"]["Cou"] == "36.000"  # 10 L/s for an hour [m3]
    assert fields["w01018"]["Cou"] == "0.360000"  # 10 mg/L in them [kg]
    assert "Cou" not in fields["w01001"]
    assert fields["w01018"] == {"Cou": "0.360000", "Min": "10.0", "Avg": "10.00", "Max": "10.0"}
