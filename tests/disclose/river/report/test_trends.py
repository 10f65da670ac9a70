"""Trends on the page are those of the records; a section without flow does not count where the title says so."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from tests.disclose.river.report.thames_page import content, linked, part, rows, said, words

from commonshed.disclose.river.report.trends import trends_of


def test_the_title_counts_sections_by_their_trend_without_the_flow() -> None:
    trends = trends_of(content(), words())
    assert trends is not None
    tested = [
        record["flow_adjusted"]["seasonal_kendall"]["direction"]
        for record in content().trends.values()
        if (record.get("flow_adjusted") or {}).get("seasonal_kendall") and record.get("slope")
    ]
    assert (trends.falling, trends.rising, trends.of) == (
        tested.count("falling"), tested.count("rising"), len(tested),
    )  # fmt: skip
    assert trends.span == "2013–2016"
    assert f"at {trends.falling} of {trends.of} sections" in said(part("trends"))


def test_rows_read_back_from_the_page_are_the_records_to_one_decimal() -> None:
    table = {row[0]: row for row in rows(part("trends"))}
    for record in content().trends.values():
        name = content().name(record["section"]).en
        if name not in table:
            assert record.get("seasonal_kendall") is None or record.get("slope") is None
            continue
        percent = record["slope"]["percent_per_year"]
        plain = "–" if percent is None else str(Decimal(percent).quantize(Decimal("0.1")) + 0).replace("-", "−")
        assert table[name][2] == plain.removeprefix("−") if set(plain) <= set("−0.") else plain, name
        assert table[name][1] == str(Decimal(record["median"]).quantize(Decimal("0.001")))


def test_words_go_with_the_arrows_in_both_languages() -> None:
    directions = {r["direction"] for r in linked("trend")}
    assert directions <= {"falling", "rising", "none"}
    shown = {row[3] for row in rows(part("trends"))} | {row[6] for row in rows(part("trends")) if row[6]}
    assert shown <= {"▼ falling", "▲ rising", "no trend shown"}
    chinese = {row[3] for row in rows(part("trends"), "zh")}
    assert chinese <= {"▼ 下降", "▲ 上升", "未见趋势"}


def test_a_section_whose_flow_nobody_knows_shows_dashes_and_does_not_count() -> None:
    some = {id: record for id, record in content().trends.items() if id in ("TC16", "TC1")}
    dry = dict(some["TC1"], flow_adjusted=None)
    trends = trends_of(replace(content(), trends={"TC16": some["TC16"], "TC1": dry}), words())
    assert trends is not None
    assert trends.of == 1
    line = next(line for line in trends.lines if line.name.en == "Thame at Wheatley")
    assert (line.adjusted, line.band, line.adjusted_told.en) == ("–", "", "")


def test_an_interval_that_too_few_months_could_not_make_is_one_dash() -> None:
    record = dict(content().trends["TC16"])
    endless = {**record["flow_adjusted"]["slope"], "low": None, "high": None}
    record["flow_adjusted"] = {**record["flow_adjusted"], "slope": endless}
    trends = trends_of(replace(content(), trends={"TC16": record}), words())
    assert trends is not None
    assert trends.lines[0].band == "–"


def test_without_years_enough_there_is_no_chapter() -> None:
    assert trends_of(replace(content(), trends={}), words()) is None
    only_dry = dict(content().trends["TC16"], flow_adjusted=None)
    assert trends_of(replace(content(), trends={"TC16": only_dry}), words()) is None
