"""A drill changes a copy, never a shed; and what it signs anew is consistent in itself."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
import pytest

from commonshed.errors import InputError, ShedDamaged, ShedError, ShedNotFound
from commonshed.keep import Shed, Source
from commonshed.simulate.drill.tampering import Edit, copy_for_drill, edit_quietly, sign_anew, ticks_of

FIRST = 1_456_761_600


@pytest.fixture
def shed(tmp_path: Path) -> Shed:
    shed = Shed.create(tmp_path / "shed", name="of a drill", zone="+08:00")
    rows = [
        {"station": station, "quantity": "pm25", "statistic": "mean", "start": FIRST + hour * 3600, "period": 3600,
         "ticks": 1000 * (50 + hour), "qualifier": "=", "flag": "valid", "status": "validated", "mapping": "long",
         "origin": "test", "recorded": FIRST}
        for station in ("a", "b")
        for hour in range(48)
    ]  # fmt: skip
    shed.seal_import([pa.Table.from_pylist(rows)], source=Source("test", "0" * 64))
    return shed


def value(shed: Path, station: str = "a", hour: int = 5) -> int:
    start = FIRST + hour * 3600
    found = Shed.open(shed).readings(stations=[station], start=start, end=start + 1)
    return int(found["ticks"][0].as_py())


def test_only_a_copy_made_for_a_drill_is_ever_edited(shed: Shed) -> None:
    with pytest.raises(InputError, match="only a copy made for a drill"):
        edit_quietly(shed.path, station="a", quantity="pm25", start=FIRST, value=1)
    edit = Edit(0, "a", "pm25", FIRST, 50_000, 1, next(iter(shed.store.contents.locations.values())).path)
    before = shed.log.note().encode()
    with pytest.raises(InputError, match="only a copy made for a drill"):
        sign_anew(shed.path, edit)
    assert Shed.open(shed.path).log.note().encode() == before
    assert value(shed.path) == 55_000


def test_an_edit_on_the_disk_alone_is_found_by_the_node_itself(shed: Shed, tmp_path: Path) -> None:
    copy_for_drill(shed.path, tmp_path / "copy")
    edit = edit_quietly(tmp_path / "copy", station="a", quantity="pm25", start=FIRST + 5 * 3600, value=20_000)
    assert (edit.before, edit.after) == (55_000, 20_000)
    with pytest.raises(ShedDamaged):
        value(tmp_path / "copy")


def test_signed_anew_the_copy_agrees_with_itself_and_not_with_what_was_signed_before(
    shed: Shed, tmp_path: Path
) -> None:
    copy = copy_for_drill(shed.path, tmp_path / "copy")
    then = copy.log.checkpoint()
    edit = edit_quietly(copy.path, station="a", quantity="pm25", start=FIRST + 5 * 3600, value=20_000)
    sign_anew(copy.path, edit)
    forged = Shed.open(copy.path)
    assert value(copy.path) == 20_000
    assert value(copy.path, "b") == 55_000
    assert forged.log.checkpoint().size == then.size
    assert forged.log.checkpoint().root != then.root
    forged.log.note().checked(shed.log.keys.verifiers)
    assert value(shed.path) == 55_000


def test_a_drill_needs_a_new_folder_and_an_existing_reading(shed: Shed, tmp_path: Path) -> None:
    copy_for_drill(shed.path, tmp_path / "copy")
    with pytest.raises(ShedError, match="there already"):
        copy_for_drill(shed.path, tmp_path / "copy")
    with pytest.raises(InputError, match="no reading of pm25 at c"):
        edit_quietly(tmp_path / "copy", station="c", quantity="pm25", start=FIRST, value=1)


def test_values_are_given_in_the_quantitys_own_unit() -> None:
    assert ticks_of("pm25", "12.5") == 12_500


def test_a_copy_is_whole_or_not_there(shed: Shed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ShedNotFound):
        copy_for_drill(tmp_path / "nothing", tmp_path / "copy")
    with pytest.raises(ShedError, match="in the shed that is to be copied"):
        copy_for_drill(shed.path, shed.path / "copy")

    def closed(source: str, *_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied", source)

    monkeypatch.setattr(shutil, "copy2", closed)
    monkeypatch.setattr(shutil.copytree, "__defaults__", (False, None, closed, False, False))
    with pytest.raises(ShedError, match="cannot be copied"):
        copy_for_drill(shed.path, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()
