"""Pictures of rivers are what the numbers say: drawn from plain data and read back from the SVG."""

from __future__ import annotations

import re
from datetime import datetime
from xml.etree import ElementTree

import numpy as np
import pytest

from commonshed.disclose.river.pictures import (
    Along,
    Drawn,
    Estimate,
    Field,
    Loaded,
    Passage,
    ShareBar,
    Stop,
    arrival_chart,
    can_be_mapped,
    load_chart,
    profile_over_time,
    profiles,
    river_map,
    schematic,
    share_bars,
)
from commonshed.disclose.river.pictures.drawn import ticks, time_ticks
from commonshed.disclose.river.pictures.river_map import frame_of, place_of
from commonshed.disclose.river.pictures.shares import percent
from commonshed.disclose.river.wording import words
from commonshed.disclose.words import Both
from commonshed.places import Mark, Node, Reach, Rivers, shipped

EN, BOTH = words(["en"]), words(["en", "zh"])


def b(text: str) -> Both:
    return Both(text, text + "中")


def _texts(drawn: Drawn) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", drawn.svg)


def _rects(drawn: Drawn, kind: str) -> list[dict[str, float]]:
    found = re.findall(rf'<rect class="{kind}"([^>]*)/>', drawn.svg)
    return [{name: float(value) for name, value in re.findall(r'(\w+)="([\d.-]+)"', text)} for text in found]


PASSAGES = [
    Passage(b("Near"), 6.0, 8.0, 12.0, 24.0, (5.0, 7.5), (10.0, 15.0), (20.0, 28.0), 1.0),
    Passage(b("Far"), 30.0, 40.0, None, 3.0, (24.0, None), (None, None), (1.0, 4.0), 0.8),
    Passage(b("Beside"), None, 20.0, None, 0.6),
    Passage(b("Beyond"), None, None, None, 0.0),
]


def test_a_bar_runs_from_arrival_to_passage_and_the_pale_one_from_earliest_to_latest() -> None:
    drawn = arrival_chart(EN, PASSAGES, hours=48, unit="mg/L")
    near, far = _rects(drawn, "slick")
    scale = 352 / 48
    assert near["x"] == pytest.approx(4 + 6 * scale, abs=0.06)
    assert near["width"] == pytest.approx(6 * scale, abs=0.06)
    # Not passed when the forecast ends: the bar runs to the edge.
    assert far["x"] + far["width"] == pytest.approx(4 + 48 * scale, abs=0.1)
    pale = _rects(drawn, "bandfill")
    assert pale[0]["x"] == pytest.approx(4 + 5 * scale, abs=0.06)
    assert pale[0]["width"] == pytest.approx(10 * scale, abs=0.06)
    assert pale[1]["x"] + pale[1]["width"] == pytest.approx(4 + 48 * scale, abs=0.1)


def test_a_place_that_stays_below_is_told_from_one_not_reached_yet() -> None:
    drawn = arrival_chart(EN, PASSAGES, hours=48, unit="mg/L")
    assert "stays below · 0.60 mg/L" in _texts(drawn)
    assert "not within 2 days" in _texts(drawn)
    assert "Near: arrives after 6 h (between 5 h and 7.5 h), peaks after 8 h at 24 mg/L" in drawn.alt.en
    assert "Far: arrives after 30 h (between 24 h and after the forecast ends)" in drawn.alt.en
    assert "has not passed when the forecast ends" in drawn.alt.en
    assert drawn.table[1][:5] == ("Near", "Near中", "6", "5", "7.5")
    assert drawn.table[4][2] == ""


def test_an_axis_of_time_stands_at_round_times_of_the_day() -> None:
    told = time_ticks(48, datetime(2016, 6, 20, 9, 40))
    assert [text.en for _, text in told] == ["12:00", "21 Jun", "12:00", "22 Jun"]
    assert [text.zh for _, text in told][1] == "6月21日"
    assert told[1][0] == pytest.approx(14 + 1 / 3)
    assert [hour for hour, _ in time_ticks(48)] == [0, 12, 24, 36, 48]
    assert ticks(96) == [0, 20, 40, 60, 80]


