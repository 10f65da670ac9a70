"""The Thames as shipped: every section where it stands, every length with what it rests on."""

from __future__ import annotations

import csv
import re
from statistics import median

import pyarrow.parquet as pq
import pytest

from commonshed import datasets
from commonshed.periods import Zone
from commonshed.places import Network, Rivers, discharges, shipped

LOCKS = {
    # km to the next lock downstream: Environment Agency, River Thames: distances and measurements for boaters (gov.uk)
    "St John's": 1.85, "Buscot": 5.37, "Grafton": 2.98, "Radcot": 4.23, "Rushey": 6.92, "Shifford": 7.63,
    "Northmoor": 6.21, "Pinkhill": 2.38, "Eynsham": 4.37, "King's": 1.81, "Godstow": 3.87, "Osney": 3.73,
    "Iffley": 2.70, "Sandford": 7.38, "Abingdon": 4.15, "Culham": 4.52, "Clifton": 4.80, "Day's": 6.37,
    "Benson": 10.46, "Cleeve": 1.00, "Goring": 6.55, "Whitchurch": 3.67, "Mapledurham": 7.08, "Caversham": 4.23,
    "Sonning": 4.68, "Shiplake": 4.80, "Marsh": 4.59, "Hambleden": 5.89, "Hurley": 1.03, "Temple": 2.70,
    "Marlow": 6.44, "Cookham": 3.35, "Boulter's": 3.43, "Bray": 5.10, "Boveney": 3.75, "Romney": 4.83,
    "Old Windsor": 4.70, "Bell Weir": 4.57, "Penton Hook": 3.13, "Chertsey": 3.32, "Shepperton": 4.75,
    "Sunbury": 4.79, "Molesey": 7.74,
}  # fmt: skip


@pytest.fixture(scope="module")
def thames() -> Network:
    return shipped("thames")


@pytest.fixture(scope="module")
def rivers(thames: Network) -> Rivers:
    assert thames.rivers is not None
    return thames.rivers


def test_twenty_three_sections_and_only_the_jubilee_stands_off(thames: Network, rivers: Rivers) -> None:
    assert len(thames.stations) == 23
    assert set(thames.stations) - {mark.id for mark in rivers.of_kind("section")} == {"TC22"}
    assert thames.notices == ("on no river of the network: TC22; graded, but without loads and shares",)
    assert thames.zone == Zone(0)


def test_no_position_was_made_up(thames: Network, rivers: Rivers) -> None:
    assert all(station.lon is None and station.lat is None for station in thames.stations.values())
    assert all(node.lon is None for node in rivers.nodes.values())
    assert all(reach.line == () for reach in rivers.reaches.values())


def test_all_water_flows_to_teddington(rivers: Rivers) -> None:
    assert rivers.mouths == ("teddington",)
    assert len(rivers.parts) == 1


def test_the_main_river_is_as_long_as_the_agencys_table_of_locks(rivers: Rivers) -> None:
    """From St John's Lock to Teddington Lock 197.85 km; each place between two locks is good to half a kilometre."""
    assert rivers.distance("st-johns", "teddington") / 1000 == pytest.approx(sum(LOCKS.values()), abs=0.5)


@pytest.mark.parametrize(
    ("upstream", "downstream", "first", "last"),
    [
        ("TC5", "cherwell-mouth", "Eynsham", "Osney"),
        ("cherwell-mouth", "ock-mouth", "Osney", "Abingdon"),
        ("TC18", "pang-mouth", "Benson", "Whitchurch"),
        ("kennet-mouth", "loddon-mouth", "Caversham", "Shiplake"),
        ("loddon-mouth", "cut-mouth", "Shiplake", "Bray"),
        ("cut-mouth", "TC16", "Bray", "Old Windsor"),
    ],
)
def test_places_lie_between_their_locks(upstream: str, downstream: str, first: str, last: str, rivers: Rivers) -> None:
    """Both places lie below the lock named: their distance is that of the locks, give or take what lies below each."""
    names = list(LOCKS)
    locks = sum(LOCKS[name] for name in names[names.index(first) : names.index(last)])
    assert rivers.distance(upstream, downstream) / 1000 == pytest.approx(locks, abs=3.0)


def test_every_length_says_what_it_rests_on(rivers: Rivers) -> None:
    for reach in rivers.reaches.values():
        assert re.match(r"(single-source|declared|unverified): .{20}", reach.note), reach.id
        assert reach.length is not None
        assert reach.discharge is not None
        assert reach.width is not None
        assert reach.depth is not None


