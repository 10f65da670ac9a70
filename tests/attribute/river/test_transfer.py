"""Known answers of small networks, and laws that hold on all of them."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commonshed.attribute.river.decay import NONE, Decay
from commonshed.attribute.river.transfer import transfer
from commonshed.errors import RiverError
from commonshed.places import Lake, Mark, Node, Reach, Rivers

DAY = 86_400.0


def chain(*lengths: float, velocity: float = 0.5, **own: object) -> Rivers:
    """A single river n0 → n1 → …, one section at every node."""
    ids = [f"n{i}" for i in range(len(lengths) + 1)]
    reaches = [
        Reach(f"r{i}", a, b, length=length, velocity=velocity, **own)  # type: ignore[arg-type]
        for i, ((a, b), length) in enumerate(zip(pairwise(ids), lengths, strict=True))
    ]
    return Rivers.of([Node(id) for id in ids], reaches, [Mark(f"s{id}", "section", node=id) for id in ids])


def matrix(rivers: Rivers, decay: Decay = NONE) -> np.ndarray:
    marks = list(rivers.marks.values())
    return transfer(rivers, marks, decay=decay).to_sections(marks)


def test_without_decay_everything_arrives_downstream_and_nothing_upstream() -> None:
    assert matrix(chain(1000, 1000)).tolist() == [[1, 1, 1], [0, 1, 1], [0, 0, 1]]


def test_a_day_of_travel_at_one_per_day_leaves_one_in_e() -> None:
    rivers = chain(0.5 * DAY, 0.25 * DAY)
    got = matrix(rivers, Decay(rate=1))
    assert got[0].tolist() == pytest.approx([1, math.exp(-1), math.exp(-1.5)], rel=1e-14)


def test_uptake_velocity_is_a_rate_over_the_depth() -> None:
    rivers = chain(DAY, depth=2.0)
    assert matrix(rivers, Decay(uptake=0.6)) == pytest.approx(matrix(rivers, Decay(rate=0.3)))


def test_velocity_and_depth_follow_from_discharge_and_cross_section() -> None:
    said = chain(DAY, velocity=0.5, depth=2.0)
    measured = Rivers.of(
        said.nodes.values(),
        [Reach("r0", "n0", "n1", length=DAY, discharge=10.0, width=10.0, depth=2.0)],
        said.marks.values(),
    )
    assert matrix(measured, Decay(rate=0.1, uptake=0.2)) == pytest.approx(matrix(said, Decay(rate=0.1, uptake=0.2)))


def lake() -> Rivers:
    """10 km2 through which 10 m3/s flow: a hydraulic load of 31.5576 m a year."""
    return chain(5000.0, lake=Lake(area=10, volume=50), discharge=10.0)


def test_a_lake_in_a_row_keeps_back_by_wollheims_formula() -> None:
    # Wollheim et al. (2006): R = 1 − exp(−v_f / H_L), with v_f = 10 m/a.
    assert matrix(lake(), Decay(settling=10))[0, 1] == pytest.approx(math.exp(-10 / 31.5576), rel=1e-12)


def test_a_mixed_lake_keeps_back_by_chapras_formula() -> None:
    # Chapra (1975): R = v / (v + q).
    got = matrix(lake(), Decay(settling=10, lake="mixed"))[0, 1]
    assert 1 - got == pytest.approx(10 / (10 + 31.5576), rel=1e-12)


def test_decay_in_a_lake_is_by_its_residence_time_not_by_its_length() -> None:
    days = 50e6 / 10 / DAY
    assert matrix(lake(), Decay(rate=0.01))[0, 1] == pytest.approx(math.exp(-0.01 * days), rel=1e-12)


def test_half_a_lake_in_a_row_keeps_the_square_root_and_a_mixed_one_all_at_its_outlet() -> None:
    rivers = lake()
    half = Mark("half", "outlet", reach="r0", distance=2500.0)
    end = rivers.mark("sn1")
    for kind, expected in (("plug", math.exp(-5 / 31.5576)), ("mixed", 31.5576 / 41.5576)):
        decay = Decay(settling=10, lake=kind)  # type: ignore[arg-type]
        got = transfer(rivers, [end], sources=[half], decay=decay).to_sections([half])
        assert got[0, 0] == pytest.approx(expected, rel=1e-12)


def test_a_source_on_a_reach_travels_only_what_is_left_of_it() -> None:
    rivers = chain(0.5 * DAY)
    source = Mark("works", "outlet", reach="r0", distance=0.3 * DAY)
    got = transfer(rivers, [rivers.mark("sn1")], sources=[source], decay=Decay(rate=1)).to_sections([source])
    assert got[0, 0] == pytest.approx(math.exp(-0.4), rel=1e-12)


def test_a_river_that_divides_gives_each_arm_its_part_and_meets_itself_again() -> None:
    nodes = [Node(id) for id in "abcd"]
    reaches = [
        Reach("ab", "a", "b", part=0.3, length=DAY, velocity=1.0),
        Reach("ac", "a", "c", part=0.7, length=2 * DAY, velocity=1.0),
        Reach("bd", "b", "d", length=DAY, velocity=1.0),
        Reach("cd", "c", "d", length=DAY, velocity=1.0),
    ]
    rivers = Rivers.of(nodes, reaches, [Mark(f"s{id}", "section", node=id) for id in "abcd"])
    got = matrix(rivers, Decay(rate=0.5))[0]
    e = math.exp(-0.5)
    assert got.tolist() == pytest.approx([1, 0.3 * e, 0.7 * e**2, 0.3 * e**2 + 0.7 * e**3], rel=1e-12)


def test_a_reach_without_flow_is_refused_by_name_with_the_mend() -> None:
    with pytest.raises(RiverError, match=r"reach r0 has no flow.*mean discharge"):
        matrix(chain(1000, velocity=0.0), Decay(rate=0.1))
    with pytest.raises(RiverError, match=r"reach r0 has no flow"):
        matrix(chain(1000, discharge=0.0, lake=Lake(1.0)), Decay(settling=1))


def test_a_reach_that_says_too_little_is_refused_only_where_something_is_lost() -> None:
    bare = Rivers.of([Node("a"), Node("b")], [Reach("ab", "a", "b")], [Mark("s", "section", node="b")])
    assert matrix(bare).tolist() == [[1]]
    with pytest.raises(RiverError, match="reach ab has no length"):
        matrix(bare, Decay(rate=0.1))


def test_a_loss_that_is_negative_or_no_number_is_refused() -> None:
    for value in (-0.1, math.nan, math.inf):
        with pytest.raises(RiverError, match="not negative"):
            Decay(rate=value)


def test_a_section_off_the_network_is_refused_by_name() -> None:
    with pytest.raises(RiverError, match="gone stands off the network"):
        transfer(chain(1000), [Mark("gone", "section", node="n9")])


@st.composite
def trees(draw: st.DrawFn) -> Rivers:
    """A basin: every node flows to one of lower number."""
    size = draw(st.integers(2, 12))
    reaches = []
    for i in range(1, size):
        to = draw(st.integers(0, i - 1))
        length = draw(st.floats(1, 2e5))
        reaches.append(Reach(f"r{i}", f"n{i}", f"n{to}", length=length, velocity=draw(st.floats(0.1, 2))))
    nodes = [Node(f"n{i}") for i in range(size)]
    return Rivers.of(nodes, reaches, [Mark(f"s{i}", "section", node=f"n{i}") for i in range(size)])


@settings(max_examples=60, deadline=None)
@given(trees(), st.floats(0, 1))
def test_the_matrix_is_the_inverse_of_the_network_whatever_its_shape(rivers: Rivers, rate: float) -> None:
    """An independent way: T = (I − A)⁻¹, A the passage of each reach."""
    ids = list(rivers.nodes)
    a = np.zeros((len(ids), len(ids)))
    for reach in rivers.reaches.values():
        days = (reach.length or 0) / (reach.velocity or 1) / DAY
        a[ids.index(reach.upstream), ids.index(reach.downstream)] = math.exp(-rate * days)
    expected = np.linalg.inv(np.eye(len(ids)) - a)
    marks = [rivers.mark(f"s{id[1:]}") for id in ids]
    got = transfer(rivers, marks, decay=Decay(rate=rate)).to_sections(marks)
    np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-15)


@settings(max_examples=30, deadline=None)
@given(trees(), st.floats(0, 1), st.integers(0, 2**32 - 1))
def test_each_draw_of_a_matrix_is_the_matrix_of_that_decay(rivers: Rivers, rate: float, seed: int) -> None:
    decay = Decay(rate=rate, spread=0.4)
    factors = decay.factors(3, np.random.default_rng(seed))
    marks = list(rivers.marks.values())
    drawn = transfer(rivers, marks, decay=decay, factors=factors).to_sections(marks)
    for k in range(3):
        one = transfer(rivers, marks, decay=Decay(rate=rate * factors[k])).to_sections(marks)
        np.testing.assert_allclose(drawn[:, :, k], one, rtol=1e-12, atol=1e-300)


def test_reaches_above_the_sources_may_be_dry_and_are_never_asked() -> None:
    rivers = chain(1000, 2000, 3000)
    dry = Rivers.of(
        rivers.nodes.values(),
        [Reach("r0", "n0", "n1", length=1000.0, discharge=0.0), *(rivers.reach(f"r{i}") for i in (1, 2))],
        rivers.marks.values(),
    )
    low = [dry.mark("sn1"), dry.mark("sn2")]
    got = transfer(dry, low, sources=(), decay=Decay(rate=1)).to_sections(low)
    assert got[0, 1] == pytest.approx(math.exp(-2000 / 0.5 / DAY))
    with pytest.raises(RiverError, match="reach r0 has no flow"):
        transfer(dry, low, decay=Decay(rate=1))
