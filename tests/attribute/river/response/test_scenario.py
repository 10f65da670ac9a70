"""A scenario file is read whole or refused with the file, the field and the mend."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError
from tests.attribute.river.response.straight_river import point, scenario

from commonshed import datasets
from commonshed.attribute.river.response import read_scenario
from commonshed.errors import InputError, UnknownName

DRILL = datasets.path("thames", "spill.toml").read_text("utf-8")


def test_the_shipped_drill_says_that_it_is_a_drill() -> None:
    drill = read_scenario("thames")
    assert drill.kind == "drill"
    assert drill.release.kilograms == 3000
    assert (drill.call_at - drill.at).total_seconds() == 25 * 60
    assert str(drill.clock) == "Europe/London"
    assert next(point.id for point in drill.point) == "boom-near"
    assert all(part.source.en for part in drill.placed)


@pytest.mark.parametrize(
    ("old", "new", "field", "told"),
    [
        ("hours = 96", "hours = 96\nhour = 3", "hour", "there is no such key"),
        ("threshold = 1.0", "", "substance.threshold", "this key is needed"),
        ("threshold = 1.0", "threshold = 0", "substance.threshold", "greater than 0"),
        ("background = 0.05", "background = 1.5", "substance", "nothing would arrive"),
        ('kind = "pulse"', 'kind = "instant"', "release", "an instant release has a mass"),
        ("distance = 300", "", "place", "a place on a reach"),
        ('reach = "thames-northmoor"\ndistance = 300', 'node = "TC6"\nmark = "TC6"', "place", "give one of them"),
        ('zone = "Europe/London"', 'zone = "Europe/Camelot"', None, "there is no zone"),
        ('id = "intake-b"', 'id = "intake-a"', None, "two places have one id: intake-a"),
        ('calls = ["works-a"]', 'calls = ["works-z"]', None, "does not name: works-z"),
        ("flow = 5.0\n", "", "point.1", "say what it does"),
        ("called = 2016-06-20T10:05:00+01:00", "called = 2016-06-20T09:05:00+01:00", None, "before it was spilled"),
    ],
)
def test_what_cannot_be_used_names_its_field_and_where_the_form_stands(
    tmp_path: Path, old: str, new: str, field: str | None, told: str
) -> None:
    file = tmp_path / "drill.toml"
    assert old in DRILL
    file.write_text(DRILL.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError, match=told) as caught:
        read_scenario(file)
    assert caught.value.field == field
    assert caught.value.file == str(file)
    assert "docs/formats/spill.md" in str(caught.value)


def test_a_scenario_that_is_not_there_names_the_drills_that_are() -> None:
    with pytest.raises(InputError, match=r"there is no such scenario.*comes with the package: thames"):
        read_scenario("thame")


def test_a_file_that_is_not_toml_is_named(tmp_path: Path) -> None:
    file = tmp_path / "drill.toml"
    file.write_text("at = ", encoding="utf-8")
    with pytest.raises(InputError, match="this is not TOML") as caught:
        read_scenario(file)
    assert caught.value.file == str(file)


def test_an_unknown_quantity_names_the_near_ones(tmp_path: Path) -> None:
    file = tmp_path / "drill.toml"
    file.write_text(DRILL.replace('quantity = "nh3n"', 'quantity = "nh4n"'), encoding="utf-8")
    with pytest.raises(UnknownName, match="Did you mean nh3n") as caught:
        read_scenario(file)
    assert caught.value.field == "substance.quantity"


def test_a_hydrograph_releases_its_rates_times_their_hours() -> None:
    # 100 kg/h for 2 h, then 50 kg/h for 4 h.
    curve = {"kind": "hydrograph", "curve": [[0.0, 100.0], [2.0, 50.0], [6.0, 0.0]]}
    assert scenario(release=curve).release.kilograms == 400


@pytest.mark.parametrize("curve", [[[0.0, 1.0], [2.0, 1.0]], [[1.0, 1.0], [1.0, 0.0]], [[0.0, 0.0], [1.0, 0.0]]])
def test_a_curve_that_does_not_end_or_does_not_rise_is_refused(curve: list[list[float]]) -> None:
    with pytest.raises(ValidationError, match="curve"):
        scenario(release={"kind": "hydrograph", "curve": curve})


def test_a_source_may_be_written_once_for_both_languages() -> None:
    told = scenario(point=[point("G", 1000.0, source="levelled in 2020")])
    assert (told.point[0].source.en, told.point[0].source.zh) == ("levelled in 2020", "levelled in 2020")


def test_a_substance_of_the_catalogue_has_its_names_and_a_microgram_is_a_thousandth() -> None:
    told = scenario(substance={"quantity": "phenol", "threshold": 5.0, "unit": "ug/L", "source": "made up"}).substance
    assert told.called.zh == "挥发酚"
    assert told.per_gram_per_cubic_metre == 1000
