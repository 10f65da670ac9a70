"""Classes on the page against means taken straight from the shipped file and tables typed a second time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from tests.disclose.river.report import thames_page
from tests.disclose.river.report.thames_page import content, linked, part, rows, words

from commonshed import datasets
from commonshed.disclose.river.report import classes
from commonshed.disclose.river.report.classes import decided, grid_of, in_order, map_of, tally
from commonshed.disclose.river.report.content import Law

GB_3838 = {"I": 20, "II": 100, "III": 200, "IV": 300, "V": 400}
"""Total phosphorus in rivers, GB 3838-2002, table 1. [ug/L]"""
WFD = {"High": 50, "Good": 120, "Moderate": 250, "Poor": 1000}
"""Annual mean of soluble reactive phosphorus in rivers of types 3n and 4n, UKTAG 2008. [ug/L]"""


@cache
def means(column: str) -> Mapping[str, float]:
    """Mean of 2015 by site; what lies below detection counts as half, as far as these classes can tell. [ug/L]"""
    table = pq.read_table(datasets.path("thames", "weekly_2009-2017.parquet"))
    table = table.filter(pc.equal(pc.year(table["sampling_date"]), thames_page.YEAR))
    found = table.group_by("site_code").aggregate([(column, "mean")])
    both = zip(found["site_code"].to_pylist(), found[f"{column}_mean"].to_pylist(), strict=True)
    return {site: mean for site, mean in both if mean is not None}


def expected(mean: float, limits: Mapping[str, float], worse: str) -> str:
    return next((level for level, limit in limits.items() if mean <= limit), worse)


def by_section(law: Law) -> Mapping[str, Mapping[str, str]]:
    return {row["section"]: row for row in linked(f"classes-{law.regime}")}


@pytest.mark.parametrize(
    ("which", "column", "limits", "worse"),
    [(0, "srp_ug_l", WFD, "Bad"), (1, "tp_ug_l", GB_3838, "inferior V")],
    ids=["uk", "cn"],
)
def test_phosphorus_alone_never_makes_a_class_worse_than_the_page_says(
    which: int, column: str, limits: Mapping[str, float], worse: str
) -> None:
    """Phosphorus decides every section of 2015, so its class is the section's."""
    law = content().laws[which]
    page = by_section(law)
    graded = {id: expected(mean, limits, worse) for id, mean in means(column).items()}
    assert len(graded) == 21
    assert {id: page[id]["2015"] for id in graded} == graded


def test_the_tally_counts_what_the_cells_show() -> None:
    first, second = content().laws
    assert (tally(content(), first), tally(content(), second)) == ((5, 21), (7, 21))
    good = [row["2015"] for row in linked("classes-uk-wfd-2010")]
    assert (good.count("High") + good.count("Good"), sum(map(bool, good))) == (5, 21)
    chinese = [row["2015"] for row in linked("classes-cn-surface")]
    assert sum(chinese.count(level) for level in ("I", "II", "III")) == 7
    assert chinese.count("inferior V") == 3


def test_what_decided_is_counted_over_the_sections_that_are_not_good() -> None:
    first, second = content().laws
    assert decided(content(), first) == [("po4p", 16)]
    assert decided(content(), second)[0] == ("tp", 14)


def test_sections_stand_as_the_water_flows_and_those_off_the_network_last() -> None:
    order = in_order(content())
    assert len(order) == len(set(order)) == 23
    assert [id for id in order if id in content().stem] == ["TC19", "TC6", "TC5", "TC18", "TC13", "TC16"]
    assert order[-1] == "TC22"
    # The Enborne runs into the Kennet, and both into the Thames above Sonning.
    assert order.index("TC21") < order.index("TC13")
    assert order.index("TC20") < order.index("TC13")


def test_a_cell_shows_the_letter_on_the_laws_colour_and_tells_the_year() -> None:
    grid = grid_of(content(), words(), content().laws[0])
    assert grid.years == (2013, 2014, 2015, 2016)
    row = next(line for line in grid.lines if line.name.en == "Thame at Wheatley")
    cell = row.cells[2]
    assert (cell.text.en, cell.text.zh, cell.colour) == ("P", "差", "#F7941D")
    assert cell.told.en == "2015: Poor"
    assert not row.stem


def test_what_was_not_sampled_has_no_colour_and_a_dash() -> None:
    grid = grid_of(content(), words(), content().laws[0])
    colne = next(line for line in grid.lines if line.name.en == "Colne at Staines")
    assert [(cell.text.en, cell.colour) for cell in colne.cells[:3]] == [("–", "")] * 3
    assert colne.cells[3].text.en == "M"
    assert colne.deciding.en == "–"


def test_a_change_is_an_arrow_with_the_number_of_classes() -> None:
    second = content().laws[1]
    grid = grid_of(content(), words(), second)
    changes = {line.name.en: line.change.en for line in grid.lines}
    page = by_section(second)
    keys = [level.key for level in second.levels]
    for line in page.values():
        before, now = line["2014"], line["2015"]
        step = keys.index(now) - keys.index(before) if before in keys and now in keys else 0
        shown = f"{'▼' if step > 0 else '▲'} {abs(step)}" if step else ""
        assert changes[line["name"]] == shown, line["name"]
    assert "▼ 1" in changes.values()


def test_a_class_from_too_few_samples_stands_in_brackets_without_a_colour() -> None:
    law = content().laws[1]
    record = {"class": None, "indicative": {"class": "IV"}}
    cell = classes._cell(words(), law, record, 2015)
    assert (cell.text.en, cell.text.zh, cell.colour, cell.part) == ("(IV)", "（IV）", "", True)
    assert cell.told.en == "2015: IV, from too few samples"


def shown_cells(rows: Sequence[Sequence[str]], years: int) -> dict[str, list[str]]:
    return {row[0]: list(row[1 : 1 + years]) for row in rows}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_cells_read_back_from_the_page_are_those_of_the_data_link(language: str) -> None:
    for law in content().laws:
        html = part("classes")
        html = html[html.index(f'id="classes-{law.regime}"') :]
        found = shown_cells(rows(html, language), 4)
        for line in linked(f"classes-{law.regime}"):
            name = content().name(line["section"]).get("en" if language == "en" else "zh")
            levels = [law.level(line[str(year)]) for year in (2013, 2014, 2015, 2016)]
            told = [level.short.en if language == "en" else level.short.zh for level in levels if level]
            assert [text for text in found[name] if text != "–"] == told, name


def test_the_map_gives_every_graded_section_on_the_river_its_class() -> None:
    drawn = map_of(content(), words(), content().laws[0])
    values = {row[0]: row[5] for row in drawn.table[1:] if row[3] == "section"}
    page = by_section(content().laws[0])
    assert set(values) == set(content().sections_on)
    assert all(values[id] == page[id]["2015"][:1] for id in values)
    assert 'lang="zh-Hans">差' in drawn.svg
