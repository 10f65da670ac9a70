"""The report says what the records say, in both languages, under each law, and fetches nothing."""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest
from tests.disclose.shed_of_beijing import content, page, shed

from commonshed.assess.air import air, exceedances
from commonshed.disclose.report import gather, render, write_report
from commonshed.disclose.report.chapters import QUANTITIES, Story
from commonshed.disclose.report.tables import FIGURES
from commonshed.disclose.words import Words, texts
from commonshed.errors import PeriodError, ShedError, UnknownName
from commonshed.keep import Shed, Source
from commonshed.places import shipped


class _Page(HTMLParser):
    """Ids, references to ids, addresses, headings and tables of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.named: list[str] = []
        self.addresses: list[str] = []
        self.headings: list[int] = []
        self.pictures = 0
        self.links: dict[str, str] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {key: value or "" for key, value in attrs}
        if "id" in found:
            self.ids.append(found["id"])
        self.named += found.get("aria-labelledby", "").split() + ([found["for"]] if "for" in found else [])
        self.addresses += [found[key] for key in ("src", "href", "action", "xlink:href", "srcset") if key in found]
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        self.pictures += found.get("role") == "img"
        if tag == "a" and "download" in found:
            self.links[found["download"]] = found["href"]


@pytest.fixture(scope="module")
def parsed() -> _Page:
    return _Page(page())


def _rows(parsed: _Page, figure: str) -> list[dict[str, str]]:
    text = unquote(parsed.links[f"{figure}.csv"].partition(",")[2])
    return list(csv.DictReader(io.StringIO(text)))


def _shown(html: str, law: int, year: int | None = None, language: str = "en") -> str:
    """What a reader sees of a page or a piece: nested switches taken out by their settings."""
    other = {"en": "zh-Hans", "zh": "en"}[language]
    html = re.sub(rf'<(span|tspan) lang="{other}">.*?</\1>', "", html, flags=re.S)
    kept = []
    for part in re.split(r'(?=<(?:div|span)(?: data-year="\d+")? data-law=")', html):
        told = re.match(r'<(?:div|span)(?: data-year="(\d+)")? data-law="([\d ]+)"', part)
        if told and (str(law) not in told[2].split() or (year and told[1] and int(told[1]) != year)):
            continue
        kept.append(part)
    return "".join(kept)


def test_the_headline_is_the_record_of_the_city() -> None:
    assessed = air(shed(), period="2016", by="jurisdiction", regime="cn-2012")
    city = next(record for record in assessed.records() if record["jurisdiction"] == "110000")
    days = [e for e in exceedances(assessed) if e["jurisdiction"] == "110000" and e["quantity"] == "pm25"]
    valid = city["completeness"]["pm25"]["valid_days"]
    sentence = Story(content(), Words(["en"])).headline(content().laws[0], 2016)
    assert sentence.en == (
        f"In 2016 Beijing met the 24-hour PM2.5 limit on {valid - len(days)} of {valid} days; "
        f"the city’s mean was {city['mean']['pm25']} µg/m³, twice the law’s 35."
    )
    assert sentence.en in page()
    assert sentence.zh in page()


def test_every_figure_of_the_ranking_equals_the_record(parsed: _Page) -> None:
    records = {r["station"]: r for r in air(shed(), period="2016", regime="cn-2012").records()}
    rows = [r for r in _rows(parsed, "ranking-stations") if r["law"] == "cn-2012"]
    assert {r["station"] for r in rows} == set(records)
    for row in rows:
        record = records[row["station"]]
        assert row["composite_index"] == (record["composite_index"] or "")
        assert row["rank"] == str(record["rank"] or "")
        assert row["pm25"] == (record["mean"]["pm25"] or "")
        assert row["o3"] == (record["percentile"]["o3_8h_p90"] or "")
        assert (row["good_days"], row["valid_days"]) == (str(record["good_days"]), str(record["valid_days"]))


def test_days_of_the_calendar_are_the_records_and_missing_ones_are_hatched(parsed: _Page) -> None:
    rows = [r for r in _rows(parsed, "calendar-aqi") if r["law"] == "cn-2012"]
    assessed = air(shed(), period="2016", by="jurisdiction", unit_of_time="day", regime="cn-2012")
    days = {record["period"]: record for record in assessed.records() if record["jurisdiction"] == "110000"}
    assert len(rows) == len(days) == 366
    assert all(row["aqi"] == ("" if days[row["day"]]["aqi"] is None else str(days[row["day"]]["aqi"])) for row in rows)
    story = Story(content(), Words(["en"]))
    law = content().laws[0]
    drawn = "".join(story.calendar(law, 2016))
    numbers = [int(n) for n in re.findall(r'<text x="[\d.]+" y="[\d.]+">(\d+)</text>', drawn)]
    assert sorted(numbers) == sorted(d["aqi"] for d in days.values() if d["aqi"] is not None)
    hatched = sum(d.count("M") for d in re.findall(r'class="missing"[^>]*d="([^"]*)"', drawn))
    assert hatched == sum(d["aqi"] is None for d in days.values()) > 0


def test_the_law_switch_changes_the_numbers_and_says_what_is_not_in_force() -> None:
    own, converted, measured = content().laws
    assert [law.key for law in content().laws] == ["cn-2012", "cn-2026-converted", "cn-2026-as-measured"]
    good = {law.key: content().graded[law.key, 2016].city["good_days"] for law in content().laws}
    assert good[own.key] > good[converted.key]
    no2 = {law.key: float(content().graded[law.key, 2016].city["mean"]["no2"]) for law in content().laws}
    # 273 / 298.15 of the gas; each daily value is rounded before the mean is made of them.
    assert no2[converted.key] == pytest.approx(no2[measured.key] * 273 / 298.15, abs=0.2)
    assert no2[own.key] == round(no2[measured.key])
    for position, law in enumerate(content().laws):
        lead = _shown(page().partition('id="ranking"')[0], position)
        assert f"{good[law.key]} of" in lead
        assert ("Not in force in 2016" in lead) == (position > 0)
        assert ("In force in 2016" in lead) == (position == 0)


def test_days_above_a_limit_are_counted_as_the_assessment_counts_them() -> None:
    story = Story(content(), Words(["en"]))
    for law in content().laws:
        counted = content().graded[law.key, 2016].city["exceedance_days"]
        rows = dict(zip(QUANTITIES, story.exceed_rows(law, 2016), strict=True))
        assert {q: row.days for q, row in rows.items()} == {
            q: counted[law.percentiles[q].rpartition("_p")[0]] for q in QUANTITIES
        }
        assert rows["o3"].limit == "160"  # the 8-hour limit, not the 200 of one hour


def test_what_is_the_same_under_every_law_stands_once() -> None:
    html = page()
    statistics = html.partition('id="embassy-statistics"')[2].partition("</figure>")[0]
    assert "data-law" not in statistics


def test_every_figure_has_a_title_a_text_alternative_a_how_and_its_data(parsed: _Page) -> None:
    html = page()
    figures = re.findall(r'<figure class="figure" id="([^"]+)">(.*?)</figure>', html, flags=re.S)
    assert {name for name, _ in figures} == set(FIGURES) - {"year-by-year"}
    for name, inner in figures:
        assert f'id="{name}-title"' in inner
        assert f'id="{name}-alt"' in inner
        assert '<details class="how">' in inner
        assert len(_rows(parsed, name)) >= 1
    assert parsed.pictures > 12


def test_names_in_the_page_are_unique_and_every_reference_resolves(parsed: _Page) -> None:
    assert len(parsed.ids) == len(set(parsed.ids))
    assert set(parsed.named) <= set(parsed.ids)


def test_headings_go_down_one_step_at_a_time(parsed: _Page) -> None:
    assert parsed.headings.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(parsed.headings, parsed.headings[1:], strict=False))


def test_nothing_in_the_page_comes_from_elsewhere(parsed: _Page) -> None:
    assert all(a.startswith(("#", "data:")) for a in parsed.addresses)
    assert "@import" not in page()
    assert not re.search(r"url\((?!#)", page())


def test_no_sentence_is_left_without_its_words() -> None:
    html = re.sub(r"<style>.*?</style>|<script>.*?</script>|href=\"data:[^\"]*\"", "", page(), flags=re.S)
    shown = re.sub(r"<[^>]*>", " ", html)
    keys = "|".join(re.escape(key) for key in texts("en") if not key.startswith(("ui.data",)))
    assert not re.search(rf"(?<![\w.])({keys})(?![\w.])", shown)
    assert not re.search(r"\{[a-z_]+\}", shown)
    assert "None" not in shown


def test_both_languages_are_complete_and_one_alone_is_smaller() -> None:
    chinese = render(content(), languages=["zh"])
    assert 'lang="zh-Hans"' in chinese[:200]
    assert "How this was made" not in chinese
    assert len(chinese) < len(page())
    both = page()
    assert both.count('<span lang="en">') == both.count('<span lang="zh-Hans">') > 500


def test_a_district_that_cannot_be_ranked_says_why_with_the_clause() -> None:
    story = Story(content(), Words(["en"]))
    for row in story.ranked(content().laws[0], 2016, "districts"):
        if row.record["rank"] is None:
            why = story.why(row.record)
            assert why.en.startswith("Not assessed: ")
            assert "HJ 663-2013" in why.en
            assert "HJ 663-2013" in why.zh
            assert why.en in page()


def test_a_partial_year_is_shown_as_what_it_is() -> None:
    of_2017 = content("2017")
    story = Story(of_2017, Words(["en"]))
    assert "is not assessed: 58 of the 324 days" in story.headline(of_2017.laws[0], 2017).en
    assert {line.reasons for line in of_2017.bulletin[2017]} == {("partial",)}
    html = render(of_2017)
    assert "(95)" in html  # the mean of the days there are, in brackets
    assert "2017 cannot be compared" in html


def test_several_years_share_one_page_and_the_last_assessed_one_is_shown_first() -> None:
    html = page("2015..2017")
    assert '<input type="radio" name="year" id="year-2016" value="2016" checked>' in html
    assert 'id="year-by-year"' in html
    shown = content("2015..2017")
    assert shown.graded["cn-2012", 2016] == content().graded["cn-2012", 2016]


def test_sizes_stay_within_what_a_mail_takes() -> None:
    assert len(page().encode()) <= 3_000_000
    assert len(page("2015..2017").encode()) <= 5_000_000


def test_what_the_page_stands_on_is_said() -> None:
    html = page()
    assert shed().network().digest in html
    assert f"<dd>{shed().size}</dd>" in html
    for law in content().laws:
        for edition in law.editions:
            assert edition.digest in html
    assert "unverified" in html
    assert "single source" in html


def test_the_readings_of_two_files_are_found_to_be_labelled_an_hour_apart() -> None:
    by_station = {found.station: found for found in content().hour_labels}
    assert by_station["Dongsi"].shift == 1
    assert by_station["Dongsi"].equal_share > 0.95 > 0.2 > by_station["Dongsi"].equal_share_unshifted


def test_a_report_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    written = write_report(shed(), "2016", tmp_path / "new" / "report.html", languages=["en"])
    assert written.read_text("utf-8").endswith("</html>\n")
    assert [entry.name for entry in written.parent.iterdir()] == ["report.html"]


def test_a_period_that_is_not_whole_years_is_refused() -> None:
    with pytest.raises(PeriodError, match="whole years"):
        gather(shed(), "2016-03")


def test_a_place_without_stations_is_refused_by_name() -> None:
    with pytest.raises(UnknownName, match="110106"):
        gather(shed(), "2016", place="110106")


def test_a_shed_without_readings_has_nothing_to_report(tmp_path: Path) -> None:
    empty = Shed.create(tmp_path / "empty", name="Empty", zone="+08:00")
    empty.publish_network(shipped("beijing"))
    with pytest.raises(ShedError, match="nothing to report"):
        gather(empty, "2016")


def test_a_city_that_the_share_of_stations_stops_is_refused_with_the_rule_and_what_to_ask_instead(
    tmp_path: Path,
) -> None:
    """Two of Beijing's twelve stations have readings; nine are needed."""
    few = Shed.create(tmp_path / "few", name="Few", zone="+08:00")
    few.publish_network(shipped("beijing"))
    rows = shed().readings(stations=["Dongsi", "Shunyi"], start=1451577600, end=1454256000)
    few.seal_import([rows], source=Source("few", "1"))
    with pytest.raises(ShedError) as told:
        gather(few, "2016")
    for words in (
        "no day of 2016 can be graded for Beijing",
        "9 of its assessed stations need a valid value (75 %, and 50 % of fewer than 4: ",
        "HJ 663-2013",
        "of a quantity that is missing at most 2 had one on any day",
        "Dongsi on 31 days of 2016",
        "commonshed assess air --shed … --period 2016 --by station",
        "commonshed report --place 110",
    ):
        assert words in str(told.value)


def test_one_district_alone_can_be_reported_on() -> None:
    district = gather(shed(), "2016", place="110105")
    assert district.city.name.en == "Chaoyang"
    assert {mark.id for mark in district.city.stations} == {"Aotizhongxin", "Nongzhanguan"}
    assert {r["station"] for r in district.graded["cn-2012", 2016].stations} == {"Aotizhongxin", "Nongzhanguan"}
    html = render(district)
    assert 'id="ranking-districts"' not in html
    assert 'id="bulletin-table"' not in html


def test_figures_are_the_six_quantities_under_every_law() -> None:
    for law in content().laws:
        assert set(law.limits) >= set(QUANTITIES)
        assert set(law.percentiles) >= set(QUANTITIES)