def field() -> Field:
    """A cloud of 10 at 2 km/h, ten kilometres broad."""
    hours, distances = np.linspace(0, 40, 161), np.linspace(0, 100, 401)
    values = np.where(np.abs(distances[None, :] - 2 * hours[:, None]) <= 5, 10.0, 0.0)
    return Field(hours, distances, values, "mg/L", 1.0)


def test_the_field_is_filled_where_the_river_holds_the_threshold_and_nowhere_else() -> None:
    drawn = profile_over_time(EN, field(), [Along(b("Weir"), 50.0)])
    # Ten times the threshold is the third step: 3 to 10 is the second, so 10 begins the third.
    (path,) = re.findall(r'<path class="r4" d="([^"]*)"', drawn.svg)
    assert not re.findall(r'<path class="r[2356]" d="M', drawn.svg)
    cells = re.findall(r"M([\d.]+) ([\d.]+)h([\d.]+)v([\d.]+)", path)
    area = sum(float(width) * float(height) for _, _, width, height in cells) / (322 * 270)
    # 10 km of 100, less the first five that lie above the spill and the last beyond: about a tenth.
    assert area == pytest.approx(0.1, abs=0.03)
    assert "After 20 h: from 35 to 45 km below the release." in drawn.alt.en
    assert "Weir" in _texts(drawn)
    assert drawn.table[0][1] == "0 km"


def test_a_peak_shorter_than_a_cell_of_the_picture_is_not_lost() -> None:
    told = field()
    values = np.zeros_like(told.values)
    values[80, 200] = 150.0
    drawn = profile_over_time(EN, Field(told.hours, told.distances, values, "mg/L", 1.0))
    assert re.search(r'<path class="r6" d="M', drawn.svg)


def test_profiles_name_the_highest_point_of_each_hour() -> None:
    drawn = profiles(EN, field(), [10, 20, 30])
    assert [text for text in _texts(drawn) if text.startswith("+")] == ["+10 h", "+20 h", "+30 h"]
    assert _texts(drawn).count("10 mg/L") == 3
    assert len(drawn.table) == 4


def test_shares_are_as_long_as_their_figures_and_what_is_unexplained_is_hatched() -> None:
    bars = [
        ShareBar(b("Kennet"), "0.3000", "0.2500", "0.4000"),
        ShareBar(b("Upper"), "0.1500", basis="inferred"),
        ShareBar(b("rest"), "0.5500", basis="unexplained"),
    ]
    drawn = share_bars(EN, bars)
    (kennet,) = _rects(drawn, "pillar")
    (upper,) = _rects(drawn, "pillar part")
    assert kennet["width"] == pytest.approx(2 * upper["width"], abs=0.2)
    assert drawn.svg.count("url(#hatch)") == 1
    assert {"30.00%", "15.00%", "55.00%"} <= set(_texts(drawn))
    assert "Kennet: 30.00% (between 25.00% and 40.00%), measured." in drawn.alt.en
    assert "rest: 55.00%, explained by nothing we hold." in drawn.alt.en
    assert drawn.table[1] == ("Kennet", "Kennet中", "0.3000", "0.2500", "0.4000", "measured")


def test_a_negative_share_hangs_left_of_zero() -> None:
    drawn = share_bars(EN, [ShareBar(b("gain"), "1.1000"), ShareBar(b("loss"), "-0.1000")])
    gain, loss = _rects(drawn, "pillar")
    assert loss["x"] + loss["width"] == pytest.approx(gain["x"], abs=0.1)


@pytest.mark.parametrize(
    ("share", "told"),
    [("0.3124", "31.24%"), ("1.0000", "100.00%"), ("0", "0%"), ("-0.0500", "−5.00%"), ("0.5", "50%")],
)
def test_an_exact_share_becomes_a_percentage_without_rounding(share: str, told: str) -> None:
    assert percent(share) == told


def test_loads_stand_side_by_side_with_their_intervals_and_none_is_hidden() -> None:
    told = [
        Loaded(
            b("Runnymede"), (Estimate(b("averaging"), "80", "70", "90"), Estimate(b("ratio"), None)), b("52 samples")
        )
    ]
    drawn = load_chart(EN, told, unit="t")
    assert {"80", "not estimated", "52 samples"} <= set(_texts(drawn))
    (span,) = re.findall(r'class="span" d="M([\d.]+) [\d.]+H([\d.]+)"', drawn.svg)
    assert float(span[1]) - float(span[0]) == pytest.approx(20 * (312 - 106) / 90, abs=0.2)
    assert "Runnymede: averaging 80 (between 70 and 90); ratio: not estimated." in drawn.alt.en


