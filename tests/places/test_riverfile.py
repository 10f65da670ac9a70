"""Edge lists become rivers; what is wrong in one is told by file, row and field."""

from __future__ import annotations

from pathlib import Path

import pytest

from commonshed import datasets
from commonshed.errors import RiverError
from commonshed.places import Lake, read_rivers


def write(folder: Path, text: str, name: str = "rivers.csv") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_an_edge_list_needs_no_more_than_its_two_ends(tmp_path: Path) -> None:
    rivers = read_rivers(write(tmp_path, "upstream,downstream\nA,B\nC,B\n"))
    assert sorted(rivers.nodes) == ["A", "B", "C"]
    assert rivers.reach("A-B").length is None
    assert rivers.mouths == ("B",)


def test_the_published_edges_of_the_thames_are_such_a_list() -> None:
    rivers = read_rivers(datasets.path("thames", "edges-published.csv"))
    assert len(rivers.reaches) == 19
    assert len(rivers.nodes) == 20
    assert rivers.mouths == ("TC16",)


def test_everything_that_is_known_of_a_reach_has_a_column(tmp_path: Path) -> None:
    head = "reach,upstream,downstream,name_en,name_zh,length,part,discharge,width,depth,velocity,slope,dispersion"
    row = "r,A,B,Songhua,松花江,1200,1,900,500,4,0.7,0.0001,80"
    more = "jurisdiction,lake_area,lake_volume,provenance,note"
    text = f"{head},{more}\n{row},230100,12.5,30,verified,by a boat\n"
    reach = read_rivers(write(tmp_path, text)).reach("r")
    assert (reach.name_zh, reach.length, reach.part, reach.discharge) == ("松花江", 1200.0, 1.0, 900.0)
    assert (reach.width, reach.depth, reach.velocity, reach.slope, reach.dispersion) == (500, 4, 0.7, 0.0001, 80)
    assert (reach.jurisdiction, reach.lake) == ("230100", Lake(12.5, 30.0))
    assert reach.note == "verified: by a boat"


def test_nodes_and_marks_beside_the_list_are_read_with_it(tmp_path: Path) -> None:
    path = write(tmp_path, "reach,upstream,downstream,length\nr,A,B,900\n")
    write(tmp_path, "node,name_en,lon,lat,catchment\nA,Source,126.5,45.5,300\n", "rivers.nodes.csv")
    marks = "mark,kind,reach,distance,capacity,minutes,calls\ng,gate,r,450,20000,30,dispatcher; gate keeper\n"
    write(tmp_path, marks, "rivers.marks.csv")
    rivers = read_rivers(path)
    assert (rivers.node("A").name_en, rivers.node("A").catchment) == ("Source", 300.0)
    gate = rivers.mark("g")
    assert (gate.distance, gate.capacity, gate.minutes) == (450.0, 20_000.0, 30.0)
    assert gate.calls == ("dispatcher", "gate keeper")


BROKEN = {
    "half an edge": ("upstream,downstream\nA,\n", ("row 1", "field downstream", "both its ends")),
    "above itself": ("upstream,downstream\nA,B\nB,B\n", ("row 2", "B stands upstream of itself")),
    "circle": ("upstream,downstream\nA,B\nB,C\nC,A\n", ("in a circle: ", " → ")),
    "twice": ("upstream,downstream\nA,B\nA,B\n", ("row 2", "stands here twice")),
    "no length": ("upstream,downstream,length\nA,B,0\n", ("row 1", "field length", "no reach has this length")),
    "negative flow": ("upstream,downstream,discharge\nA,B,-3\n", ("row 1", "field discharge", "-3")),
    "no number": ("upstream,downstream,width\nA,B,wide\n", ("row 1", "field width", "this is not a number", "wide")),
    "a part too many": ("upstream,downstream,part\nA,B,1.5\n", ("row 1", "field part", "0.25 for a quarter")),
    "a dry lake": ("upstream,downstream,lake_area\nA,B,0\n", ("row 1", "field lake_area")),
    "a column missing": ("upstream,length\nA,3\n", ("downstream", "a column is missing")),
    "empty": ("", ("the file is empty",)),
}


@pytest.mark.parametrize(("text", "words"), BROKEN.values(), ids=list(BROKEN))
def test_a_broken_list_is_refused_by_file_row_and_field(text: str, words: tuple[str, ...], tmp_path: Path) -> None:
    with pytest.raises(RiverError) as caught:
        read_rivers(write(tmp_path, text))
    for word in ("rivers.csv", *words):
        assert word in str(caught.value)


BESIDE = {
    "kind": ("rivers.marks.csv", "mark,kind,node\nm,tower,A\n", ("row 1", "no such kind", "section, outlet")),
    "off": ("rivers.marks.csv", "mark,kind,node\nm,section,Z\n", ("section m stands off the network", "Z")),
    "beyond": ("rivers.marks.csv", "mark,kind,reach,distance\nm,outlet,r,9\n", ("beyond reach r", "5 m long")),
    "nameless": ("rivers.marks.csv", "mark,kind,node\n,section,A\n", ("row 1", "a mark needs an id")),
    "lonely": ("rivers.nodes.csv", "node\nA\nX\n", ("no reach begins or ends at this node", "X")),
    "unnamed": ("rivers.nodes.csv", "node,name_en\n,x\n", ("row 1", "a node needs an id")),
}


@pytest.mark.parametrize(("name", "text", "words"), BESIDE.values(), ids=list(BESIDE))
def test_what_stands_beside_it_is_refused_alike(name: str, text: str, words: tuple[str, ...], tmp_path: Path) -> None:
    path = write(tmp_path, "reach,upstream,downstream,length\nr,A,B,5\n")
    write(tmp_path, text, name)
    with pytest.raises(RiverError) as caught:
        read_rivers(path)
    for word in words:
        assert word in str(caught.value)


def test_a_list_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(RiverError, match="there is no such file"):
        read_rivers(tmp_path / "none.csv")
