"""Measuring devices: who may send here, what they sent, and made-up ones to try it with: ``commonshed device …``."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from commonshed.cli.output import PORT, FormatOption, OutputOption, Record, progress, talk, write
from commonshed.errors import InputError
from commonshed.keep import Shed
from commonshed.observe.gateway import Registration, add_device, kept_frames, load_devices, remove_device
from commonshed.observe.hj212 import Device
from commonshed.periods import Zone

__all__ = ["app"]

app = App(
    name="device",
    help="Measuring devices: register them, read back what they sent, try it with made-up ones.\n\n"
    "Example: commonshed device list --shed my-shed",
)

ShedOption = Annotated[Path, Parameter(name="--shed", help="Folder of the shed.")]


@app.command
def add(
    mn: Annotated[str, Parameter(help="Number of the device (MN), as it sends it.")],
    *,
    shed: ShedOption,
    station: Annotated[str, Parameter(help="Station whose readings it sends.")],
    password: Annotated[
        str | None, Parameter(help="PW of its frames, six digits; without it one is made and shown.")
    ] = None,
    quantities: Annotated[str | None, Parameter(help="Only these, with commas between: pm25,pm10.")] = None,
    unit: Annotated[
        list[str] | None,
        Parameter(help="What it sends in another unit than annex B says: a34004=ug/m3. May be repeated.", negative=""),
    ] = None,
    st: Annotated[str | None, Parameter(help="Only these system types, with commas between: 22.")] = None,
    zone: Annotated[str | None, Parameter(help="Zone of its clock; without it the shed's.")] = None,
    minute_interval: Annotated[int, Parameter(help="Length of minute data. [min]")] = 10,
    version: Annotated[int, Parameter(help="Edition of the protocol: 0 is 2005, 1 is 2017, 2 is 2025.")] = 1,
    set_clock: Annotated[bool, Parameter(negative="", help="Its clock may be set when it is off.")] = False,
    backfill: Annotated[bool, Parameter(help="It may be asked for hours of which nothing came.")] = True,
    note: Annotated[str, Parameter(help="For people.")] = "",
    replace: Annotated[bool, Parameter(negative="", help="Take the place of a registration of this MN.")] = False,
) -> None:
    """Register a device: from then on the gateway takes what it sends.

    Example: commonshed device add 010000A8900016F000169DC0 --shed my-shed --station Dongsi --unit a34004=ug/m3
    """
    opened = Shed.open(shed)
    chosen = password or f"{secrets.randbelow(10**6):06d}"
    device = Device(
        mn=mn, password=chosen, station=station, quantities=_names(quantities), st=_names(st),
        zone=opened.zone if zone is None else Zone.parse(zone), units=_units(unit or []),
        minute_interval=minute_interval, version=version,
    )  # fmt: skip
    add_device(shed, opened.network(), Registration(device, set_clock, backfill, note), replace=replace)
    talk(f"{mn} may send readings of {station}")
    if password is None:
        talk("set this password in the logger:")
        sys.stdout.write(chosen + "\n")


@app.command(name="list")
def list_(*, shed: ShedOption, format: FormatOption = None, output: OutputOption = None) -> None:
    """The devices that may send here. Passwords are not shown.

    Example: commonshed device list --shed my-shed
    """
    Shed.open(shed)
    records = [_record(each) for each in load_devices(shed).values()]
    write(records, format=format, output=output, columns=["mn", "station", "quantities", "st", "version", "note"])


@app.command
def remove(mn: Annotated[str, Parameter(help="Number of the device.")], *, shed: ShedOption) -> None:
    """Strike a device off. What it sent stays.

    Example: commonshed device remove 010000A8900016F000169DC0 --shed my-shed
    """
    Shed.open(shed)
    remove_device(shed, mn)
    talk(f"{mn} may no longer send")


@app.command
def frames(
    *,
    shed: ShedOption,
    mn: Annotated[str | None, Parameter(help="Only those of this device.")] = None,
    cn: Annotated[str | None, Parameter(help="Only this command: 2061.")] = None,
    start: Annotated[str | None, Parameter(name="--from", help="That came then or later: 2026-03-05T08:00.")] = None,
    end: Annotated[str | None, Parameter(name="--to", help="That came before.")] = None,
    format: FormatOption = None,
    output: OutputOption = None,
) -> None:
    """Frames as they came, passwords blanked, as long as they are kept.

    Example: commonshed device frames --shed my-shed --mn 010000A8900016F000169DC0 --from 2026-03-05T08:00
    """
    opened = Shed.open(shed)
    zone = opened.zone
    write(
        _frames(shed, zone, mn, cn, _second(start, "--from", zone), _second(end, "--to", zone)),
        format=format,
        output=output,
    )


@app.command
def simulate(
    *,
    host: Annotated[str, Parameter(help="Where the gateway listens.")] = "127.0.0.1",
    port: Annotated[int, Parameter(help="Its port.", validator=PORT)] = 9212,
    shed: Annotated[Path | None, Parameter(help="Play the devices registered in this shed.")] = None,
    register: Annotated[
        bool, Parameter(negative="", help="Register made-up devices in the shed first, taking turns at its stations.")
    ] = False,
    devices: Annotated[int, Parameter(help="How many.")] = 10,
    kind: Annotated[str, Parameter(help="What they measure: air, river, outlet, noise.")] = "air",
    rate: Annotated[float, Parameter(help="Frames of real-time data of each device. [1/s]")] = 1.0,
    seconds: Annotated[float, Parameter(name="--for", help="How long. [s]")] = 60.0,
    faults: Annotated[str, Parameter(help="What goes wrong, with commas between, or all: garbage,crc,gaps.")] = "",
    window: Annotated[int, Parameter(help="Frames of a device that may wait for their answer.")] = 1,
    step: Annotated[int, Parameter(help="Time of the data between two frames. [s]")] = 30,
    seed: Annotated[int, Parameter(help="The same seed gives the same values and faults.")] = 212,
    format: FormatOption = None,
    output: OutputOption = None,
) -> None:
    """Play made-up measuring devices against a gateway, with the faults real ones have.

    Faults: garbage, crc, cut, flags, gaps, late, again, packets, clock, restart, units, password, slow. Readings of
    made-up devices carry their number, which begins with SIMULATED.

    Example: commonshed device simulate --shed my-shed --register --devices 10 --for 60 --faults garbage,gaps
    """
    from commonshed.simulate.devices import FAULTS, Plan, play, simulated_devices

    named = frozenset(FAULTS) if faults == "all" else frozenset(_names(faults) or ())
    plan = Plan(
        devices=simulated_devices(("simulated",), devices, seed=seed), host=host, port=port, kind=kind, rate=rate,
        seconds=seconds, faults=named, window=window, step=step, seed=seed,
    )  # fmt: skip
    if shed is not None or register:  # only now: what cannot be played registers nobody
        plan = replace(plan, devices=_to_play(shed, devices, seed, register=register))
    with progress(f"{len(plan.devices)} devices") as advance:
        try:
            tally = play(plan, report=lambda part: advance(part, 1.0))
        except OSError as error:
            reason = "nobody listens there" if isinstance(error, ConnectionRefusedError) else error.strerror or error
            raise InputError(
                f"cannot connect to {host}: {reason}", field="--port", value=port,
                mend="Start a gateway first: commonshed gateway --shed SHED",
            ) from None  # fmt: skip
    write([{"devices": len(plan.devices), **tally.record()}], format=format, output=output)
    for words, count in tally.refusals.items():
        talk(f"refused, {words}: {count}")
    if tally.counts["unanswered"]:
        talk(f"{tally.counts['unanswered']} frames were not answered: are these devices registered there?")
    if tally.counts["unsent"]:
        talk(f"{tally.counts['unsent']} frames were not sent: waiting for answers took too long; try --window 10")


def _to_play(shed: Path | None, count: int, seed: int, *, register: bool) -> tuple[Device, ...]:
    from commonshed.simulate.devices import simulated_devices

    if shed is None:
        raise InputError("there is no shed to register them in", field="--register", mend="Add --shed")
    if register:
        network = Shed.open(shed).network()
        for device in simulated_devices(list(network.stations), count, seed=seed):
            add_device(shed, network, Registration(device, set_clock=True, note="simulated"), replace=True)
    return tuple(each.device for each in load_devices(shed).values())[:count]


def _frames(
    shed: Path, zone: Zone, mn: str | None, cn: str | None, start: int | None, end: int | None
) -> Iterator[Record]:
    wanted = [f";{name}={value};".encode() for name, value in (("MN", mn), ("CN", cn)) if value is not None]
    for kept in kept_frames(shed, start=start, end=end, holding=wanted[0] if wanted else b""):
        if all(each in kept.whole for each in wanted):
            text = kept.whole.decode("utf-8", "replace")
            yield {"received": f"{zone.text(kept.recorded // 1000)}", "frame": text}


def _record(registration: Registration) -> Record:
    device = registration.device
    return {
        "mn": device.mn,
        "station": device.station,
        "quantities": "all" if device.quantities is None else list(device.quantities),
        "st": "all" if device.st is None else list(device.st),
        "units": dict(device.units),
        "zone": str(device.zone),
        "minute_interval": device.minute_interval,
        "version": device.version,
        "set_clock": registration.set_clock,
        "backfill": registration.backfill,
        "note": registration.note,
    }


def _units(pairs: list[str]) -> dict[str, str]:
    units = {}
    for pair in pairs:
        code, sign, unit = pair.partition("=")
        if not (code and sign and unit):
            raise InputError("this is no unit of a code", field="--unit", value=pair, mend="Write a34004=ug/m3")
        units[code] = unit
    return units


def _names(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(name.strip() for name in text.split(",") if name.strip())


def _second(text: str | None, field: str, zone: Zone) -> int | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InputError("no such time", field=field, value=text, mend="Write 2026-03-05T08:00") from None
    if moment.tzinfo is not None:
        return int(moment.timestamp())
    return int(moment.replace(tzinfo=UTC).timestamp()) - zone.minutes * 60
