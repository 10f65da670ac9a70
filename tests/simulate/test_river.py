"""The made-up river: what goes in comes out, decayed; it is labelled; the same seed gives the same river."""

from __future__ import annotations

import numpy as np
import pytest

from commonshed.assess import Readings
from commonshed.attribute.river.loads.samples import read_days
from commonshed.keep.rows import READINGS
from commonshed.periods import Period
from commonshed.simulate.river import TwinRiver, twin
from commonshed.simulate.river_places import AREAS, SECTIONS, SOURCES, travel_days


@pytest.fixture(scope="module")
def river() -> TwinRiver:
    return twin(3)


def test_the_same_seed_gives_the_same_river_and_another_gives_another(river: TwinRiver) -> None:
    again, other = twin(3), twin(4)
    assert again.readings.equals(river.readings)
    assert again.truth.load("sim-M4") == river.truth.load("sim-M4")
    assert other.truth.load("sim-M4") != river.truth.load("sim-M4")


def test_sampling_more_often_looks_at_the_same_river(river: TwinRiver) -> None:
    often = twin(3, every=1, noise=0.0)
    assert often.truth.load("sim-M4") == river.truth.load("sim-M4")
    assert often.readings.num_rows > river.readings.num_rows


def test_every_place_and_every_reading_says_that_it_is_simulated(river: TwinRiver) -> None:
    assert all(id.startswith("sim-") for id in river.network.stations)
    assert all(code.startswith("sim-") for code in river.network.jurisdictions)
    assert all("simulated" in station.name_en for station in river.network.stations.values())
    for column in ("mapping", "origin"):
        assert river.readings[column].unique().to_pylist() == ["simulated@0123456789ab"]
    assert river.readings.schema.equals(READINGS)


def test_what_passes_a_section_is_the_sum_of_what_its_sources_delivered(river: TwinRiver) -> None:
    truth = river.truth
    for section in SECTIONS:
        parts = [truth.delivered(source.id, section) for source in SOURCES]
        assert sum(parts) == pytest.approx(truth.load(section), rel=1e-12)
        assert sum(truth.share(source.id, section) for source in SOURCES) == pytest.approx(1)
    assert truth.delivered("C4-works", "sim-M3") == 0


def test_a_load_decays_by_the_time_it_travels(river: TwinRiver) -> None:
    rivers = river.network.rivers
    assert rivers is not None
    # 25 km at 0.45 m/s are 0.643 days; from the head of the first catchment to the mouth they are 3.4
    assert travel_days(rivers, "C0-head", "sim-C0") == pytest.approx(25_000 / 0.45 / 86_400)
    days = travel_days(rivers, "C0-head", "sim-M4")
    assert days is not None
    kept = river.truth.delivered("C0-works", "sim-M4") / river.truth.emitted["C0-works"]
    assert kept == pytest.approx(np.exp(-0.15 * days), rel=0.02)
    assert travel_days(rivers, "C4-head", "sim-M3") is None


def test_without_decay_everything_arrives() -> None:
    truth = twin(3, decay=0.0).truth
    assert truth.delivered("C2-works", "sim-M4") == pytest.approx(truth.emitted["C2-works"], rel=0.02)


def test_water_of_a_section_is_that_of_its_catchments(river: TwinRiver) -> None:
    flow = river.truth.flow
    assert flow["sim-M4"] == pytest.approx(np.sum([flow[f"sim-{c}"] for c in AREAS], axis=0))
    assert (flow["sim-M4"] > 0).all()


def test_concentrations_and_flows_are_those_of_a_river_with_storms(river: TwinRiver) -> None:
    truth = river.truth
    for section in SECTIONS:
        c, q = truth.concentration(section), truth.flow[section]
        assert 0.01 < c.mean() < 2
        assert q.max() > 2.5 * np.median(q)
    # people dilute, fields wash out
    correlation = {s: np.corrcoef(np.log(truth.concentration(s)), np.log(truth.flow[s]))[0, 1] for s in SECTIONS}
    assert correlation["sim-C2"] < -0.5
    assert correlation["sim-C1"] > correlation["sim-C2"] + 0.5


def test_readings_are_the_river_with_noise_and_a_limit_of_detection() -> None:
    exact = twin(3, every=1, noise=0.0)
    days = read_days(Readings(exact.readings, exact.network), "tp", exact.truth.period, exact.truth.period)
    for each in days:
        assert each.concentration == pytest.approx(exact.truth.concentration(each.section), abs=0.0006)
        assert each.flow == pytest.approx(exact.truth.flow[each.section], abs=0.0006)
    below = twin(3, limit=0.2).readings
    assert 0.2 < np.mean([q == "<" for q in below["qualifier"].to_pylist() if q]) * below.num_rows / 470 < 1


def test_flow_may_be_read_on_days_of_samples_alone() -> None:
    few = twin(3, flow="sampled", every=14, period=Period.parse("2016..2017"))
    days = read_days(Readings(few.readings, few.network), "tp", few.truth.period, few.truth.period)
    assert [each.gauged.tolist() for each in days] == [each.sampled.tolist() for each in days]
    assert 51 <= days[0].sampled.size <= 53
