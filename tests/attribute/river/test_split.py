"""Shares worked by hand, and the laws no split may break."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.attribute.river.basin import fitted, rivers

from commonshed.attribute.river.decay import Decay
from commonshed.attribute.river.sources import DeclaredSource
from commonshed.attribute.river.split import UNEXPLAINED, Split, split
from commonshed.errors import RiverError
from commonshed.places import Mark, Node, Reach, Rivers


def units(whole: Split) -> dict[str, int]:
    return {part.of: share for part, share in zip(whole.parts, whole.units, strict=True)}


def test_brooks_are_measured_and_the_town_is_what_is_left() -> None:
    whole = split(fitted({"A": 30, "B": 20, "E": 80}), "E", "jurisdiction")
    assert units(whole) == {"A": 3750, "B": 2500, "T": 3750, UNEXPLAINED: 0}
    assert [list(part.bases) for part in whole.parts] == [["measured"], ["measured"], ["inferred"], []]


def test_what_decays_on_the_way_counts_for_what_arrives() -> None:
    # A is 9 h from the mouth, B 11 h; at one per hour e⁻⁹ and e⁻¹¹ of them are left.
    near, far = 30 * math.exp(-0.9), 20 * math.exp(-1.1)
    whole = split(fitted({"A": 30, "B": 20, "E": 80}, decay=Decay(rate=2.4)), "E", "jurisdiction")
    assert [part.tonnes for part in whole.parts] == pytest.approx([near, far, 80 - near - far, 0])
    assert whole.parts[0].delivery == pytest.approx(math.exp(-0.9))


def test_a_net_loss_is_borne_by_all_in_proportion_and_told() -> None:
    fit = fitted({"A": 30, "B": 20, "E": 40})
    whole = split(fit, "E", "jurisdiction")
    assert units(whole)["T"] == 0
    assert whole.modelled == pytest.approx(fit.net.fitted[2])
    assert whole.lost == pytest.approx(whole.modelled - 40)
    assert whole.lost > 0
    assert fit.net.plain[2] == pytest.approx(-10)


def test_a_load_that_a_section_below_contradicts_stays_unexplained() -> None:
    """The mouth carries less than the brooks, so the fit believes neither wholly: what it leaves of a brook is told."""
    whole = split(fitted({"A": 30, "B": 20, "E": 40}), "A", "jurisdiction")
    found = units(whole)
    assert found["A"] + found[UNEXPLAINED] == 10_000
    assert 0 < found[UNEXPLAINED] < 3000


def test_a_stretch_of_several_is_nobodys_unless_a_rule_is_asked_for() -> None:
    basin = rivers(foot="A")  # A holds the last 1 km of its own brook and 3 km of B's; the town 8 km
    fit = fitted({"A": 30, "B": 20, "E": 80}, basin=basin)
    strict = split(fit, "E", "jurisdiction")
    assert units(strict) == {"A": 3750, "B": 2500, "T": 0, UNEXPLAINED: 3750}
    assert [len(part.contested) for part in strict.parts] == [1, 0, 1, 1]
    by_length = split(fit, "E", "jurisdiction", gains="length")
    assert units(by_length) == {"A": 3750 + 1250, "B": 2500, "T": 2500, UNEXPLAINED: 0}
    assert set(by_length.parts[0].bases) == {"measured", "allotted"}
    assert [by_length.basis_units(0)[basis] for basis in ("measured", "allotted")] == [3750, 1250]


def test_the_one_who_answers_for_the_section_gets_the_gain_by_that_rule() -> None:
    basin = rivers(foot="A")
    owned = [Mark("E", "section", node="e", jurisdiction="T"), *(basin.mark(id) for id in "AB")]
    basin = Rivers.of(basin.nodes.values(), basin.reaches.values(), owned)
    whole = split(fitted({"A": 30, "B": 20, "E": 80}, basin=basin), "E", "jurisdiction", gains="section")
    assert units(whole) == {"A": 3750, "B": 2500, "T": 3750, UNEXPLAINED: 0}
    assert whole.parts[2].bases == {"allotted": pytest.approx(30)}


def test_lengths_that_nobody_gave_cannot_split_a_gain() -> None:
    basin = rivers(foot="A")
    bare = [Reach(r.id, r.upstream, r.downstream, jurisdiction=r.jurisdiction) for r in basin.reaches.values()]
    fit = fitted({"A": 30, "B": 20, "E": 80}, basin=Rivers.of(basin.nodes.values(), bare, basin.marks.values()))
    with pytest.raises(RiverError, match=r"above E has no length.*length of each of am, bm, mt, te"):
        split(fit, "E", "jurisdiction", gains="length")


def test_declared_sources_have_sectors_and_the_rest_has_none() -> None:
    declared = (
        DeclaredSource("works", "tp", 10, node="t", sector="sewage", jurisdiction="T"),
        DeclaredSource("mill", "tp", 6, reach="sa", distance=500, sector="industry", jurisdiction="A"),
    )
    fit = fitted({"A": 30, "B": 20, "E": 80}, declared=declared)
    assert units(split(fit, "E", "sector")) == {"industry": 750, "sewage": 1250, UNEXPLAINED: 8000}
    by_source = units(split(fit, "E", "source"))
    assert by_source == {
        "basin above A": 3000, "basin above B": 2500, "mill": 750, "stretch above E": 2500, "works": 1250,
        UNEXPLAINED: 0,
    }  # fmt: skip
    whole = split(fit, "E", "jurisdiction")
    assert units(whole) == {"A": 3750, "B": 2500, "T": 3750, UNEXPLAINED: 0}
    assert whole.parts[2].bases == {"inferred": pytest.approx(20), "declared": pytest.approx(10)}
    by_reach = units(split(fit, "E", "reach"))
    assert by_reach == {"rb": 2500, "sa": 3750, "stretch above E": 2500, "t": 1250, UNEXPLAINED: 0}


def test_more_declared_than_measured_leaves_no_gain_and_is_told_as_lost() -> None:
    declared = (DeclaredSource("works", "tp", 50, node="t", jurisdiction="T"),)
    fit = fitted({"A": 30, "B": 20, "E": 80}, declared=declared)
    assert fit.net.plain[2] == pytest.approx(-20)
    assert split(fit, "E", "source").lost > 0
    assert units(split(fit, "E", "source"))["stretch above E"] == 0


def test_two_sections_at_one_point_are_refused_by_name() -> None:
    basin = rivers()
    twice = Rivers.of(
        basin.nodes.values(), basin.reaches.values(), [*basin.marks.values(), Mark("E2", "section", node="e")]
    )
    with pytest.raises(RiverError, match="sections E and E2 stand at one point"):
        fitted({"A": 1, "E": 2, "E2": 3}, basin=twice)


def test_a_load_of_a_section_off_the_network_is_refused_by_name() -> None:
    with pytest.raises(RiverError, match=r"section X stands off the network.*mark of kind section"):
        fitted({"X": 1})


@st.composite
def basins(draw: st.DrawFn) -> tuple[Rivers, dict[str, float]]:
    """A tree, a section and a jurisdiction at each node but some, and loads of any size."""
    size = draw(st.integers(2, 9))
    nodes = [Node(f"n{i}") for i in range(size)]
    reaches = []
    for i in range(1, size):
        to = draw(st.integers(0, i - 1))
        reaches.append(Reach(f"r{i}", f"n{i}", f"n{to}", length=1000.0, velocity=0.5, jurisdiction=f"J{i}"))
    at = [0, *(i for i in range(1, size) if draw(st.booleans()))]
    marks = [Mark(f"s{i}", "section", node=f"n{i}", jurisdiction=f"J{i}") for i in at]
    loads = {f"s{i}": draw(st.floats(0, 1e4)) for i in at}
    return Rivers.of(nodes, reaches, marks), loads


@settings(max_examples=60, deadline=None)
@given(basins(), st.sampled_from(["jurisdiction", "source", "reach"]), st.sampled_from([0.0, 3.0]))
def test_published_shares_are_one_together_whatever_the_basin(
    made: tuple[Rivers, dict[str, float]], by: str, rate: float
) -> None:
    basin, loads = made
    fit = fitted(loads, basin=basin, decay=Decay(rate=rate), noise=0.2, draws=8)
    for section in loads:
        whole = split(fit, section, by)  # type: ignore[arg-type]
        if whole.modelled > 0:
            assert sum(whole.units) == 10_000
            assert min(whole.units) >= 0
            assert all(sum(whole.basis_units(i).values()) in (0, whole.units[i]) for i in range(len(whole.parts)))


@settings(max_examples=60, deadline=None)
@given(basins(), st.sampled_from([0.0, 3.0]))
def test_a_jurisdiction_without_source_and_net_gain_gets_exactly_nothing(
    made: tuple[Rivers, dict[str, float]], rate: float
) -> None:
    basin, loads = made
    fit = fitted(loads, basin=basin, decay=Decay(rate=rate), noise=0.3, draws=8)
    slack = 1e-7 * max([1e-9, *loads.values()])
    idle = {
        owner
        for owner in {reach.jurisdiction for reach in basin.reaches.values()}
        if all(
            net < -slack
            for stretch, net in zip(fit.stretches, fit.net.plain, strict=True)
            if owner in stretch.jurisdictions
        )
    }
    for section in loads:
        whole = split(fit, section, "jurisdiction", gains="length")
        for part in whole.parts:
            if part.of in idle:
                assert part.tonnes == 0.0
                if whole.units:
                    assert units(whole)[part.of] == 0


@settings(max_examples=30, deadline=None)
@given(basins(), st.randoms(use_true_random=False))
def test_the_order_of_sections_does_not_matter(made: tuple[Rivers, dict[str, float]], random: object) -> None:
    basin, loads = made
    turned = dict(sorted(loads.items(), key=lambda _: random.random()))  # type: ignore[attr-defined]
    one = split(fitted(loads, basin=basin), "s0", "jurisdiction")
    other = split(fitted(turned, basin=basin), "s0", "jurisdiction")
    assert one.units == other.units


def test_shares_of_draws_are_one_in_each() -> None:
    whole = split(fitted({"A": 30, "B": 20, "E": 80}, noise=0.3), "E", "jurisdiction")
    np.testing.assert_allclose(whole.share_draws.sum(axis=0), 1)
    low, high = np.percentile(whole.share_draws[0], (5, 95))
    assert low < float(Fraction(3, 8)) < high
