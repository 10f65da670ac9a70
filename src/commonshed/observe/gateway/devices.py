"""Which measuring devices may send here: ``SHED/gateway/devices.toml``, one table a device.

The protocol sends the password of a device with every frame, in plain text, and asks the gateway to send it back with
every request. So the file holds it in plain text too and is readable by its owner alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from commonshed.errors import InputError, UnknownName
from commonshed.observe.gateway.private import editing, read_toml, toml_text, write_private
from commonshed.observe.hj212.device import Device
from commonshed.observe.hj212.protocol import codes
from commonshed.observe.hj212.shapes import quantity_of
from commonshed.periods import Zone
from commonshed.places import Network
from commonshed.units import quantity, ticks_per

__all__ = ["DEVICES", "Registration", "Registrations", "add_device", "load_devices", "remove_device"]

DEVICES = "gateway/devices.toml"
"""Where in a shed."""

_HEAD = """\
# Measuring devices that may send to this shed. It holds their passwords: keep it private (mode 0600).
# `commonshed device add | list | remove` edits it; a running gateway sees a change within seconds.
"""
_PASSWORD = re.compile(r"[!-:<-~]{1,32}")  # printable, and no semicolon: that ends a field
_ST = re.compile(r"[0-9A-Z]{2}")
_AMOUNT = "Cou"  # behind a code: what passed in a period, and not how much of it was in the water or air


@dataclass(frozen=True)
class Registration:
    """A device, and what the gateway may do with it.

    Attributes
    ----------
    device : Device
    set_clock : bool
        Its clock may be set (CN 1012) when it is off.
    backfill : bool
        It may be asked for what is missing (CN 2061 and others).
    note : str
        For people.
    """

    device: Device
    set_clock: bool = False
    backfill: bool = True
    note: str = ""


Registrations = Mapping[str, Registration]
"""By MN."""


class _Entry(BaseModel):
    """One table of the file."""

    model_config = ConfigDict(extra="forbid", strict=True)

    password: str
    station: str
    zone: str
    quantities: list[str] | None = None
    st: list[str] | None = None
    units: dict[str, str] = {}
    minute_interval: int = 10
    version: int = 1
    set_clock: bool = False
    backfill: bool = True
    note: str = ""


def load_devices(shed: Path) -> dict[str, Registration]:
    """The devices of a shed, by MN; none where none were added.

    Raises
    ------
    InputError
        The file cannot be read as devices: which one, which field, what to do.
    """
    path = shed / DEVICES
    found = read_toml(path)
    tables = found.pop("devices", {})
    if found or not isinstance(tables, dict):
        raise InputError(
            "only tables of devices stand here", file=path, value=next(iter(found), None), mend='Write [devices."MN"]'
        )
    return {mn: _registration(mn, fields, path) for mn, fields in tables.items()}


def add_device(shed: Path, network: Network, registration: Registration, *, replace: bool = False) -> None:
    """Register a device.

    Parameters
    ----------
    replace : bool
        Take the place of a registration of the same MN.

    Raises
    ------
    InputError
        Something about it cannot be, or its MN is registered and is not to be replaced.
    UnknownName
        Its station is not in the network, or one of its quantities is not declared.
    """
    device = registration.device
    path = shed / DEVICES
    check_device(registration, path)
    network.station(device.station)
    with editing(path):
        held = load_devices(shed)
        if device.mn in held and not replace:
            raise InputError(
                "this device is registered already",
                field="MN",
                value=device.mn,
                mend="Remove it first, or say --replace",
            )
        _save(path, {**held, device.mn: registration})


def remove_device(shed: Path, mn: str) -> None:
    """Strike a device off; what it sent stays.

    Raises
    ------
    UnknownName
        No such device is registered.
    """
    path = shed / DEVICES
    with editing(path):
        held = load_devices(shed)
        if mn not in held:
            raise UnknownName("device", mn, held)
        _save(path, {name: each for name, each in held.items() if name != mn})


def check_device(registration: Registration, path: Path) -> None:
    """Refuse what no frame could ever carry or no reading could ever have.

    Raises
    ------
    InputError
    """
    device = registration.device

    def refuse(problem: str, field: str, value: object, mend: str) -> InputError:
        return InputError(f"device {device.mn}: {problem}", file=path, field=field, value=value, mend=mend)

    if not _PASSWORD.fullmatch(device.password):
        mend = "6 digits or letters in HJ 212-2017; at most 32 here, no blank, no semicolon"
        raise refuse("this cannot be a password", "password", "(not shown)", mend)
    for st in device.st or ():
        if not _ST.fullmatch(st):
            raise refuse("this is no system code", "st", st, "Two characters: 22 for ambient air")
    for code, unit in device.units.items():
        base, _, ending = code.partition("-")
        if base not in codes():
            raise refuse("no such code in annex B or beside it", "units", code, "Write a34004=ug/m3")
        of = quantity_of(base, amount=ending == _AMOUNT)
        try:
            of is None or ticks_per(of, unit)
        except InputError as error:
            raise refuse(error.problem, "units", f"{code}={unit}", error.mend or "Write a34004=ug/m3") from None
    for name in device.quantities or ():
        quantity(name)


def _registration(mn: str, fields: Any, path: Path) -> Registration:
    try:
        entry = _Entry.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(map(str, first["loc"]))
        secret = field == "password"
        raise InputError(
            f"device {mn}: {first['msg'][:1].lower()}{first['msg'][1:]}",
            file=path,
            field=field,
            value=None if secret or field not in fields else fields[field],
            mend=f"Known fields: {', '.join(_Entry.model_fields)}",
        ) from None
    try:
        device = Device(
            mn=mn,
            password=entry.password,
            station=entry.station,
            quantities=None if entry.quantities is None else tuple(entry.quantities),
            zone=Zone.parse(entry.zone),
            minute_interval=entry.minute_interval,
            units=entry.units,
            st=None if entry.st is None else tuple(entry.st),
            version=entry.version,
        )
    except InputError as error:
        raise InputError(
            f"device {mn}: {error.problem}", file=path, field=error.field, value=error.value, mend=error.mend
        ) from None
    found = Registration(device, entry.set_clock, entry.backfill, entry.note)
    check_device(found, path)
    return found


def _save(path: Path, registrations: Registrations) -> None:
    entries = {mn: _fields(each) for mn, each in registrations.items()}
    write_private(path, toml_text(_HEAD, "devices", entries).encode())


def _fields(registration: Registration) -> dict[str, Any]:
    device = registration.device
    return {
        "password": device.password,
        "station": device.station,
        "zone": str(device.zone),
        "quantities": device.quantities,
        "st": device.st,
        "units": dict(device.units),
        "minute_interval": device.minute_interval,
        "version": device.version,
        "set_clock": registration.set_clock,
        "backfill": registration.backfill,
        "note": registration.note,
    }
