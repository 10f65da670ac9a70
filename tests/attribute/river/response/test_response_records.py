"""Records are text and whole numbers, in UTC, and say that they are simulated."""

from __future__ import annotations

import pytest
from tests.attribute.river.response.straight_river import point, setting

from commonshed.attribute.river.response import (
    Response,
    arrival_records,
    call_records,
    measure_records,
    respond,
    timetable_records,
)
from commonshed.cli.output import json_text


@pytest.fixture(scope="module")
def response() -> Response:
    gates = [point("G", 8000.0, share=0.5), point("side", 1000.0, reach="brook")]
    return respond(setting(point=gates), members=16)


def test_no_record_holds_a_binary_float_and_each_says_it_is_simulated(response: Response) -> None:
    for records in (arrival_records, measure_records, timetable_records, call_records):
        found = records(response)
        assert found
        json_text(found)
        assert {record["scenario_kind"] for record in found} == {"drill"}
        assert all(record["simulated"] for record in found)


def test_an_arrival_is_told_in_utc_with_its_bands_and_what_acting_cuts(response: Response) -> None:
    record = next(record for record in arrival_records(response) if record["place"] == "I1")
    assert record["name"] == {"en": "Intake", "zh": "取水口"}
    assert record["distance_m"] == "15000"
    assert record["threshold"] == "1.00"
    assert record["arrival"].startswith("2024-05-01T0")
    assert record["arrival"].endswith("Z")
    early, late = record["arrival_h_90"]
    assert float(early) < float(record["arrival_h"]) < float(late)
    assert float(record["with_response"]["peak"]) == pytest.approx(0.5 * float(record["peak"]), rel=0.02)
    assert float(record["cut"]) == pytest.approx(0.5, abs=0.015)


def test_a_measure_tells_when_it_acts_and_what_it_cuts_where(response: Response) -> None:
    gate, side = measure_records(response)
    assert (gate["point"], gate["rank"], gate["standing"]) == ("G", 1, "in time")
    assert gate["ready"] == "2024-05-01T00:30Z"
    cuts = {cut["place"]: float(cut["cut"]) for cut in gate["cut_alone"]}
    assert cuts["I1"] == pytest.approx(0.5, abs=0.015)
    assert gate["in_order"]["share"] == "0.500"
    assert (side["standing"], side["rank"], side["ready"], side["cut_alone"]) == ("off the way", None, None, [])
