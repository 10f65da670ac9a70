"""Polygons and trees that cannot be used are refused by file, feature, field, value and mend."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.places.squares import collection, feature, square

from commonshed import datasets
from commonshed.errors import PlacesError
from commonshed.places import Jurisdiction, Network, network_from, read_jurisdictions
from commonshed.places.jurisdictions import with_ancestors


def test_the_shipped_districts_are_read_with_their_names_and_labels() -> None:
    file = read_jurisdictions(datasets.path("beijing", "districts.geojson"))
    assert len(file.jurisdictions) == len(file.polygons) == 16
    chaoyang = file.jurisdictions["110105"]
    assert (chaoyang.name_en, chaoyang.name_zh, chaoyang.parent) == ("Chaoyang", "朝阳区", "110000")
    assert chaoyang.label_lon == pytest.approx(116.5, abs=0.1)


def test_a_parent_that_the_code_tells_is_added_with_its_name() -> None:
    file = read_jurisdictions(datasets.path("beijing", "districts.geojson"))
    tree = with_ancestors(file.jurisdictions.values())
    assert tree["110000"].name_zh == "北京市"
    assert tree["110000"].parent is None


def test_a_prefecture_the_code_tells_is_added_by_its_code() -> None:
    tree = with_ancestors([Jurisdiction("230102", "Daoli", "道里区")])
    assert {code: entry.parent for code, entry in tree.items()} == {
        "230102": "230100",
        "230100": "230000",
        "230000": None,
    }


def test_a_tree_alone_comes_from_csv(tmp_path: Path) -> None:
    path = tmp_path / "tree.csv"
    path.write_text("code,name_en,name_zh,parent\nX,Ex,爱克斯,\nY,Why,歪,X\n", "utf-8")
    file = read_jurisdictions(path)
    assert file.jurisdictions["Y"].parent == "X"
    assert not file.polygons


BOWTIE = [[0.0, 0.0], [1.0, 1.0], [1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]
BROKEN: dict[str, tuple[Callable[[Path], Path], tuple[str, ...]]] = {
    "not JSON": (lambda p: _text(p, '{"type": "Feature'), ("not JSON", "cut off")),
    "no collection": (lambda p: _text(p, '{"type": "Topology"}'), ("FeatureCollection",)),
    "no features": (lambda p: collection(p), ("no features",)),
    "no code": (lambda p: collection(p, feature(None, square(0, 0))), ("row 1", "adcode", "needs a code")),
    "not valid": (lambda p: collection(p, feature("A", BOWTIE)), ("row 1", "Self-intersection", "Repair")),
    "twice": (
        lambda p: collection(p, feature("A", square(0, 0)), feature("A", square(1, 0))),
        ("row 2", "'A'", "twice"),
    ),
    "a point": (
        lambda p: collection(
            p, {"type": "Feature", "properties": {"adcode": "A"}, "geometry": {"type": "Point", "coordinates": [0, 0]}}
        ),
        ("row 1", "polygon", "Point"),
    ),
    "no geometry": (
        lambda p: collection(p, {"type": "Feature", "properties": {"adcode": "A"}, "geometry": None}),
        ("row 1", "needs a polygon"),
    ),
    "swapped": (lambda p: collection(p, feature("A", square(39.0, 116.0))), ("swapped",)),
    "metres": (lambda p: collection(p, feature("A", square(500_000.0, 4_000_000.0))), ("leaves the globe",)),
    "another projection": (
        lambda p: collection(
            p, feature("A", square(0, 0)), crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}
        ),
        ("WGS-84", "3857"),
    ),
    "a word for a label": (
        lambda p: collection(p, feature("A", square(0, 0), label_lon="west")),
        ("label_lon", "'west'"),
    ),
    "empty": (lambda p: _text(p, ""), ("empty",)),
    "binary": (lambda p: _bytes(p, bytes(range(256))), ("not a text file",)),
}


def _text(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


def _bytes(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(("save", "words"), BROKEN.values(), ids=list(BROKEN))
def test_a_broken_file_is_refused_by_name(save: Callable[[Path], Path], words: tuple[str, ...], tmp_path: Path) -> None:
    with pytest.raises(PlacesError) as caught:
        read_jurisdictions(save(tmp_path / "ground.geojson"))
    for word in ("ground.geojson", *words):
        assert word in str(caught.value)


def stations(folder: Path) -> Path:
    path = folder / "stations.csv"
    path.write_text("station,lon,lat\nS,0.5,0.5\n", "utf-8")
    return path


def network(folder: Path, *features: object) -> Network:
    return network_from(stations=stations(folder), polygons=collection(folder / "ground.geojson", *features))


def test_siblings_that_overlap_are_both_named(tmp_path: Path) -> None:
    with pytest.raises(PlacesError, match="A and B overlap"):
        network(tmp_path, feature("A", square(0, 0)), feature("B", square(0.5, 0)))


def test_siblings_may_share_an_edge_and_a_child_lies_in_its_parent(tmp_path: Path) -> None:
    ground = network(
        tmp_path,
        feature("A", square(0, 0)),
        feature("B", square(1, 0)),
        feature("A1", square(0.25, 0.25, 0.5), parent="A"),
    )
    assert ground.locate(0.5, 0.5) == "A1"
    assert ground.locate(0.1, 0.1) == "A"
    assert ground.locate(1.0, 0.5) == "A"  # on the shared edge the lower code
    assert ground.locate(1.5, 0.5) == "B"
    assert ground.locate(5.0, 5.0) is None


def test_a_parent_nobody_declared_is_refused_with_file_and_value(tmp_path: Path) -> None:
    with pytest.raises(PlacesError, match=r"ground\.geojson.*parent.*'Z'"):
        network(tmp_path, feature("A", square(0, 0), parent="Z"))


def test_a_cycle_in_the_tree_shows_the_path(tmp_path: Path) -> None:
    ring = [feature("A", square(0, 0), parent="C"), feature("B", square(1, 0), parent="A")]
    with pytest.raises(PlacesError, match="A → C → B → A"):
        network(tmp_path, *ring, feature("C", square(2, 0), parent="B"))
