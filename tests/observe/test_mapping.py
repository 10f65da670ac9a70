"""Every mapping we ship holds, and one that does not is refused with the field and the reason."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from commonshed.errors import InputError, UnknownName
from commonshed.observe import Mapping, load_mapping, mappings
from commonshed.observe.mapping import seconds
from commonshed.units import quantity, ticks_per

OWN = """
id = "own"
title = { en = "Own", zh = "自有" }
layout = "wide"
period = "PT1H"

[station]
column = "site"

[time]
column = "time"
format = "%d/%m/%Y %H:%M"
zone = "Asia/Shanghai"
label = "end"

[[columns]]
name = "pm"
quantity = "pm25"
unit = "mg/m3"
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "own.toml"
    path.write_text(text, "utf-8")
    return path


def test_these_mappings_are_shipped() -> None:
    assert sorted(mappings()) == ["five-cities", "long", "openair", "prsa", "thames"]


@pytest.mark.parametrize("mapping", mappings().values(), ids=list(mappings()))
def test_each_shipped_mapping_says_how_its_time_is_known_and_its_units_fit(mapping: Mapping) -> None:
    assert mapping.title.en
    assert mapping.title.zh
    assert mapping.time.note
    for column in mapping.columns:
        assert ticks_per(quantity(column.quantity), column.unit, mapping.state) > 0


@pytest.mark.parametrize("mapping", mappings().values(), ids=list(mappings()))
def test_the_digest_is_that_of_the_canonical_bytes_and_survives_them(mapping: Mapping) -> None:
    assert Mapping.model_validate_json(mapping.to_bytes()) == mapping
    assert mapping.version == f"{mapping.id}@{mapping.digest[:12]}"


def test_prsa_hours_label_their_start_and_co_is_in_micrograms() -> None:
    """Hours label their start, Beijing time; CO is in µg/m³ though the law's unit is mg/m³."""
    prsa = load_mapping("prsa")
    assert (prsa.time.label, prsa.time.zone, prsa.period) == ("start", "+08:00", "PT1H")
    co = next(column for column in prsa.columns if column.quantity == "co")
    assert co.unit == "ug/m3"
    assert ticks_per(quantity("co"), co.unit) == 1


def test_a_mapping_of_ones_own_is_a_file(tmp_path: Path) -> None:
    own = load_mapping(write(tmp_path, OWN))
    assert own.columns[0].quantity == "pm25"
    assert load_mapping(str(tmp_path / "own.toml")) == own
    assert load_mapping(own) is own


def test_zone_and_station_can_be_said_beside_a_mapping() -> None:
    fitted = load_mapping("openair", zone="+01:00", station="MY1")
    assert (fitted.time.zone, fitted.station.fixed, fitted.station.column) == ("+01:00", "MY1", None)
    assert fitted.digest != load_mapping("openair").digest


def test_an_unknown_mapping_names_near_ones() -> None:
    with pytest.raises(UnknownName, match="prsa"):
        load_mapping("prsaa")


BROKEN = {
    "unknown key": (OWN + "colour = 'red'\n", ("columns.0.colour", "mappings.md")),
    "unknown quantity": (OWN.replace("pm25", "pm2.5"), ("pm25",)),
    "wrong unit": (OWN.replace("mg/m3", "ppb"), ("ppb", "pm25")),
    "no station": (OWN.replace('[station]\ncolumn = "site"', ""), ("station",)),
    "no period": (OWN.replace('period = "PT1H"', ""), ("period",)),
    "odd period": (OWN.replace("PT1H", "an hour"), ("an hour",)),
    "no zone there is": (OWN.replace("Asia/Shanghai", "Asia/Peking"), ("Asia/Peking",)),
    "no time": (OWN.replace('column = "time"', ""), ("time",)),
    "not TOML": ("id = ", ("TOML",)),
    "binary float": (OWN + '[reference_state]\ntemperature = 293.15\n', ("quotes",)),
    "mixing ratio without state": (
        OWN.replace('quantity = "pm25"\nunit = "mg/m3"', 'quantity = "o3"\nunit = "ppb"'),
        ("reference state",),
    ),
    "long with columns": (OWN.replace('"wide"', '"long"'), ("long",)),
}  # fmt: skip


@pytest.mark.parametrize(("text", "words"), BROKEN.values(), ids=list(BROKEN))
def test_a_broken_mapping_is_refused_with_the_reason(text: str, words: tuple[str, ...], tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load_mapping(write(tmp_path, text))
    for word in ("own.toml", *words):
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("text", "length"), [("3600", 3600), ("PT1H", 3600), ("P1D", 86400), ("PT5M", 300), ("P1DT2H3M4S", 93784), ("0", 0)]
)
def test_a_length_of_time_is_seconds_or_iso(text: str, length: int) -> None:
    assert seconds(text) == length


@pytest.mark.parametrize("text", ["", "1h", "P", "PT", "P1M", "-5", "٣", "1.5"])
def test_what_is_no_length_of_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="length of time"):
        seconds(text)


# Defra, "Conversion factors between ppb and µg m-3 and ppm and mg m-3", 20 °C and 1013 mb: the UK's reporting
# convention. The table rounds molar masses and pressure its own way: equal within 0.1 %. Figures from general
# knowledge: the document could not be opened when this was written.
@pytest.mark.parametrize(
    ("name", "published", "per_unit"), [("o3", "1.9957", 1000), ("no2", "1.9125", 1000), ("so2", "2.6609", 1000),
                                       ("co", "1.1642", 1000)],
)  # fmt: skip
def test_openair_converts_gases_as_the_uk_reports_them(name: str, published: str, per_unit: int) -> None:
    openair = load_mapping("openair")
    column = next(column for column in openair.columns if column.quantity == name)
    factor = ticks_per(quantity(name), column.unit, openair.state) / per_unit
    assert abs(factor / Fraction(published) - 1) < Fraction(1, 1000)


def test_keys_that_came_later_leave_older_mappings_as_they_were() -> None:
    """Sealed readings carry the digest of their mapping: a key nobody uses is not in its bytes."""
    text = load_mapping("prsa").to_bytes().decode()
    for key in ("clock", "summer_time", "below", "daily"):
        assert f'"{key}' not in text
        assert f'"{key}' in load_mapping("thames").to_bytes().decode()


CLOCKS = {
    "a clock without a date": ("", 'clock = "c"\nparts = { year = "y", month = "m", day = "d" }', "beside a column"),
    "noon without a clock": ('column = "t"', 'clock_missing = "12:00"', "needs a clock"),
    "summer without a place": ('column = "t"', "summer_time = true", "such as Europe/London"),
}


@pytest.mark.parametrize(("column", "more", "said"), CLOCKS.values(), ids=list(CLOCKS))
def test_a_time_that_cannot_be_told_is_refused(column: str, more: str, said: str, tmp_path: Path) -> None:
    head, tail = OWN.split("[time]")
    time = f'{column}\nformat = "iso"\nzone = "+08:00"\n{more}\n'
    with pytest.raises(InputError, match=said):
        load_mapping(write(tmp_path, f"{head}[time]\n{time}\n[[columns]]{tail.split('[[columns]]')[1]}"))
