"""Counties become prefectures where prefectures are asked about."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.attribute.river.basin import fitted, network, rivers

from commonshed.attribute.river.owners import owned_rivers, owned_sources
from commonshed.attribute.river.sources import DeclaredSource
from commonshed.attribute.river.split import split
from commonshed.errors import RiverError, UnknownName
from commonshed.places import Jurisdiction, Network, Station


def province() -> Network:
    """A and T are counties of P, B stands alone; the foot of both brooks is A's, so the gain below is A's and T's."""
    tree = {
        code: Jurisdiction(code, parent=parent) for code, parent in {"P": None, "A": "P", "T": "P", "B": None}.items()
    }
    return Network(tree, {"E": Station("E", jurisdiction="T")}, rivers=rivers(foot="A"))


def test_what_only_counties_of_one_prefecture_share_is_the_prefectures() -> None:
    loads = {"A": 30.0, "B": 20.0, "E": 80.0}
    by_county = split(fitted(loads, basin=owned_rivers(province())), "E", "jurisdiction")
    assert {part.of: units for part, units in zip(by_county.parts, by_county.units, strict=True)} == {
        "A": 3750, "B": 2500, "T": 0, "unexplained": 3750,
    }  # fmt: skip
    whole = split(fitted(loads, basin=owned_rivers(province(), ["P"])), "E", "jurisdiction")
    assert {part.of: units for part, units in zip(whole.parts, whole.units, strict=True)} == {
        "B": 2500, "P": 7500, "unexplained": 0,
    }  # fmt: skip


def test_a_section_is_that_of_the_jurisdiction_it_lies_in_and_a_source_of_its_own() -> None:
    assert owned_rivers(province()).mark("E").jurisdiction == "T"
    assert owned_rivers(province(), ["P", "B"]).mark("E").jurisdiction == "P"
    works = DeclaredSource("works", "tp", 1.0, node="t", jurisdiction="T")
    assert [source.jurisdiction for source in owned_sources([works], province(), ["P"])] == ["P"]
    assert owned_sources([works], province()) == [works]


def test_a_jurisdiction_nobody_declared_and_places_without_rivers_are_refused() -> None:
    with pytest.raises(UnknownName, match="no jurisdiction 'Q'"):
        owned_rivers(province(), ["Q"])
    with pytest.raises(RiverError, match="have no rivers"):
        owned_rivers(replace(network(), rivers=None))