def test_the_main_river_holds_as_much_as_is_said_of_it(rivers: Rivers) -> None:
    """20,500 million litres from Lechlade to Teddington, full to the banks."""
    course = [rivers.reach(id) for id in rivers.path("st-johns", "teddington")]
    volume = sum((reach.length or 0) * (reach.width or 0) * (reach.depth or 0) for reach in course)
    assert volume / 1e6 == pytest.approx(20.5, rel=0.05)


MENDED = {("TC21", "TC20"), ("TC4", "TC5"), ("TC7", "TC6")}
"""Published edges that put a tributary above a section it joins below."""


def test_published_edges_hold_but_for_the_three_that_are_mended(rivers: Rivers) -> None:
    with datasets.path("thames", "edges-published.csv").open(encoding="utf-8", newline="") as file:
        edges = [(row["upstream_code"], row["downstream_code"]) for row in csv.DictReader(file)]
    assert len(edges) == 19
    assert {edge for edge in edges if edge[0] not in rivers.above(edge[1])} == MENDED


@pytest.fixture(scope="module")
def weekly() -> dict[str, dict[tuple[int, int], tuple[float | None, float | None]]]:
    """Flow and chloride by section and week."""
    found: dict[str, dict[tuple[int, int], tuple[float | None, float | None]]] = {}
    columns = ["site_code", "sampling_date", "flow_m3_s", "cl_mg_l"]
    for row in pq.read_table(datasets.path("thames", "weekly_2009-2017.parquet"), columns=columns).to_pylist():
        week = row["sampling_date"].isocalendar()[:2]
        found.setdefault(row["site_code"], {})[week] = (row["flow_m3_s"], row["cl_mg_l"])
    return found


def test_flow_and_chloride_put_the_windrush_below_newbridge_and_the_evenlode_below_swinford(
    weekly: dict[str, dict[tuple[int, int], tuple[float | None, float | None]]],
) -> None:
    """Newbridge and Windrush together make what passes Swinford; with the Evenlode, chloride there would be lower."""
    flow: list[float] = []
    alone: list[float] = []
    both: list[float] = []
    for week, here in weekly["TC5"].items():
        parts = [weekly[section].get(week, (None, None)) for section in ("TC6", "TC7", "TC4")]
        whole = [(Q, C) for Q, C in (here, *parts) if Q is not None and C is not None]
        if len(whole) < 4:
            continue
        flow.append(whole[0][0] / (whole[1][0] + whole[2][0]))
        for ratios, these in ((alone, whole[1:3]), (both, whole[1:4])):
            ratios.append(whole[0][1] / (sum(Q * C for Q, C in these) / sum(Q for Q, _ in these)))
    assert len(flow) > 350
    assert median(flow) == pytest.approx(0.99, abs=0.01)
    assert median(alone) == pytest.approx(1.02, abs=0.01)
    assert median(both) > 1.06


def test_discharges_follow_from_the_mean_flows_of_the_sections(rivers: Rivers) -> None:
    """Mean flows of the weekly samples as the source's table of sites has them. [m3/s]"""
    measured = {"TC5": 13.784, "TC4": 3.566, "TC2": 1.860, "TC3": 3.785, "TC11": 1.567, "TC1": 3.240, "TC18": 33.555}
    found = discharges(rivers, measured)
    assert found["thames-benson"] == pytest.approx(33.555)
    assert found["thames-oxford"] < found["thames-sandford"] < found["thames-culham"]
    assert found["thames-oxford"] == pytest.approx(rivers.reach("thames-oxford").discharge or 0, rel=0.02)


def test_jurisdictions_say_that_they_are_examples(thames: Network, rivers: Rivers) -> None:
    own = [held for held in thames.jurisdictions.values() if held.code != "GB-ENG"]
    assert all(jurisdiction.name_en.endswith("(example)") for jurisdiction in own)
    assert all(reach.jurisdiction in thames.jurisdictions for reach in rivers.reaches.values())
    assert thames.station("TC20").jurisdiction == "kennet"
    border = rivers.mark("border-kennet")
    assert (border.node, border.jurisdiction, border.towards) == ("kennet-mouth", "kennet", "thames-5")


def test_catchments_lie_under_the_law_of_england(thames: Network) -> None:
    assert {thames.governed_as(code) for code in thames.jurisdictions} == {"GB-ENG"}
