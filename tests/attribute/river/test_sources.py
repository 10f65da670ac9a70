"""Declared sources: read with care, and refused with the row and the mend."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.attribute.river.basin import network, rivers

from commonshed.attribute.river.sources import DeclaredSource, read_sources
from commonshed.errors import CommonshedError, PlacesError, RiverError
from commonshed.periods import Period
from commonshed.places import Mark, Rivers

HEAD = "source,quantity,load,mark,node,reach,distance,sector,jurisdiction,spread,name_en\n"


def written(folder: Path, *rows: str, head: str = HEAD) -> Path:
    path = folder / "sources.csv"
    path.write_text(head + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return path


def with_outlet() -> Rivers:
    basin = rivers()
    outlet = Mark("pipe", "outlet", reach="te", distance=100.0, jurisdiction="T")
    return Rivers.of(basin.nodes.values(), basin.reaches.values(), [*basin.marks.values(), outlet])


def test_a_source_stands_at_a_mark_at_a_node_or_on_a_reach(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "works,tp,12.5,pipe,,,,sewage,,0.2,Works",
        "farm,tp,3,,a,,,farming,A,,",
        "mill,cod,7,,,am,250,,,,",
    )
    works, farm, mill = read_sources(path, network(with_outlet()))
    assert works == DeclaredSource(
        "works", "tp", 12.5, reach="te", distance=100.0, sector="sewage", jurisdiction="T", spread=0.2, name_en="Works"
    )
    assert (farm.node, farm.jurisdiction, farm.spread) == ("a", "A", 0.0)
    assert (mill.reach, mill.distance, mill.sector, mill.jurisdiction) == ("am", 250.0, None, "T")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("works,tp,1,nowhere,,,,,,,", r"row 1, field mark: the source stands off the network \(given: 'nowhere'\)"),
        ("works,tp,1,,,am,9999,,,,", r"row 1, field distance: the source stands beyond reach am.*1000 m long"),
        ("works,tp,1,,a,am,5,,,,", "row 1.*stands nowhere, or in two places"),
        ("works,tp,1,,,,,,,,", "row 1.*stands nowhere"),
        ("works,tp,-1,,a,,,,,,", "row 1, field load: a load is not negative"),
        ("works,tp,much,,a,,,,,,", "row 1, field load: this is not a number"),
        (",tp,1,,a,,,,,,", "row 1, field source: a source needs this"),
        ("works,tpp,1,,a,,,,,,", "there is no quantity 'tpp'.*tp"),
        ("works,tp,1,,a,,,,Z,,", "row 1, field jurisdiction: there is no jurisdiction 'Z'"),
    ],
)
def test_a_row_that_cannot_be_used_is_named_with_its_mend(tmp_path: Path, row: str, said: str) -> None:
    with pytest.raises(CommonshedError, match=said):
        read_sources(written(tmp_path, row), network())


def test_a_source_declared_twice_or_a_column_nobody_knows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PlacesError, match="row 2, field source: a source is declared twice"):
        read_sources(written(tmp_path, *["works,tp,1,,a,,,,,,"] * 2), network())
    with pytest.raises(PlacesError, match="there is no such column"):
        read_sources(written(tmp_path, "w,tp,1,a,x", head="source,quantity,load,node,colour\n"), network())


def test_places_without_rivers_hold_no_sources(tmp_path: Path) -> None:
    bare = replace(network(), rivers=None)
    with pytest.raises(RiverError, match="no rivers for sources to stand on"):
        read_sources(written(tmp_path, "w,tp,1,,a,,,,,,"), bare)


def test_a_load_of_a_year_is_split_over_its_days() -> None:
    works = DeclaredSource("works", "tp", 366.0, node="a")
    assert works.tonnes(Period.parse("2016")) == 366
    assert works.tonnes(Period.parse("2016-02")) == 29
    assert works.tonnes(Period.parse("2015-12..2016-01")) == pytest.approx(366 / 365 * 31 + 31)
    assert works.tonnes(Period.parse("2015-06-15")) == pytest.approx(366 / 365)


def test_draws_spread_as_declared_about_the_load() -> None:
    works = DeclaredSource("works", "tp", 10.0, node="a", spread=0.3)
    drawn = np.log(works.drawn(20_000, np.random.default_rng(1)))
    assert drawn.std() == pytest.approx(0.3, rel=0.02)
    assert drawn.mean() == pytest.approx(0, abs=0.01)


def test_a_load_that_is_negative_or_no_number_is_refused() -> None:
    with pytest.raises(RiverError, match=r"source works cannot be used"):
        DeclaredSource("works", "tp", -1.0, node="a")
