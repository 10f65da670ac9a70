"""Conversions are exact rationals, and those of the trade's tables come out."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonshed.errors import InputError, UnknownName
from commonshed.units import (
    GAS_CONSTANT,
    Quantity,
    ReferenceState,
    gas_factor,
    quantities,
    quantity,
    ticks_per,
    value_text,
)

EUROPE = ReferenceState(Fraction("293.15"))
NORMAL = ReferenceState(Fraction(273))
REFERENCE = ReferenceState(Fraction("298.15"))
WATER = [key for key, entry in quantities().items() if entry.medium == "water"]
GASES = [key for key, entry in quantities().items() if entry.molar_mass is not None]


def test_every_quantity_has_names_in_both_languages_and_a_resolution() -> None:
    for key, entry in quantities().items():
        assert entry.id == key
        assert entry.name_en
        assert entry.name_zh
        assert entry.resolution > 0
        assert (entry.kind == "gas") >= (entry.molar_mass is not None)


def test_an_unknown_quantity_names_near_ones() -> None:
    with pytest.raises(UnknownName, match=r"Did you mean pm25") as caught:
        quantity("pm2.5")
    assert caught.value.kind == "quantity"
    assert "pm25" in caught.value.known


@pytest.mark.parametrize(
    ("key", "unit", "ticks"),
    [
        ("pm25", "ug/m3", Fraction(1000)),
        ("pm25", "µg/m³", Fraction(1000)),  # MICRO SIGN
        ("pm25", "μg/m³", Fraction(1000)),  # GREEK SMALL LETTER MU
        ("pm25", "mg/m3", Fraction(1_000_000)),
        ("pm25", "ng/m3", Fraction(1)),
        ("co", "mg/m3", Fraction(1000)),
        ("co", "ug/m3", Fraction(1)),
        ("so2", "g/m3", Fraction(10**9)),
    ],
)
def test_mass_per_volume_has_whole_ticks(key: str, unit: str, ticks: Fraction) -> None:
    assert ticks_per(quantity(key), unit) == ticks


@pytest.mark.parametrize(
    ("key", "unit", "factor"),
    [
        # Directive 2008/50/EC, as used by the European networks at 293 K and 101.3 kPa; two decimals of the tables.
        ("no2", "ppb", "1.91"),
        ("so2", "ppb", "2.66"),
        ("o3", "ppb", "2.00"),
        ("co", "ppm", "1.16"),
    ],
)
def test_one_ppb_is_what_the_european_tables_say(key: str, unit: str, factor: str) -> None:
    of = quantity(key)
    in_canonical_unit = ticks_per(of, unit, EUROPE) * of.resolution
    assert round(in_canonical_unit, 2) == Fraction(factor)


@given(st.sampled_from(GASES), st.fractions(min_value=250, max_value=320), st.fractions(min_value=800, max_value=1100))
def test_ppb_to_mass_is_the_ideal_gas_law_exactly(key: str, temperature: Fraction, pressure: Fraction) -> None:
    of = quantity(key)
    state = ReferenceState(temperature, pressure)
    assert of.molar_mass is not None
    pascal = pressure * 100
    grams_per_cubic_metre = Fraction(1, 10**9) * of.molar_mass * pascal / (GAS_CONSTANT * temperature)
    grams_per_unit = {"ug/m3": Fraction(1, 10**6), "mg/m3": Fraction(1, 1000), "ng/m3": Fraction(1, 10**9)}[of.unit]
    assert ticks_per(of, "ppb", state) == grams_per_cubic_metre / grams_per_unit / of.resolution
    assert ticks_per(of, "ppm", state) == 1000 * ticks_per(of, "ppb", state)


def test_a_mixing_ratio_without_its_reference_state_is_refused_with_the_mend() -> None:
    with pytest.raises(InputError, match="without a reference state") as caught:
        ticks_per(quantity("no2"), "ppb")
    assert caught.value.mend is not None
    assert "reference_state" in caught.value.mend


@pytest.mark.parametrize(
    ("key", "unit", "factor"),
    [
        # Four-digit factors as water laboratories print them: milligrams of an ion to milligrams of the element.
        ("nh3n", "mg/L as NH4", "0.7765"),
        ("no3n", "mg/L as NO3", "0.2259"),
        ("no2n", "mg/L as NO2", "0.3045"),
        ("po4p", "mg/L as PO4", "0.3261"),
    ],
)
def test_an_ion_counts_as_the_element_it_carries(key: str, unit: str, factor: str) -> None:
    of = quantity(key)
    assert round(ticks_per(of, unit) * of.resolution, 4) == Fraction(factor)


@pytest.mark.parametrize(
    ("key", "unit", "canonical"),
    [
        ("tp", "ug/L", "0.001"),
        ("tp", "µg/l", "0.001"),
        ("nh3n", "mg N/L", "1"),
        ("nh3n", "mg/L-N", "1"),
        ("hg", "ng/L", "0.000001"),
        ("chla", "mg/m3", "1"),
        ("temp", "°C", "1"),
        ("cond", "mS/cm", "1000"),
        ("flow", "L/s", "0.001"),
        ("coliform", "count/100mL", "10"),
        ("ph", "1", "1"),
        ("leq", "dB(A)", "1"),
    ],
)
def test_a_unit_of_water_or_noise_is_read_as_it_is_written(key: str, unit: str, canonical: str) -> None:
    of = quantity(key)
    assert ticks_per(of, unit) * of.resolution == Fraction(canonical)


@given(st.sampled_from([key for key in WATER if quantity(key).species]))
def test_the_canonical_species_is_the_unit_itself(key: str) -> None:
    of = quantity(key)
    assert ticks_per(of, f"{of.unit} as {next(iter(of.species))}") == ticks_per(of, of.unit) == 1 / of.resolution


def test_a_limit_of_the_law_is_a_whole_number_of_ticks() -> None:
    # GB 3838-2002, table 1: the smallest limits of mercury, total phosphorus of lakes, phenols, copper. [mg/L]
    for key, limit in {"hg": "0.00005", "tp": "0.01", "phenol": "0.002", "cu": "0.01"}.items():
        assert (Fraction(limit) / quantity(key).resolution).denominator == 1


@pytest.mark.parametrize(
    ("key", "unit"),
    [("tp", "mg/L as NH4"), ("pm25", "mg/L"), ("codmn", "ug/m3"), ("cod", "mg/L as O2"), ("nh3n", "ppm")],
)
def test_a_species_or_medium_that_does_not_fit_is_refused(key: str, unit: str) -> None:
    with pytest.raises(InputError, match="is not measured in"):
        ticks_per(quantity(key), unit)


@pytest.mark.parametrize(("key", "unit"), [("pm25", "ppb"), ("no2", "furlong"), ("co", "")])
def test_a_unit_that_does_not_measure_the_quantity_is_refused(key: str, unit: str) -> None:
    with pytest.raises(InputError, match="is not measured in") as caught:
        ticks_per(quantity(key), unit, REFERENCE)
    assert caught.value.field == "unit"


def test_old_gases_stand_lower_at_the_new_reference_state() -> None:
    # GB 3095-2012, amendment of 2018: from 273 K to 298.15 K.
    assert gas_factor(NORMAL, REFERENCE) == Fraction(5460, 5963)


@given(
    *[st.builds(ReferenceState, st.fractions(200, 400), st.fractions(500, 1200)) for _ in range(3)],
)
def test_going_to_another_state_and_back_changes_nothing(
    one: ReferenceState, two: ReferenceState, three: ReferenceState
) -> None:
    assert gas_factor(one, two) * gas_factor(two, one) == 1
    assert gas_factor(one, two) * gas_factor(two, three) == gas_factor(one, three)


@pytest.mark.parametrize("name", ["NH3-N", "NH3N", "氨氮", "ammonia nitrogen", "ammonia"])
def test_a_quantity_under_its_name_is_told_its_id(name: str) -> None:
    with pytest.raises(UnknownName, match=r"Did you mean nh3n\?"):
        quantity(name)


@pytest.mark.parametrize("unit", ["", "无量纲"])
def test_what_has_no_unit_needs_none(unit: str) -> None:
    assert ticks_per(quantity("ph"), unit) == ticks_per(quantity("ph"), "1")
    with pytest.raises(InputError, match="is not measured in") as caught:
        ticks_per(quantity("ph"), "mg/L")
    assert caught.value.mend == "Known: 1, pH, -, 无量纲"


@pytest.mark.parametrize("of", quantities().values(), ids=lambda of: of.id)
def test_a_count_of_ticks_is_written_with_every_decimal_of_its_resolution(of: Quantity) -> None:
    for ticks in (0, 1, -7, 123_456):
        text = value_text(ticks, of)
        assert Fraction(text) == ticks * of.resolution
        assert len(text.partition(".")[2]) == len(value_text(1, of).partition(".")[2])


def test_a_reading_of_pm25_is_written_to_a_thousandth() -> None:
    assert value_text(35_200, quantity("pm25")) == "35.200"
