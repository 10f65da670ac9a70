"""Who may send: devices with their passwords, loggers with their keys, in files that only the owner reads."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.observe.gateway.making import MN, make_shed, registered

from commonshed.errors import CommonshedError, InputError, UnknownName
from commonshed.observe.gateway import (
    Registration,
    add_device,
    add_key,
    load_devices,
    load_keys,
    remove_device,
    remove_key,
)
from commonshed.observe.gateway.devices import DEVICES
from commonshed.observe.gateway.keys import KEYS, key_of
from commonshed.observe.gateway.private import toml_text


def test_a_registration_comes_back_as_it_was_given(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "shed", devices=0)
    given = replace(
        registered("NEW", station="s3", quantities=("pm25", "co"), st=("22",), version=2, minute_interval=5),
        set_clock=True,
        backfill=False,
        note='the "old" one\n在屋顶',
    )
    add_device(shed.path, shed.network(), given)
    assert load_devices(shed.path) == {"NEW": given}
    assert (shed.path / DEVICES).stat().st_mode & 0o777 == 0o600


def test_a_device_is_registered_once_unless_it_is_replaced(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "shed")
    network = shed.network()
    with pytest.raises(InputError, match="registered already"):
        add_device(shed.path, network, registered(station="s4"))
    add_device(shed.path, network, registered(station="s4"), replace=True)
    assert load_devices(shed.path)[MN].device.station == "s4"
    remove_device(shed.path, MN)
    assert load_devices(shed.path) == {}
    with pytest.raises(UnknownName):
        remove_device(shed.path, MN)


WRONG: dict[str, tuple[dict[str, object], str]] = {
    "station": ({"station": "s99"}, "there is no station 's99'"),
    "quantity": ({"quantities": ("pm3",)}, "there is no quantity 'pm3'"),
    "password": ({"password": "12;456"}, "cannot be a password"),
    "no password": ({"password": ""}, "cannot be a password"),
    "st": ({"st": ("222",)}, "no system code"),
    "code": ({"units": {"a99999": "ug/m3"}}, "no such code"),
    "unit": ({"units": {"a34004": "ug"}}, "unit"),
    "unit of an amount": ({"units": {"w01018-Cou": "mg/L"}}, "unit"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_no_frame_could_carry_is_refused_and_the_password_not_shown(tmp_path: Path, name: str) -> None:
    shed = make_shed(tmp_path / "shed", devices=0)
    fields, words = WRONG[name]
    with pytest.raises(InputError, match=words) as caught:
        add_device(shed.path, shed.network(), registered(**fields))  # type: ignore[arg-type]
    assert "12;456" not in str(caught.value)
    assert load_devices(shed.path) == {}


BROKEN: dict[str, tuple[str, str]] = {
    "no TOML": ("[devices", "no TOML"),
    "something else": ("[phones.1]\n", "only tables of devices"),
    "a field missing": ('[devices.1]\npassword = "1"\nzone = "UTC"\n', "station"),
    "a field unknown": ('[devices.1]\npassword = "1"\nstation = "s"\nzone = "UTC"\ncolour = 1\n', "colour"),
    "no zone": ('[devices.1]\npassword = "1"\nstation = "s"\nzone = "Beijing"\n', "no such zone"),
    "no text": ('[devices.1]\npassword = 123456\nstation = "s"\nzone = "UTC"\n', "password"),
    "no interval": ('[devices.1]\npassword = "1"\nstation = "s"\nzone = "UTC"\nminute_interval = 7\n', "minute"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_edited_by_hand_is_refused_where_it_is_wrong(tmp_path: Path, name: str) -> None:
    content, words = BROKEN[name]
    path = tmp_path / DEVICES
    path.parent.mkdir()
    path.write_text(content)
    with pytest.raises(InputError, match=words) as caught:
        load_devices(tmp_path)
    assert "devices.toml" in str(caught.value)
    assert "123456" not in str(caught.value)


@given(st.dictionaries(st.text(max_size=8), st.text(max_size=20), max_size=4))
def test_any_text_is_written_so_that_toml_reads_it_back(fields: dict[str, str]) -> None:
    import tomllib

    held = {key: value for key, value in fields.items() if value}
    written = toml_text("# head", "devices", {"a.b": {"units": held, "note": "x"}})
    assert tomllib.loads(written) == {"devices": {"a.b": {**({"units": held} if held else {}), "note": "x"}}}


def test_only_the_digest_of_a_key_is_kept(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "shed")
    token = add_key(shed.path, shed.network(), "logger-1", stations=("s1",), quantities=("pm25",))
    written = (shed.path / KEYS).read_text()
    assert token not in written
    assert hashlib.sha256(token.encode()).hexdigest() in written
    assert (shed.path / KEYS).stat().st_mode & 0o777 == 0o600
    found = key_of(load_keys(shed.path), token)
    assert found is not None
    assert (found.name, found.stations, found.quantities) == ("logger-1", ("s1",), ("pm25",))
    assert key_of(load_keys(shed.path), token + "x") is None
    remove_key(shed.path, "logger-1")
    assert load_keys(shed.path) == {}


@pytest.mark.parametrize(
    "made",
    [{"name": "a b"}, {"name": "taken"}, {"stations": ("s99",)}, {"quantities": ("pm3",)}],
    ids=lambda made: next(iter(made)),
)
def test_a_key_that_cannot_be_is_not_made(tmp_path: Path, made: dict[str, object]) -> None:
    shed = make_shed(tmp_path / "shed")
    add_key(shed.path, shed.network(), "taken")
    with pytest.raises(CommonshedError):
        add_key(shed.path, shed.network(), **{"name": "new", **made})  # type: ignore[arg-type]
    assert [key.name for key in load_keys(shed.path).values()] == ["taken"]


def test_registrations_are_equal_by_what_they_say() -> None:
    assert registered() == registered()
    assert isinstance(registered(), Registration)
