"""A network is one edition: immutable, with canonical bytes, and it answers who is where."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonshed.errors import PlacesError, UnknownName
from commonshed.periods import Zone
from commonshed.places import Jurisdiction, Network, Station, shipped


def test_beijing_is_sixteen_districts_and_twelve_stations() -> None:
    network = shipped("beijing")
    assert len(network.children("110000")) == 16
    assert len(network.stations) == 12
    assert network.zone == Zone(480)


def test_the_control_site_makes_no_mean() -> None:
    network = shipped("beijing")
    assert len(network.assessed("110000")) == 11
    assert "Dingling" not in network.assessed("110114")
    assert network.assessed("110114") == ["Changping"]
    assert network.assessed("110112") == []  # Tongzhou has no station here


def test_unknown_names_list_near_ones() -> None:
    with pytest.raises(UnknownName, match="Dongsi"):
        shipped("beijing").station("Donsgi")
    with pytest.raises(UnknownName, match="110101"):
        shipped("beijing").assessed("1101011")
    with pytest.raises(UnknownName, match="beijing"):
        shipped("bejing")


def test_the_bytes_give_the_same_network_back() -> None:
    network = shipped("beijing")
    again = Network.from_bytes(network.to_bytes())
    assert again == network
    assert again.digest == network.digest
    assert again.to_bytes() == network.to_bytes()
    assert again.locate(116.397, 39.982) == "110105"


def test_a_network_crosses_process_borders() -> None:
    network = shipped("beijing")
    assert pickle.loads(pickle.dumps(network)) == network


def test_nothing_of_it_can_be_changed() -> None:
    network = shipped("beijing")
    with pytest.raises(FrozenInstanceError):
        network.zone = Zone(0)  # type: ignore[misc]
    with pytest.raises(TypeError):
        network.stations["X"] = Station("X")  # type: ignore[index]


@given(st.randoms())
def test_the_digest_does_not_depend_on_the_order_things_were_given(random: object) -> None:
    stations = [Station(name, jurisdiction="B") for name in ("S", "T", "U", "V")]
    jurisdictions = [Jurisdiction("A"), Jurisdiction("B", parent="A")]
    reference = Network({j.code: j for j in jurisdictions}, {s.id: s for s in stations}).digest
    random.shuffle(stations)  # type: ignore[attr-defined]
    jurisdictions.reverse()
    assert Network({j.code: j for j in jurisdictions}, {s.id: s for s in stations}).digest == reference


@pytest.mark.parametrize("change", [{"role": "control"}, {"lon": 116.3971}, {"jurisdiction": "110101"}])
def test_every_change_of_a_station_is_another_edition(change: dict[str, object]) -> None:
    network = shipped("beijing")
    stations = dict(network.stations)
    stations["Aotizhongxin"] = replace(stations["Aotizhongxin"], **change)  # type: ignore[arg-type]
    assert replace(network, stations=stations).digest != network.digest


def test_a_station_in_an_undeclared_jurisdiction_is_refused() -> None:
    with pytest.raises(PlacesError, match=r"station S.*'Z'"):
        Network({"A": Jurisdiction("A")}, {"S": Station("S", jurisdiction="Z")})


def test_a_cycle_is_refused_with_its_path() -> None:
    two = {"A": Jurisdiction("A", parent="B"), "B": Jurisdiction("B", parent="A")}
    with pytest.raises(PlacesError, match="A → B → A"):
        Network(two, {})


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"format":"commonshed-places/2"}', b"\xff"])
def test_bytes_that_are_no_network_are_refused(content: bytes) -> None:
    with pytest.raises(PlacesError):
        Network.from_bytes(content)


def test_damaged_bytes_are_refused() -> None:
    with pytest.raises(PlacesError, match="damaged"):
        Network.from_bytes(shipped("beijing").to_bytes().replace(b'"stations"', b'"statoins"'))


def test_a_written_network_of_this_version_stays_readable() -> None:
    written = (
        b'{"format":"commonshed-places/1","jurisdictions":[{"code":"A","name_en":"","name_zh":""}],"polygons":{},'
        b'"stations":[{"id":"S","jurisdiction":"A","lat":1.5,"lon":2.0,"name_en":"","name_zh":"","opened":"2013-01-01",'
        b'"role":"control"}],"zone":"+08:00"}'
    )
    network = Network.from_bytes(written)
    assert network.to_bytes() == written
    assert network.station("S").role == "control"


def test_a_place_is_governed_by_its_own_code_or_the_nearest_above_that_laws_know() -> None:
    tree = [
        Jurisdiction("230000"),
        Jurisdiction("harbin-grid", parent="230000"),
        Jurisdiction("a-cell", parent="harbin-grid"),
    ]
    network = Network({each.code: each for each in [*tree, Jurisdiction("nowhere")]}, {})
    assert network.governed_as("a-cell") == "230000"
    assert network.governed_as("230000") == "230000"
    assert network.governed_as("nowhere") == "nowhere"
    assert network.governed_as("not-in-the-tree") == "not-in-the-tree"
