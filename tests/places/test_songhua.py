"""The Songhua as shipped: each fault that its source is known for is mended, and by the file of repairs."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest

from commonshed import datasets
from commonshed.errors import RiverError
from commonshed.places import Rivers, read_rivers, shipped

REPAIRS = datasets.path("songhua", "rivers.repairs.toml").read_text("utf-8")


@pytest.fixture(scope="module")
def rivers() -> Rivers:
    found = shipped("songhua").rivers
    assert found is not None
    return found


def test_all_rivers_of_the_file_flow_to_one_mouth(rivers: Rivers) -> None:
    assert rivers.mouths == ("amur-mouth",)
    assert len(rivers.parts) == 1
    assert rivers.node("amur-mouth").lat == 53.11103


def test_the_lower_nen_is_called_nen_though_the_source_says_second_songhua(rivers: Rivers) -> None:
    """Rivernum 967 runs from (123.466, 46.835) to the mouth of the Nen (124.675, 45.450)."""
    lower = rivers.reach("nen-4")
    assert lower.line[-1] == (124.67457, 45.45047)
    assert (lower.name_en, lower.name_zh) == ("Nen", "嫩江")
    assert "named Di’er Songhua in the source" in lower.note
    assert any(point == (123.46583, 46.83458) for point in rivers.reach("nen-3").line)


def test_the_second_songhua_reaches_the_junction_it_ends_short_of(rivers: Rivers) -> None:
    reach = rivers.reach("second-songhua-1")
    assert reach.line[-2:] == ((124.6513, 45.44794), (124.67457, 45.45047))
    assert rivers.out_of[reach.downstream] == ("songhua-1",)
    assert "a gap of 1837 m closed" in reach.note


def test_the_two_parts_of_the_songhua_are_one_and_flow_east(rivers: Rivers) -> None:
    reach = rivers.reach("songhua-1")
    at = reach.line.index((130.33196, 46.83458))
    assert reach.line[at + 1] == (130.33009, 46.83723)
    assert reach.line[0][0] < reach.line[-1][0]
    assert rivers.node(reach.downstream).name_en == "Mouth of the Songhua"


def test_the_songhua_has_its_real_length_and_says_so(rivers: Rivers) -> None:
    """939 km of main stem; 835 km as drawn."""
    reach = rivers.reach("songhua-1")
    assert reach.length == 939_000.0
    assert "stretched from 836 to 939 km" in reach.note


@pytest.mark.parametrize(
    ("upper", "lower"),
    [
        ("nemor-source", "nen-4"),
        ("chaor-source", "nen-4"),
        ("taoer-source", "songhua-1"),
        ("erdao-source", "songhua-1"),
        ("muling-source", "amur-4"),
        ("zeya-source", "amur-2"),
        ("argun-source", "amur-1"),
        ("ussuri-source", "amur-4"),
    ],
)
def test_water_of_each_source_passes_where_it_does_on_earth(upper: str, lower: str, rivers: Rivers) -> None:
    assert lower in rivers.path(upper, "amur-mouth")


def test_directions_go_down_the_amur_from_the_argun_to_the_sea(rivers: Rivers) -> None:
    path = rivers.path("argun-source", "amur-mouth")
    assert path == ("argun-1", "amur-1", "amur-2", "amur-3", "amur-4")
    for one, other in pairwise(path):
        assert rivers.reach(one).line[-1] == rivers.reach(other).line[0]


def test_stubs_beyond_the_lakes_are_gone(rivers: Rivers) -> None:
    assert all((127.32285, 53.7541) not in reach.line for reach in rivers.reaches.values())
    assert all((126.6788, 43.7038) not in reach.line for reach in rivers.reaches.values())


def _without(kind: str, number: int) -> str:
    """The repairs without the n-th of a kind."""
    blocks = REPAIRS.split("\n[[")
    places = [k for k, block in enumerate(blocks) if block.startswith(f"{kind}]]")]
    return "\n[[".join(block for k, block in enumerate(blocks) if k != places[number])


@pytest.mark.parametrize("number", range(10))
def test_every_join_is_needed(number: int, tmp_path: Path) -> None:
    content = datasets.path("songhua", "rivers.geojson").read_bytes()
    (tmp_path / "rivers.geojson").write_bytes(content)
    (tmp_path / "rivers.repairs.toml").write_text(_without("join", number), "utf-8")
    with pytest.raises(RiverError, match="nothing says where the water"):
        read_rivers(tmp_path / "rivers.geojson")


def test_turning_every_line_round_changes_no_direction(rivers: Rivers, tmp_path: Path) -> None:
    content = json.loads(datasets.path("songhua", "rivers.geojson").read_text("utf-8"))
    for feature in content["features"]:
        geometry = feature["geometry"]
        if geometry["type"] == "LineString":
            geometry["coordinates"].reverse()
        else:
            for part in geometry["coordinates"]:
                part.reverse()
    path = tmp_path / "rivers.geojson"
    path.write_text(json.dumps(content), "utf-8")
    repairs = "\n".join(line for line in REPAIRS.splitlines() if not line.startswith("sha256"))
    swapped = repairs.replace('drop = "start"', 'drop = "?"').replace('drop = "end"', 'drop = "start"')
    (tmp_path / "rivers.repairs.toml").write_text(swapped.replace('drop = "?"', 'drop = "end"'), "utf-8")
    turned = read_rivers(path)
    assert {r.id: (r.upstream, r.downstream) for r in turned.reaches.values()} == {
        r.id: (r.upstream, r.downstream) for r in rivers.reaches.values()
    }


def test_repairs_are_refused_for_another_edition_of_the_lines(tmp_path: Path) -> None:
    text = datasets.path("songhua", "rivers.geojson").read_text("utf-8")
    (tmp_path / "rivers.geojson").write_text(text + "\n", "utf-8")
    (tmp_path / "rivers.repairs.toml").write_text(REPAIRS, "utf-8")
    with pytest.raises(RiverError, match="for another file of lines"):
        read_rivers(tmp_path / "rivers.geojson")
