"""A city has a record of its own, so has the one directly above it, and nobody further up."""

from __future__ import annotations

from commonshed.assess.jurisdictions import codes_of, members_of
from commonshed.periods import Zone
from commonshed.places import Jurisdiction, Network, Station

TREE = {
    code: Jurisdiction(code, code, parent=parent)
    for code, parent in {"CN": None, "230000": "CN", "230100": "230000", "230102": "230100", "230200": "230000"}.items()
}
STATIONS = {
    id: Station(id, jurisdiction=code, water_body="river")
    for id, code in {"a": "230102", "b": "230102", "c": "230100", "d": "230200", "nowhere": None}.items()
}
NETWORK = Network(TREE, STATIONS, zone=Zone(480))


def test_those_with_a_station_of_their_own_and_those_directly_above_have_a_record() -> None:
    assert codes_of(NETWORK, [STATIONS["a"]]) == ["230100", "230102"]
    assert codes_of(NETWORK, STATIONS.values()) == ["230000", "230100", "230102", "230200"]
    assert codes_of(NETWORK, [STATIONS["nowhere"]]) == []


def test_a_station_counts_for_its_own_and_all_above_that_have_a_record() -> None:
    found = {code: [station.id for station in held] for code, held in members_of(NETWORK, STATIONS.values()).items()}
    assert found == {"230000": ["a", "b", "c", "d"], "230100": ["a", "b", "c"], "230102": ["a", "b"], "230200": ["d"]}
    assert list(members_of(NETWORK, [STATIONS["a"], STATIONS["d"]])) == ["230000", "230100", "230102", "230200"]