def test_the_schematic_writes_each_place_once_and_tells_the_way_in_words() -> None:
    rivers = Rivers.of(
        [Node(id) for id in "abm"], [Reach("1", "a", "m", name_en="Brook"), Reach("2", "b", "m", discharge=3)]
    )
    stops = {
        "a": Stop(b("Mill"), chip=("V", "#ff9900")),
        "b": Stop(b("Ford"), "intake", detail=b("arrives 12:00")),
        "m": Stop(b("Mouth"), value="3.0 mg/L"),
    }
    drawn = schematic(EN, rivers, stops, hot={"2"}, stem=("b",))
    assert sorted(_texts(drawn)) == sorted(["Ford", "arrives 12:00", "Mill", "V", "Mouth", "3.0 mg/L"])
    assert drawn.svg.count('class="water hot"') == 1
    assert "On a tributary: Mill: V." in drawn.alt.en
    assert "Ford: arrives 12:00." in drawn.alt.en
    assert [row[4] for row in drawn.table[1:]] == ["m", "m", ""]


def test_every_picture_is_well_formed_and_speaks_both_languages() -> None:
    rivers = Rivers.of([Node("a"), Node("m")], [Reach("1", "a", "m")])
    drawn = [
        arrival_chart(BOTH, PASSAGES, hours=48, unit="mg/L", start=datetime(2016, 6, 20, 9, 40), names="x-title x-alt"),
        profile_over_time(BOTH, field(), [Along(b("Weir"), 50.0)]),
        profiles(BOTH, field(), [10]),
        share_bars(BOTH, [ShareBar(b("<Kennet>"), "0.3")]),
        load_chart(BOTH, [Loaded(b("R"), (Estimate(b("m"), "1"),))], unit="t"),
        schematic(BOTH, rivers, {"a": Stop(b("A & B"))}),
    ]
    for each in drawn:
        root = ElementTree.fromstring(each.svg)
        assert root.get("viewBox", "").startswith("0 0 360 ")
        assert each.alt.en
        assert each.alt.zh
        assert re.search(r"[\u4e00-\u9fff]", each.alt.zh)
    assert 'aria-labelledby="x-title x-alt"' in drawn[0].svg
    assert 'lang="zh-Hans"' in drawn[0].svg


def mapped() -> Rivers:
    """A river due east along the equator, one degree long, and one from the north into its mouth."""
    nodes = [Node("w", lon=0, lat=0), Node("e", lon=1, lat=0), Node("n", lon=1, lat=0.6)]
    reaches = [
        Reach("east", "w", "e", length=111_000, line=((0, 0), (0.4, 0), (1, 0))),
        Reach("north", "n", "e", length=66_000, line=((1, 0.6), (1, 0))),
    ]
    return Rivers.of(nodes, reaches, [Mark("gate", "gate", reach="east", distance=27_750)])


def test_a_mark_stands_at_its_distance_along_the_line() -> None:
    assert place_of(mapped(), "gate") == pytest.approx((0.25, 0.0))
    assert place_of(mapped(), "n") == (1, 0.6)


def test_a_map_is_drawn_only_where_the_lines_are_known() -> None:
    assert can_be_mapped(mapped(), {"east"})
    assert not can_be_mapped(shipped("thames").rivers or mapped(), {"thames-goring"})


def test_the_map_shows_the_way_of_the_spill_and_names_what_lies_outside() -> None:
    stops = {"gate": Stop(b("Gate"), "gate", value="No. 1"), "w": Stop(b("West")), "n": Stop(b("Far north"))}
    drawn = river_map(EN, mapped(), stops, hot={"east"})
    assert drawn.svg.count('class="water hot"') == 1
    assert drawn.svg.count('class="water"') == 1
    assert {"Gate", "No. 1", "West"} <= set(_texts(drawn))
    ElementTree.fromstring(drawn.svg)
    frame = frame_of([mapped().reaches["east"]])
    assert frame.east - frame.west == pytest.approx(1.24, abs=0.01)
    assert drawn.table[1][4:6] == ("0.25000", "0.00000")
    assert "Outside the window: Far north." in drawn.alt.en
