"""Lines on a map become rivers: ends meet within a tolerance, water flows to the mouth, repairs are declared."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commonshed.errors import RiverError
from commonshed.places import Rivers, Station, read_rivers
from commonshed.places.courses import with_sections
from commonshed.places.lines import length

Coordinates = list[list[float]]

STEM = [[126.0, 45.0], [126.1, 45.0], [126.2, 45.0], [126.3, 45.0]]
TRIBUTARY = [[126.1, 45.1], [126.1, 45.0]]
MOUTH = '[[mouth]]\nat = [126.3, 45.0]\nwhy = "east"\n'


def drawn(folder: Path, lines: list[Coordinates], repairs: str = MOUTH, names: list[str] | None = None) -> Path:
    found = [
        {
            "type": "Feature",
            "properties": {"name": (names or ["Stem", "Side", "Third", "Fourth"])[k]},
            "geometry": {"type": "LineString", "coordinates": line},
        }
        for k, line in enumerate(lines)
    ]
    path = folder / "rivers.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": found}), "utf-8")
    (folder / "rivers.repairs.toml").write_text(repairs, "utf-8")
    return path


def ends(rivers: Rivers) -> dict[str, tuple[str, str]]:
    return {reach.id: (reach.upstream, reach.downstream) for reach in rivers.reaches.values()}


def test_a_tributary_cuts_the_line_it_flows_into(tmp_path: Path) -> None:
    rivers = read_rivers(drawn(tmp_path, [STEM, TRIBUTARY]))
    assert ends(rivers) == {
        "stem-1": ("stem-source", "side+stem"),
        "stem-2": ("side+stem", "stem-mouth"),
        "side-1": ("side-source", "side+stem"),
    }
    assert rivers.reach("stem-2").line == ((126.1, 45.0), (126.2, 45.0), (126.3, 45.0))
    assert rivers.node("side+stem").lon == 126.1


@pytest.mark.parametrize("turned", [(False, False), (True, False), (False, True), (True, True)])
def test_the_order_of_points_says_nothing_of_the_flow(turned: tuple[bool, bool], tmp_path: Path) -> None:
    lines = [line[::-1] if turn else line for line, turn in zip([STEM, TRIBUTARY], turned, strict=True)]
    rivers = read_rivers(drawn(tmp_path, lines))
    assert ends(rivers) == ends(read_rivers(drawn(tmp_path, [STEM, TRIBUTARY])))
    assert rivers.reach("side-1").line == ((126.1, 45.1), (126.1, 45.0))


def test_the_mouth_decides_and_nothing_else(tmp_path: Path) -> None:
    west = '[[mouth]]\nat = [126.0, 45.0]\nwhy = "west"\n'
    assert read_rivers(drawn(tmp_path, [STEM], west)).reach("stem-1").line[-1] == (126.0, 45.0)


def test_ends_within_the_tolerance_meet_and_others_do_not(tmp_path: Path) -> None:
    near = [[126.1, 45.1], [126.1, 45.0001]]  # 11 m off
    assert len(read_rivers(drawn(tmp_path, [STEM, near], f"tolerance = 20.0\n{MOUTH}")).reaches) == 3
    with pytest.raises(RiverError, match="nothing says where the water of Side goes") as caught:
        read_rivers(drawn(tmp_path, [STEM, near], f"tolerance = 5.0\n{MOUTH}"))
    assert "lines 2.1" in str(caught.value)
    assert "[[join]]" in (caught.value.mend or "")


def test_a_river_without_any_mouth_is_told_with_its_loose_ends(tmp_path: Path) -> None:
    with pytest.raises(RiverError, match=r"where the water of Stem goes .*126\.3, 45\.0"):
        read_rivers(drawn(tmp_path, [STEM], ""))


def test_a_mouth_at_no_line_names_the_nearest_end(tmp_path: Path) -> None:
    far = '[[mouth]]\nat = [127.0, 45.0]\nwhy = "x"\n'
    with pytest.raises(RiverError, match=r"no river ends at this mouth.*nearest end of a line is 126\.3, 45\.0"):
        read_rivers(drawn(tmp_path, [STEM], far))


def test_two_mouths_of_one_system_are_refused(tmp_path: Path) -> None:
    two = MOUTH + MOUTH.replace("126.3", "126.0")
    with pytest.raises(RiverError, match="two mouths"):
        read_rivers(drawn(tmp_path, [STEM], two))


ARM = [[126.1, 45.0], [126.15, 45.05], [126.2, 45.0]]


def test_a_ring_has_to_say_which_way_it_flows(tmp_path: Path) -> None:
    with pytest.raises(RiverError, match=r"lines 1\.1, 2\.1 form a ring"):
        read_rivers(drawn(tmp_path, [STEM, ARM]))


def test_a_declared_division_flows_as_declared(tmp_path: Path) -> None:
    flow = '[[flow]]\nline = "{}"\ntowards = [126.2, 45.0]\npart = {}\nwhy = "measured"\n'
    three = [STEM[:2], STEM[1:3], ARM, STEM[2:]]
    path = drawn(tmp_path, three, MOUTH + flow.format("2.1", 0.75) + flow.format("3.1", 0.25), ["Stem"] * 4)
    rivers = read_rivers(path)
    assert sorted(reach.part for reach in rivers.reaches.values() if reach.part is not None) == [0.25, 0.75]
    assert len(rivers.mouths) == 1


REPAIRS = {
    "join": (
        '[[join]]\nline = "2.1"\nto = "1.1"\nwithin = 600.0\nwhy = "gap"\n',
        [STEM, [[126.1, 45.1], [126.1, 45.005]]],
    ),
    "join at": (
        '[[join]]\nline = "2.1"\nto = "1.1"\nat = [126.1, 45.0]\nwithin = 600.0\nwhy = "gap"\n',
        [STEM, [[126.1, 45.1], [126.1, 45.005]]],
    ),
    "cut": (
        '[[cut]]\nline = "2.1"\nat = [126.1, 45.0]\ndrop = "end"\nwhy = "stub"\n',
        [STEM, [*TRIBUTARY, [126.1, 44.999]]],
    ),
    "drop": ('[[drop]]\nline = "3.1"\nwhy = "a canal"\n', [STEM, TRIBUTARY, ARM]),
}


@pytest.mark.parametrize(("repair", "lines"), REPAIRS.values(), ids=list(REPAIRS))
def test_a_repair_mends_what_it_names(repair: str, lines: list[Coordinates], tmp_path: Path) -> None:
    rivers = read_rivers(drawn(tmp_path, lines, MOUTH + repair))
    assert ends(rivers)["side-1"] == ("side-source", "side+stem")
    assert len(rivers.reaches) == 3


def test_a_gap_that_was_closed_is_noted_with_its_width(tmp_path: Path) -> None:
    repair, lines = REPAIRS["join"]
    assert "a gap of 556 m closed" in read_rivers(drawn(tmp_path, lines, MOUTH + repair)).reach("side-1").note


def test_a_split_keeps_a_node_where_nothing_else_meets(tmp_path: Path) -> None:
    split = '[[split]]\nline = "1.1"\nat = [126.2, 45.0]\nwhy = "a section stands here"\n'
    assert len(read_rivers(drawn(tmp_path, [STEM], MOUTH + split)).reaches) == 2
    assert len(read_rivers(drawn(tmp_path, [STEM], MOUTH)).reaches) == 1


def test_names_lakes_and_lengths_are_repaired_too(tmp_path: Path) -> None:
    repairs = MOUTH + "".join(
        [
            '[[name]]\nlines = ["1.1"]\nwas = "Stem"\nen = "Nen"\nzh = "嫩江"\nwhy = "mislabelled"\n',
            '[[lake]]\nline = "1.1"\narea = 12.5\nvolume = 30.0\nprovenance = "unverified"\nwhy = "a reservoir"\n',
            '[[length]]\nriver = "Nen"\nlength = 50000.0\nprovenance = "verified"\nwhy = "yearbook"\n',
        ]
    )
    reach = read_rivers(drawn(tmp_path, [STEM], repairs)).reach("nen-1")
    assert (reach.name_zh, reach.length) == ("嫩江", 50_000.0)
    assert reach.lake is not None
    assert (reach.lake.area, reach.lake.volume) == (12.5, 30.0)
    for said in ("named Stem in the source", "stretched from 24 to 50 km", "verified: yearbook"):
        assert said in reach.note


MISTAKEN = {
    "no such line": ('[[drop]]\nline = "9.1"\nwhy = "x"\n', "a line that is not there"),
    "another name": ('[[name]]\nlines = ["1.1"]\nwas = "Amur"\nen = "A"\nzh = "A"\nwhy = "x"\n', "'Stem', not 'Amur'"),
    "no such vertex": ('[[cut]]\nline = "1.1"\nat = [126.15, 45.0]\ndrop = "end"\nwhy = "x"\n', "no such vertex"),
    "nothing left": ('[[cut]]\nline = "1.1"\nat = [126.0, 45.0]\ndrop = "end"\nwhy = "x"\n', "nothing would be left"),
    "a wider gap": ('[[join]]\nline = "1.1"\nto = "2.1"\nwithin = 10.0\nwhy = "x"\n', "wider than the repair expects"),
    "no reason": ('[[drop]]\nline = "1.1"\nwhy = ""\n', "drop.0.why"),
    "unknown key": ('[[reverse]]\nline = "1.1"\n', "docs/formats/rivers.md"),
    "no TOML": ("[[drop\n", "this is not TOML"),
    "other lines": (f'sha256 = "{"0" * 64}"\n', "for another file of lines"),
    "no such river": ('[[length]]\nriver = "Po"\nlength = 1.0\nprovenance = "verified"\nwhy = "x"\n', "not there"),
}


@pytest.mark.parametrize(("repairs", "said"), MISTAKEN.values(), ids=list(MISTAKEN))
def test_a_repair_that_meets_something_else_is_refused(repairs: str, said: str, tmp_path: Path) -> None:
    lines = [STEM] if "length" in repairs else [STEM, [[126.0, 45.5], [126.3, 45.5]]]
    text = repairs + MOUTH if repairs.startswith("sha256") else MOUTH + repairs
    with pytest.raises(RiverError) as caught:
        read_rivers(drawn(tmp_path, lines, text))
    assert said in str(caught.value)
    assert "repairs.toml" in str(caught.value)


def test_what_is_no_line_is_refused_by_its_feature(tmp_path: Path) -> None:
    path = drawn(tmp_path, [STEM])
    content = json.loads(path.read_text("utf-8"))
    content["features"].append({"type": "Feature", "geometry": {"type": "Point", "coordinates": [1, 2]}})
    path.write_text(json.dumps(content), "utf-8")
    with pytest.raises(RiverError, match="row 2, field geometry: a river needs a line"):
        read_rivers(path)


@pytest.mark.parametrize(
    ("line", "said"),
    [([[126.0, 45.0], [126.0, 45.0]], "no length"), ([[190.0, 45.0], [126.0, 45.0]], "leaves the globe")],
)
def test_a_line_that_cannot_be_is_refused(line: Coordinates, said: str, tmp_path: Path) -> None:
    with pytest.raises(RiverError, match=said):
        read_rivers(drawn(tmp_path, [line]))


@settings(max_examples=30)
@given(st.integers(0, 10_000))
def test_any_tree_of_lines_in_any_order_and_direction_is_the_same_river(seed: int) -> None:
    """Lines of a random tree, shuffled and turned at random, flow to the mouth they were made to flow to."""
    import tempfile

    dice = random.Random(seed)
    joints = [[126.0, 45.0]]
    lines: list[Coordinates] = []
    for k in range(1, dice.randint(2, 9)):
        below = dice.choice(joints)
        here = [126.0 + k * 0.13, 45.0 + dice.random()]
        middle = [(here[0] + below[0]) / 2, (here[1] + below[1]) / 2 + 0.01]
        lines.append([here, middle, below])
        joints.append(here)
    total = sum(length([(lon, lat) for lon, lat in line]) for line in lines)
    dice.shuffle(lines)
    turned = [line if dice.random() < 0.5 else line[::-1] for line in lines]
    mouth = '[[mouth]]\nat = [126.0, 45.0]\nwhy = "made so"\n'
    with tempfile.TemporaryDirectory() as folder:
        rivers = read_rivers(drawn(Path(folder), turned, mouth, ["Stem"] * len(turned)))
    (end,) = rivers.mouths
    assert (rivers.node(end).lon, rivers.node(end).lat) == (126.0, 45.0)
    assert sum(reach.length or 0 for reach in rivers.reaches.values()) == pytest.approx(total, abs=1)


def test_a_section_with_a_position_stands_on_the_nearest_line(tmp_path: Path) -> None:
    rivers = read_rivers(drawn(tmp_path, [STEM, TRIBUTARY]))
    beside = Station("S", lon=126.25, lat=45.005, water_body="river")
    named = Station("T", lon=126.102, lat=45.001, water_body="river", water="Side")
    far = Station("F", lon=126.25, lat=45.3, water_body="river")
    air = Station("A", lon=126.25, lat=45.0)
    placed, said = with_sections(rivers, [beside, named, far, air])
    section = placed.section("S")
    assert section.reach == "stem-2"
    assert section.distance == pytest.approx((rivers.reach("stem-2").length or 0) * 0.75, rel=1e-3)
    assert "556 m beside the line" in section.note
    assert placed.section("T").reach == "side-1"  # nearer to the Stem, but it says whose water it samples
    assert said == ["on no river of the network: F (25154 m from side-1); graded, but without loads and shares"]
    assert "A" not in placed.marks
