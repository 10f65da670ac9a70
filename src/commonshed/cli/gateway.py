"""Take readings from devices and loggers: ``commonshed gateway …``."""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from commonshed.cli.output import PORT, FormatOption, OutputOption, Record, is_table, talk, write
from commonshed.errors import InputError
from commonshed.keep import Shed
from commonshed.observe.gateway import (
    REFUSALS,
    Gateway,
    Limits,
    Settings,
    add_key,
    load_keys,
    read_state,
    remove_key,
)

__all__ = ["app"]

app = App(
    name="gateway",
    help="Take readings from measuring devices, kept before they are answered.\n\n"
    "Example: commonshed gateway --shed my-shed --port 9212",
)
key = App(
    name="key", help="Keys of loggers that speak HTTP.\n\nExample: commonshed gateway key add logger-3 --shed my-shed"
)
app.command(key)

ShedOption = Annotated[Path, Parameter(name="--shed", help="Folder of the shed.")]
_LIMITS = Limits()
_UNITS = {"h": 3600, "d": 86_400}


@app.default
def run(
    *,
    shed: ShedOption,
    port: Annotated[int, Parameter(help="Where devices connect; 0 takes a free port.", validator=PORT)] = 9212,
    host: Annotated[str, Parameter(help="Address to listen on for devices.")] = "0.0.0.0",
    http: Annotated[
        int | None, Parameter(help="Port for loggers that speak HTTP; without it there is none.", validator=PORT)
    ] = None,
    http_host: Annotated[str, Parameter(help="Address to listen on for HTTP.")] = "127.0.0.1",
    strict: Annotated[bool, Parameter(negative="", help="Refuse what breaks the standard; answer refusals.")] = False,
    keep_frames: Annotated[str, Parameter(help="How long raw frames are kept: 30d, 12h.")] = "30d",
    seal: Annotated[bool, Parameter(help="Seal every minute or 100,000 readings, in a process beside.")] = True,
    most_connections: Annotated[int, Parameter(help="Open at a time.")] = _LIMITS.connections,
    most_per_address: Annotated[int, Parameter(help="Open at a time from one address.")] = _LIMITS.per_address,
    most_frames: Annotated[float, Parameter(help="Sustained, of one device. [1/s]")] = _LIMITS.frames_per_second,
    first_frame: Annotated[float, Parameter(help="Until the first whole frame. [s]")] = _LIMITS.first_frame,
    idle: Annotated[float, Parameter(help="Without a frame, before a connection is cut. [s]")] = _LIMITS.idle,
) -> None:
    """Listen for devices, keep what they send, answer when it is durable. Ctrl-C ends it cleanly.

    Example: commonshed gateway --shed my-shed --port 9212
    """
    limits = Limits(
        connections=most_connections, per_address=most_per_address, frames_per_second=most_frames,
        burst=max(_LIMITS.burst, most_frames), first_frame=first_frame, idle=idle,
    )  # fmt: skip
    settings = Settings(
        host=host, port=port, http_host=http_host, http_port=http, strict=strict,
        keep_frames=_length(keep_frames), seal=seal, limits=limits,
    )  # fmt: skip
    asyncio.run(_serve(shed, settings))


app.command(run, name="run")


@app.command
def status(*, shed: ShedOption, format: FormatOption = None, output: OutputOption = None) -> None:
    """How the gateway of a shed is doing: each device, what was refused and why.

    Example: commonshed gateway status --shed my-shed
    """
    opened = Shed.open(shed)
    state = read_state(shed)
    if not state:
        raise InputError("no gateway ever ran here", mend=f"Start one: commonshed gateway --shed {shed}")
    devices = [{"mn": mn, **fields} for mn, fields in state.pop("devices", {}).items()]
    if not is_table(format, output):
        write([{**state, "devices": devices}] if format == "json" else devices, format=format, output=output)
        return
    talk(_sentence(state, opened))
    write([_device_line(each, opened) for each in devices], format=format, output=output)
    for reason, count in sorted(state.get("refused", {}).items(), key=lambda pair: -pair[1]):
        words = REFUSALS.get(reason)
        talk(f"{reason}: {count}" + (f"; {words.problem}. {words.mend}." if words else ""))


