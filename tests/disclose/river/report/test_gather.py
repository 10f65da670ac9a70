"""What a report asks of the stages, and what it refuses before it asks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.disclose.river.report.thames_page import QUESTION, content, shed

from commonshed.disclose.river.report import gather as gathered
from commonshed.disclose.river.report.gather import _short
from commonshed.disclose.words import Both
from commonshed.errors import InputError, RiverError, ShedError, UnknownName
from commonshed.keep import Shed
from commonshed.places import network_from


def asked(**changes: object) -> None:
    gathered(shed(), replace(QUESTION, agreement=None, scenario=None, quantities=(), **changes))  # type: ignore[arg-type]


def test_the_page_rests_on_the_whole_log_and_every_reading() -> None:
    basis = content().basis
    # 9,130 rows of the file; the mapping reads 20 of its columns.
    assert (basis.rows, basis.size) == (171_314, shed().size)
    assert sum(basis.flags.values()) == basis.rows
    assert basis.network_digest == shed().network().digest
    assert basis.shed == "Thames"


def test_sections_and_the_main_river_are_told_apart() -> None:
    assert len(content().sections) == 23
    assert content().stem == ("TC19", "TC6", "TC5", "TC18", "TC13", "TC16")
    assert content().sections[-1] == "TC22"


def test_a_law_brings_its_levels_colours_and_how_sure_we_are() -> None:
    uk, cn = content().laws
    assert [level.key for level in uk.levels] == ["High", "Good", "Moderate", "Poor", "Bad"]
    assert uk.level("Bad") is not None
    assert (uk.good, cn.good) == ("Good", "III")
    assert (uk.good_name, cn.good_name) == (Both("Good", "良好"), Both("class III", "III类"))
    assert all(edition.digest and sum(edition.statuses.values()) > 0 for law in (uk, cn) for edition in law.editions)
    assert sum(edition.statuses["unverified"] for edition in uk.editions) > 0


@pytest.mark.parametrize(
    ("key", "name", "worst", "short"),
    [
        ("III", Both("good", "良好"), False, Both("III", "III")),
        ("inferior V", Both("heavily polluted", "重度污染"), True, Both(">V", "劣V")),
        ("Poor", Both("poor status", "较差"), False, Both("P", "差")),
        ("Bad", Both("bad status", "劣"), True, Both("B", "劣")),
        ("AA", Both("AA", "AA类"), False, Both("AA", "AA")),
    ],
)
def test_a_class_is_short_enough_for_a_cell(key: str, name: Both, worst: bool, short: Both) -> None:
    assert _short(key, name, worst=worst) == short


def test_a_mouth_that_is_no_section_names_near_ones() -> None:
    with pytest.raises(UnknownName, match=r"there is no section 'TC61'.*Did you mean"):
        asked(mouth="TC61")


def test_a_regime_nobody_holds_is_named() -> None:
    with pytest.raises(UnknownName, match=r"uk-wfd-2011.*uk-wfd-2010"):
        asked(regimes=("uk-wfd-2011",))


def test_a_law_of_air_cannot_grade_a_river() -> None:
    with pytest.raises(UnknownName, match=r"there is no regime of water 'cn-2012'.*cn-surface"):
        asked(regimes=("cn-2012",))


def test_a_year_without_samples_says_where_to_look() -> None:
    with pytest.raises((ShedError, InputError), match="2008"):
        asked(year=2008, years=(2008, 2009))


def test_places_without_rivers_are_refused_with_the_mend(tmp_path: Path) -> None:
    sections = tmp_path / "sections.csv"
    sections.write_text("section,water_body,water\nA,river,Test\n", "utf-8")
    bare = Shed.create(tmp_path / "shed", name="bare", zone="UTC")
    bare.publish_network(network_from(stations=sections))
    with pytest.raises(RiverError, match=r"no rivers to report on.*commonshed init"):
        gathered(bare, replace(QUESTION, mouth="A"))


def test_a_shed_without_readings_says_to_take_some_in(tmp_path: Path) -> None:
    empty = Shed.create(tmp_path / "shed", name="empty", zone="UTC")
    empty.publish_network(shed().network())
    with pytest.raises((ShedError, InputError), match="no readings"):
        gathered(empty, replace(QUESTION, years=()))
