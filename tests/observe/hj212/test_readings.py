"""Frames become readings: exact, with their statistics, flags, reasons and units."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.observe.hj212.vectors import MN, device, frame, published

from commonshed.errors import InputError
from commonshed.exact import round_fraction
from commonshed.keep.rows import READINGS, conform
from commonshed.observe.hj212 import Device, Frame, Gathered, Refusal, Told, parse, protocol
from commonshed.observe.hj212.protocol import codes, old_codes
from commonshed.observe.hj212.shapes import quantity_of
from commonshed.periods import Zone
from commonshed.units import quantities, quantity, ticks_per

MICRO = dict.fromkeys(("a34004", "a34002", "a05024", "a21026", "a21004"), "ug/m3")
AUGUST = 1470009600  # 2016-08-01T08:00+08:00


def rows(*frames: Frame, of: Device | None = None, strict: bool = False) -> list[dict[str, Any]]:
    gathered = Gathered(strict=strict)
    for each in frames:
        gathered.add(each, of or device(units=MICRO))
    table = gathered.table(1_700_000_000)
    assert table.schema == READINGS
    assert conform(table).equals(table)
    found: list[dict[str, Any]] = table.to_pylist()
    return found


def short(*frames: Frame, of: Device | None = None) -> list[tuple[str, str, int, int]]:
    return [(row["quantity"], row["statistic"], row["period"], row["ticks"]) for row in rows(*frames, of=of)]


def told(cp: str, *, cn: str = "2011", of: Device | None = None, strict: bool = False) -> Told:
    return Gathered(strict=strict).add(frame(cp, cn=cn), of or device(units=MICRO))


def test_a_frame_of_real_time_data_is_readings_of_that_moment() -> None:
    (row,) = rows(frame("DataTime=20160801080000;a34004-Rtd=35.2,a34004-Flag=N"))
    assert row == {
        "station": "Mill",
        "quantity": "pm25",
        "statistic": "instant",
        "start": AUGUST,
        "period": 0,
        "ticks": 35_200,
        "qualifier": "=",
        "flag": "valid",
        "status": "provisional",
        "reason": None,
        "raw": None,
        "mapping": "hj212-2017",
        "origin": f"device {MN}",
        "recorded": 1_700_000_000,
        "author": None,
    }


@pytest.mark.parametrize(
    ("cn", "of", "period", "factor"),
    [
        ("2051", device(), 600, 1),  # table C.16
        ("2051", device(minute_interval=5), 300, 1),
        ("2061", device(), 3600, 6),  # table C.17
    ],
)
def test_aggregates_are_kept_apart_as_annex_c_has_them(cn: str, of: Device, period: int, factor: int) -> None:
    cou = "10.5" if factor == 1 else "63.0"
    cp = (
        f"DataTime=20160801080000;w00000-Cou={cou},w00000-Min=16.4,w00000-Avg=17.5,w00000-Max=20.1,w00000-Flag=N;"
        "w01001-Min=7.1,w01001-Avg=7.5,w01001-Max=7.8,w01001-Flag=N;"
        f"w01018-Cou={cou},w01018-Min=40.1,w01018-Avg=40.1,w01018-Max=40.1,w01018-Flag=N"
    )
    assert short(frame(cp, cn=cn), of=of) == [
        ("flow_amount", "sum", period, 10_500 * factor),
        ("flow", "min", period, 16_400),
        ("flow", "mean", period, 17_500),
        ("flow", "max", period, 20_100),
        ("ph", "min", period, 7100),
        ("ph", "mean", period, 7500),
        ("ph", "max", period, 7800),
        ("cod_amount", "sum", period, 10_500_000 * factor),
        ("cod", "min", period, 401_000),
        ("cod", "mean", period, 401_000),
        ("cod", "max", period, 401_000),
    ]


def test_a_day_begins_at_midnight_of_the_devices_zone() -> None:
    daily = frame("DataTime=20160801000000;w01018-Cou=2142.0,w01018-Avg=40.1,w01018-Flag=N", cn="2031")  # table C.18
    assert [row["start"] for row in rows(daily)] == [AUGUST - 8 * 3600] * 2
    assert [row["start"] for row in rows(daily, of=device(zone=Zone(0)))] == [AUGUST] * 2


def test_levels_of_noise_have_their_code_as_statistic() -> None:
    hour = (  # table C.27
        "DataTime=20160801080000;L5-Data=53.0;L10-Data=53.0;L50-Data=49.0;L90-Data=45.0;L95-Data=43.0;Leq-Data=50.0;"
        "LMx-Data=54.0;LMn-Data=42.0"
    )
    found = short(frame(hour, cn="2061", st="23"))
    assert {quantity for quantity, *_ in found} == {"leq"}
    assert [(statistic, ticks) for _, statistic, _, ticks in found] == [
        ("l5", 5300),
        ("l10", 5300),
        ("l50", 4900),
        ("l90", 4500),
        ("l95", 4300),
        ("leq", 5000),
        ("max", 5400),
        ("min", 4200),
    ]
    assert short(frame("DataTime=20160801085857; LA-Rtd=50.1", st="23")) == [("leq", "instant", 0, 5010)]  # table C.25


def test_levels_of_the_day_and_of_the_night_are_told_apart() -> None:
    day = (  # table C.28
        "DataTime=20160801000000;Ldn-Data=50.0;L5-DayData=53.0;Ld-DayData=52.5;LMx-DayData=54.0;"
        "L5-NightData=51.0;Ln-NightData=42.5;LMn-NightData=42.0"
    )
    assert [(statistic, ticks) for _, statistic, _, ticks in short(frame(day, cn="2031", st="23"))] == [
        ("ldn", 5000),
        ("l5-day", 5300),
        ("ld", 5250),
        ("max-day", 5400),
        ("l5-night", 5100),
        ("ln", 4250),
        ("min-night", 4200),
    ]


def test_values_at_reference_conditions_are_statistics_of_their_own() -> None:
    cp = "DataTime=20160801080000;a21026-Avg=50,a21026-ZsMin=40,a21026-ZsAvg=60,a21026-ZsMax=70,a21026-Flag=N"
    assert [statistic for _, statistic, _, _ in short(frame(cp, cn="2061", st="31"))] == [
        "mean",
        "zs-min",
        "zs-mean",
        "zs-max",
    ]
    assert short(frame("DataTime=20160801080000;a21026-ZsRtd=1")) == [("so2", "zs-instant", 0, 1000)]


@pytest.mark.parametrize(
    ("letter", "flag", "qualifier", "reason"),
    [
        ("N", "valid", "=", None),
        ("", "valid", "=", None),
        ("T", "valid", ">", "T: above the upper measuring limit"),
        ("S", "suspect", "=", "S: set by hand"),
        ("F", "invalid", "=", "F: instrument stopped"),
        ("M", "invalid", "=", "M: data from maintenance"),
        ("D", "invalid", "=", "D: instrument fault"),
        ("C", "invalid", "=", "C: instrument in calibration"),
        ("B", "invalid", "=", "B: communication error between instrument and logger"),
        ("n", "valid", "=", None),
        ("Q", "suspect", "=", "the standard has no data flag Q"),
    ],
)
def test_data_flags_become_flags_with_their_reason(letter: str, flag: str, qualifier: str, reason: str | None) -> None:
    (row,) = rows(frame(f"DataTime=20160801080000;a34004-Rtd=35,a34004-Flag={letter}"))
    assert (row["flag"], row["qualifier"], row["reason"], row["ticks"]) == (flag, qualifier, reason, 35_000)


def test_what_the_device_says_of_itself_is_kept_in_the_reason() -> None:
    cp = "w01018-SampleTime=20160801070000,w01018-Rtd=2.2,w01018-Flag=N,w01018-EFlag=A01"  # table C.14
    (row,) = rows(frame(f"DataTime=20160801085857;{cp}"))
    assert (row["flag"], row["reason"]) == ("valid", "device flag A01; sampled at 20160801070000 by the device's clock")
    (row,) = rows(frame("DataTime=20160801085857;w01018-Rtd=2.2,w01018-Flag=D,w01018-EFlag=A01"))
    assert (row["flag"], row["reason"]) == ("invalid", "D: instrument fault; device flag A01")


# ---- units


def test_water_metals_in_micrograms_are_milligrams_in_the_catalogue() -> None:
    cp = "DataTime=20160801080000;w20111-Rtd=0.05,w20111-Flag=N;w20122-Rtd=0.05,w20122-Flag=N"
    found = [(name, quantity(name).resolution * ticks) for name, _, _, ticks in short(frame(cp))]
    assert found == [("hg", Fraction("0.00005")), ("cu", Fraction("0.05"))]


def test_amounts_of_metals_come_in_grams() -> None:
    ((name, statistic, _, ticks),) = short(frame("DataTime=20160801080000;w20111-Cou=2.5", cn="2061"))
    assert (name, statistic, quantity(name).resolution * ticks) == ("hg_amount", "sum", Fraction("0.0025"))


def test_gases_in_milligrams_are_micrograms_in_the_catalogue() -> None:
    assert short(frame("DataTime=20160801080000;a21026-Rtd=0.012"), of=device()) == [("so2", "instant", 0, 12_000)]


@pytest.mark.parametrize(
    ("value", "ticks", "flag"), [("35", 35, "invalid"), ("4999.4", 4999, "invalid"), ("35000", 35_000, "valid")]
)
def test_particulate_matter_without_a_declared_unit_is_invalid_where_annex_b_is_not_to_be_believed(
    value: str, ticks: int, flag: str
) -> None:
    (row,) = rows(frame(f"DataTime=20160801080000;a34004-Rtd={value},a34004-Flag=N"), of=device())
    assert (row["ticks"], row["flag"]) == (ticks, flag)
    if flag == "invalid":
        assert row["reason"] == (
            "ng/m3 is the unit of a34004 in annex B and such a value is rather one in ug/m3: "
            'state the unit in the registration: units = { a34004 = "ug/m3" }'
        )


@pytest.mark.parametrize(("unit", "ticks"), [("ug/m3", 35_000), ("ng/m3", 35), ("mg/m3", 35_000_000)])
def test_the_unit_of_the_registration_stands(unit: str, ticks: int) -> None:
    (row,) = rows(frame("DataTime=20160801080000;a34004-Rtd=35,a34004-Flag=N"), of=device(units={"a34004": unit}))
    assert row["ticks"] == ticks
    assert "annex B" not in (row["reason"] or "")


def test_a_code_without_a_fixed_unit_is_invalid_until_the_registration_says_it() -> None:
    ozone = frame("DataTime=20160801080000;a05024-Rtd=63.4,a05024-Flag=N")
    (row,) = rows(ozone, of=device())
    assert (row["quantity"], row["ticks"], row["flag"]) == ("o3", 63_400, "invalid")
    assert "no unit is fixed for a05024 and ug/m3 is assumed" in row["reason"]
    (row,) = rows(ozone)
    assert (row["flag"], row["reason"]) == ("valid", None)


def test_a_unit_that_does_not_measure_the_quantity_is_told() -> None:
    found = told("DataTime=20160801080000;a34004-Rtd=35", of=device(units={"a34004": "mg/L"}))
    assert found.taken == 0
    assert found.refused[0].reason == "pm25 is not measured in 'mg/L'"


def test_codes_of_2005_are_read() -> None:
    row = next(row for row in published() if "060-Rtd" in row["frame"] and row["crc_ok"] == "True")
    found = short(parse(row["frame"][6:-4].encode()), of=device(version=0))
    assert sorted(found) == [
        ("cod", "instant", 0, 2_310_000),
        ("flow", "instant", 0, 36_910),
        ("nh3n", "instant", 0, 1_803_000),
    ]
    (mercury,) = rows(frame("DataTime=20160801080000;020-Rtd=0.05,020-Flag=N"))
    assert (mercury["quantity"], mercury["flag"]) == ("hg", "invalid")
    assert "HJ/T 212-2005 is not known for certain" in mercury["reason"]


def test_every_code_of_a_quantity_has_a_unit_it_can_be_converted_from() -> None:
    for of in quantities().values():
        if of.hj212 is None or of.id == "leq":
            continue
        held = codes()[of.hj212]
        assert quantity_of(of.hj212) is of
        assert held.unit is None or ticks_per(of, held.unit) > 0
        amount = quantity_of(of.hj212, amount=True)
        assert amount is None or ticks_per(amount, held.amount or "") > 0
    assert set(old_codes().values()) <= set(codes())


# ---- what is refused


def test_what_has_no_quantity_is_told_and_costs_the_rest_nothing() -> None:
    cp = "DataTime=20160801080000;a21003-Rtd=1,a21003-Flag=N;zz9-Rtd=5;a34004-Rtd=35,a34004-Flag=N;SB1-RS=1"
    found = told(cp)
    assert found.taken == 1
    assert [(each.field, each.reason) for each in found.refused] == [
        ("a21003-Rtd", "no quantity of the catalogue is nitric oxide"),
        ("zz9-Rtd", "annex B has no such code"),
    ]


def test_a_device_sends_what_it_is_registered_for() -> None:
    found = told(
        "DataTime=20160801080000;a34004-Rtd=35;a21026-Rtd=1", of=device(quantities=("pm25",), units={"a34004": "ug/m3"})
    )
    assert (found.taken, found.refused[0].reason) == (1, "the device is not registered for so2")


def test_a_suffix_in_the_wrong_command_is_told() -> None:
    found = told("DataTime=20160801080000;a34004-Avg=35;a34004-Rtd=34")
    assert (found.taken, found.refused[0].reason) == (1, "Avg does not belong in 2011")


def test_a_field_given_twice_counts_once() -> None:
    found = told("DataTime=20160801080000;a34004-Rtd=35;a34004-Rtd=36")
    assert (found.taken, found.refused[0].reason) == (1, "given twice in one frame; the first stands")


@pytest.mark.parametrize("text", ["", "-", "--", "NA", "null"])
def test_an_empty_value_is_no_reading_and_no_fault(text: str) -> None:
    assert told(f"DataTime=20160801080000;a34004-Rtd={text},a34004-Flag=D") == Told(0)
    assert short(frame(f"DataTime=20160801080000;a34004-Rtd={text};a34002-Rtd=1")) == [("pm10", "instant", 0, 1000)]


@pytest.mark.parametrize("text", ["x", "1.2.3", "1_0", "0x10", "inf", "nan1", "１２", "1e999", "--5", "5-"])
def test_what_is_no_number_is_told_with_its_field(text: str) -> None:
    found = told(f"DataTime=20160801080000;a34004-Rtd={text};a34002-Rtd=80")
    assert (found.taken, found.refused) == (1, (Refusal("a34004-Rtd", text, "this is no number"),))


def test_a_number_no_instrument_shows_is_told() -> None:
    found = told("DataTime=20160801080000;a34004-Rtd=99999999999999;a34002-Rtd=80")
    assert (found.taken, found.refused[0].reason) == (1, "no instrument shows so large a number")


@pytest.mark.parametrize(
    ("time", "reason"),
    [
        ("", "this is no time"),
        ("2016080108", "this is no time"),
        ("20160230080000", "this is no time"),
        ("19000101000000", "the time lies before anything was measured"),
        ("20160801080001", "the time lies in the future"),
    ],
)
def test_a_frame_without_a_usable_time_gives_nothing(time: str, reason: str) -> None:
    gathered = Gathered()
    found = gathered.add(frame(f"DataTime={time};a34004-Rtd=35"), device(units=MICRO), latest=AUGUST)
    assert (found.taken, found.refused[0].reason, len(gathered)) == (0, reason, 0)
    assert gathered.table(0).num_rows == 0
    assert told("a34004-Rtd=35").refused[-1].reason == "there is no time"


def test_aggregates_that_do_not_begin_a_period_are_suspect_and_refused_if_strict() -> None:
    late = frame("DataTime=20160801080500;a34004-Avg=35,a34004-Flag=N", cn="2061")
    (row,) = rows(late)
    assert (row["flag"], row["reason"], row["start"]) == ("suspect", "the time does not begin a period", AUGUST + 300)
    assert told(late.cp, cn="2061", strict=True).refused[0].reason == "the time does not begin a period of 2061"


def test_milliseconds_of_a_time_are_forgiven_unless_strict() -> None:
    assert short(frame("DataTime=20160824003817000;w01018-Rtd=1")) == [("cod", "instant", 0, 10_000)]
    assert told("DataTime=20160824003817000;w01018-Rtd=1", strict=True).taken == 0


def test_sentinels_and_what_cannot_be_are_invalid_by_the_quality_rules() -> None:
    cp = "DataTime=20160801080000;a34004-Rtd=-9999,a34004-Flag=N;a34002-Rtd=20000,a34002-Flag=N;a21026-Rtd=99999"
    assert [(row["quantity"], row["flag"], row["reason"]) for row in rows(frame(cp))] == [
        ("pm25", "invalid", "sentinel: a number that stands for no reading; negative: negative"),
        ("pm10", "invalid", "out-of-range: beyond what the air can hold or an instrument can show"),
        (
            "so2",
            "invalid",
            "sentinel: a number that stands for no reading; "
            "out-of-range: beyond what the air can hold or an instrument can show",
        ),
    ]
    (acid,) = rows(frame("DataTime=20160801080000;w01001-Rtd=4.2,w01001-Flag=N"))
    assert (acid["flag"], acid["reason"][:14]) == ("suspect", "water-doubtful")


def test_frames_that_hold_no_readings_are_no_fault() -> None:
    assert told("DataTime=20160801085857;SB1-RS=1;SB2-RS=0", cn="2021") == Told(0)
    assert told("DataTime=20160801000000;SB1-RT=1.1", cn="2041") == Told(0)
    assert told("DataTime=20160801085857;RestartTime=20160801085624", cn="2081") == Told(0)
    assert told("DataTime=20160801085857;SB1-RS=1;i11001-Info=3;a34004-SN=0") == Told(0)


@pytest.mark.parametrize("name", ["L\0Mx-Data", "a%s-Rtd", "%d", "a%-Rtd", "%%s"])
def test_no_name_of_a_field_harms(name: str) -> None:
    one = device(units=MICRO)
    for _ in range(2):
        assert Gathered().add(frame(f"DataTime=20160801080000;{name}=1;a34004-Rtd=35"), one).taken == 1


def test_data_without_any_item_are_told() -> None:
    assert told("").refused[0].reason == "there is no time"
    assert told("DataTime=20160801080000") == Told(0)


def test_an_encrypted_or_broken_text_is_told() -> None:
    found = told("\x8a3kd~;;x1")
    assert (found.taken, found.refused[0].field) == (0, "CP")
    sealed = Gathered().add(frame("\x8a3kd~;;x1", flag=9), device(version=2))
    assert sealed.refused[0].mend == "CP may be encrypted (SM4, ECB); such frames cannot be read here"


# ---- all together


def test_readings_of_many_devices_stand_in_one_table() -> None:
    gathered = Gathered()
    mill, park = device(units=MICRO), device(mn="P" * 24, station="Park", units=MICRO)
    for minute in range(3):
        for one in (mill, park):
            gathered.add(frame(f"DataTime=201608010800{minute:02d};a34004-Rtd={minute};a21005-Rtd=0.8"), one)
    found = gathered.table(0).to_pylist()
    assert len(gathered) == len(found) == 12
    assert [row["station"] for row in found[:4]] == ["Mill", "Mill", "Park", "Park"]
    assert {row["origin"] for row in found if row["station"] == "Park"} == {f"device {'P' * 24}"}
    assert [row["ticks"] for row in found if row["quantity"] == "pm25"] == [0, 0, 1000, 1000, 2000, 2000]


def test_two_devices_of_one_station_are_two_origins() -> None:
    gathered = Gathered()
    for mn in ("A" * 24, "B" * 24):
        gathered.add(frame("DataTime=20160801080000;a34004-Rtd=1"), device(mn=mn, units=MICRO))
    found = gathered.table(0)
    assert found["station"].to_pylist() == ["Mill", "Mill"]
    assert found["origin"].to_pylist() == [f"device {'A' * 24}", f"device {'B' * 24}"]


NUMBERS = st.decimals(min_value=Decimal("-9000000"), max_value=Decimal("9000000"), places=9).map(
    lambda number: f"{number.normalize():f}"
)


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=8))
def test_every_text_becomes_the_tick_that_rational_arithmetic_gives(values: list[tuple[str, str]]) -> None:
    frames = [frame(f"DataTime=20160801080000;a21005-Rtd={co};w20120-Rtd={pb}") for co, pb in values]
    found = rows(*frames)
    for (co, pb), (of_co, of_pb) in zip(values, zip(found[::2], found[1::2], strict=True), strict=True):
        for text, row, per_unit in ((co, of_co, 1000), (pb, of_pb, 10**5)):
            exact = Fraction(text) * per_unit
            assert row["ticks"] == round_fraction(exact, 0)
            assert row["raw"] == (None if exact.denominator == 1 else text)


@given(st.text(max_size=60), st.sampled_from(sorted(protocol().periods)))
def test_no_text_harms(cp: str, cn: str) -> None:
    gathered = Gathered()
    given_frame = frame("DataTime=20160801080000", cn=cn)._replace(cp=f"DataTime=20160801080000;{cp}")
    found = gathered.add(given_frame, device(units=MICRO))
    assert gathered.table(0).num_rows == found.taken == len(gathered)


def test_the_shapes_remembered_of_a_device_are_bounded() -> None:
    one = device(units=MICRO)
    for i in range(300):
        Gathered().add(frame(f"DataTime=20160801080000;x{i}-Rtd=1;a34004-Rtd=1"), one)
    assert len(one.shapes) <= 64


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"mn": ""}, "mn"),
        ({"mn": "a;b"}, "mn"),
        ({"mn": "设备"}, "mn"),
        ({"station": ""}, "station"),
        ({"minute_interval": 7}, "minute_interval"),
        ({"version": 9}, "version"),
    ],
)
def test_a_registration_that_cannot_be_is_refused(changes: dict[str, object], field: str) -> None:
    with pytest.raises(InputError) as caught:
        device(**changes)
    assert caught.value.field == field


def test_a_registration_does_not_show_its_password() -> None:
    assert "123456" not in repr(device())