@key.command(name="add")
def add(
    name: Annotated[str, Parameter(help="For people: logger-3.")],
    *,
    shed: ShedOption,
    stations: Annotated[str | None, Parameter(help="Only these, with commas between.")] = None,
    quantities: Annotated[str | None, Parameter(help="Only these, with commas between.")] = None,
) -> None:
    """Make a key. It is shown once: only its digest is kept.

    Example: commonshed gateway key add logger-3 --shed my-shed --stations Dongsi --quantities pm25,pm10
    """
    opened = Shed.open(shed)
    token = add_key(shed, opened.network(), name, stations=_names(stations), quantities=_names(quantities))
    talk("keep it where only the logger reads it; it is not shown again")
    sys.stdout.write(token + "\n")


@key.command(name="list")
def list_(*, shed: ShedOption, format: FormatOption = None, output: OutputOption = None) -> None:
    """The keys of a shed, by name: what each is for, not the key.

    Example: commonshed gateway key list --shed my-shed
    """
    Shed.open(shed)
    records: list[Record] = [
        {
            "name": each.name,
            "stations": "all" if each.stations is None else list(each.stations),
            "quantities": "all" if each.quantities is None else list(each.quantities),
            "made": each.made,
        }
        for each in load_keys(shed).values()
    ]
    write(records, format=format, output=output)


@key.command
def remove(name: Annotated[str, Parameter(help="Name of the key.")], *, shed: ShedOption) -> None:
    """Take a key back. What was sent with it stays.

    Example: commonshed gateway key remove logger-3 --shed my-shed
    """
    Shed.open(shed)
    remove_key(shed, name)
    talk(f"{name} may no longer send")


async def _serve(shed: Path, settings: Settings) -> None:
    gateway = Gateway(shed, settings)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):
            loop.add_signal_handler(number, ended.set)
    async with gateway:
        talk(f"listening on {settings.host}:{gateway.port} for {len(gateway.reception.registrations)} devices")
        if gateway.http_port is not None:
            talk(f"listening on http://{settings.http_host}:{gateway.http_port} for loggers")
        await ended.wait()
        talk("ending: what was taken is kept and answered")
    talk(f"{gateway.reception.frames} frames taken, {gateway.readings} readings kept")


def _length(text: str) -> int:
    """Seconds of ``30d`` or ``12h``."""
    number, unit = text[:-1], text[-1:]
    if not (number.isdigit() and unit in _UNITS and int(number)):
        raise InputError("no such length of time", field="--keep-frames", value=text, mend="Write 30d or 12h")
    return int(number) * _UNITS[unit]


def _names(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(name.strip() for name in text.split(",") if name.strip())


def _sentence(state: dict[str, Any], shed: Shed) -> str:
    life = "running" if state["running"] else "not running"
    parts = [
        f"{life}, as of {shed.zone.text(state['written'])}",
        f"{state['connections']} connections",
        f"{state['frames']} frames taken",
        f"{state['readings']} readings kept, {state['waiting']} of them to be sealed",
    ]
    return "; ".join(parts) + (f". Trouble: {state['trouble']}" if state.get("trouble") else "")


def _device_line(device: dict[str, Any], shed: Shed) -> Record:
    return {
        "mn": device["mn"],
        "connected": device["connected"],
        "last frame": None if device["last_frame"] is None else shed.zone.text(device["last_frame"]),
        "frames": device["frames"],
        "readings": device["readings"],
        "refused": sum(device["refused"].values()),
        "clock off [s]": device["clock_offset"],
        "hours missing": device["hours_missing"],
        "last request": device["request"] or None,
    }
