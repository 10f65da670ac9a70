"""Pictures are what the numbers say: drawn from plain data and read back from the SVG."""

from __future__ import annotations

import re

import numpy as np
from shapely.geometry import box

from commonshed.disclose.drawing import number
from commonshed.disclose.report.content import Category
from commonshed.disclose.report.pictures import Bar, Dot, Frame, bars, calendar_month, city_map, outline_paths, scatter
from commonshed.disclose.report.pictures.scatter import hexagons
from commonshed.disclose.words import Both, Words

EN = Words(["en"])
CATEGORIES = (
    Category(1, 0, 50, Both("Excellent", "优"), "#00e400"),
    Category(2, 51, 100, Both("Good", "良"), "#ffff00"),
    Category(6, 301, 500, Both("Severe", "严重"), "#7e0023"),
)


def _texts(svg: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def test_each_day_has_its_number_on_the_colour_of_its_class_and_a_missing_day_is_hatched() -> None:
    days = dict.fromkeys(range(1, 29), (40, 1)) | {29: (66, 2)}
    svg = calendar_month(EN, 2016, 2, {**days, 10: (430, 6)}, CATEGORIES)
    assert _texts(svg).count("40") == 27
    assert _texts(svg).count("66") == _texts(svg).count("430") == 1
    assert svg.count('fill="#7e0023"') == 1
    assert '<g class="m day" fill="#ffffff">' in svg  # white on maroon, black on green and yellow
    assert "missing" not in svg
    del days[10]
    hatched = calendar_month(EN, 2016, 2, days, CATEGORIES)
    missing = re.search(r'class="missing" fill="url\(#hatch\)" d="([^"]*)"', hatched)
    assert missing is not None
    assert missing[1].count("M") == 1
    # 10 February 2016 was a Wednesday in the second week that begins in the month's sheet.
    assert missing[1].startswith(f"M{2 * 26} {34 + 23}")


def test_days_outside_the_record_are_blank_not_missing() -> None:
    svg = calendar_month(EN, 2013, 2, {}, CATEGORIES, outside=frozenset(range(1, 29)))
    assert "hatch" not in svg
    assert svg.count('class="blank"') == 1


def test_bars_are_as_high_as_their_figures_and_the_limit_is_drawn_at_its_value() -> None:
    series = [Bar(Both("a", "甲"), "50"), Bar(Both("b", "乙"), "100"), Bar(Both("c", "丙"), "25", complete=False)]
    svg = bars(EN, [*series, Bar(Both("d", "丁"), None)], limit=("75", Both("limit 75", "限值75")))
    heights = [float(h) for h in re.findall(r'<rect class="pillar[^>]*height="([\d.]+)"', svg)]
    assert heights[1] == 2 * heights[0] == 4 * heights[2]
    assert svg.count('class="pillar part"') == 1
    assert svg.count('fill="url(#hatch)"') == 1
    line = re.search(r'class="limit" d="M[\d.]+ ([\d.]+)L', svg)
    base = re.search(r'class="axis" d="M[\d.]+ ([\d.]+)L', svg)
    assert line is not None
    assert base is not None
    assert float(base[1]) - float(line[1]) == 0.75 * heights[1]
    assert {"50", "100", "25", "limit 75"} <= set(_texts(svg))


def test_the_map_marks_control_and_incomplete_stations_otherwise_and_writes_every_value() -> None:
    frame = Frame(116, 39, 117, 40)
    dots = [
        Dot(116.2, 39.2, "73", 4, Both("Dongsi", "东四")),
        Dot(116.8, 39.8, "60", 2, Both("Dingling", "定陵"), control=True),
        Dot(116.5, 39.5, "81", 4, Both("Gucheng", "古城"), complete=False),
        Dot(116.2, 39.8, None, 1, Both("New", "新")),
        Dot(120.0, 39.8, "99", 1, Both("Elsewhere", "别处")),
    ]
    svg = city_map(EN, {"1": "whole-1"}, dots, frame, steps={"1": 4})
    assert _texts(svg) == ["73", "Dongsi", "60", "Dingling", "(81)", "Gucheng", "–", "New"]
    assert svg.count("<circle") == 3
    assert svg.count('class="dot open"') == 2
    assert '<use href="#whole-1" class="land r4"/>' in svg
    assert outline_paths({"1": box(116, 39, 116.5, 40)}, frame, "whole-").startswith('<path id="whole-1" d="M180 ')


def test_the_map_keeps_labels_of_neighbours_apart() -> None:
    frame = Frame(116, 39, 117, 40)
    dots = [Dot(116.50, 39.5, "73", 4), Dot(116.56, 39.5, "81", 4)]
    svg = city_map(EN, {}, dots, frame)
    at = [float(x) for x in re.findall(r'<text x="([\d.]+)"[^>]*dotv', svg)]
    ends = re.findall(r'class="dotv halo( e)?"', svg)
    assert ends == [" e", ""] or abs(at[0] - at[1]) > 25


def test_hexagons_count_every_point_inside_the_axes_once() -> None:
    generator = np.random.default_rng(0)
    px, py = generator.uniform(0, 400, 5000), generator.uniform(0, 400, 5000)
    found = hexagons(px, py)
    assert found.counts.sum() + found.left_out == 5000
    assert found.left_out == int(((px < 46) | (px > 332) | (py < 10) | (py > 298)).sum())
    assert set(found.steps()) <= set(range(1, 7))


def test_the_line_of_equality_runs_from_corner_to_corner() -> None:
    title = Both("x", "x")
    svg = scatter(EN, [1, 2, 3], [1, 2, 3], top=10, fit=(1, 0), titles=(title, title), equality=title, fit_name=title)
    assert 'class="equal" d="M46 298L332 10"' in svg
    assert 'class="fit" d="M46 298L332 10"' in svg


def test_numbers_for_people_have_a_true_minus_and_no_negative_zero() -> None:
    assert number(-3.14159, 1) == "−3.1"
    assert number(-0.04, 1) == "0.0"
