"""What the gateway is doing, as a file for people and programs and as text for Prometheus."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from commonshed.errors import InputError

__all__ = ["STATE", "prometheus", "read_state", "write_state"]

STATE = "gateway/state.json"
"""Where in a shed."""

_DEVICE = {
    "frames": ("counter", "Frames taken, those sent again among them."),
    "resent": ("counter", "Frames that had come before."),
    "readings": ("counter", "Readings kept."),
    "bytes": ("counter", "Bytes of frames taken."),
    "last_frame": ("gauge", "When the last frame came. [UTC s]"),
    "clock_offset": ("gauge", "Clock of the device less ours. [s]"),
    "hours_missing": ("gauge", "Hours of which no data came."),
    "connected": ("gauge", "Whether it is connected."),
}
_WHOLE = {
    "connections": ("gauge", "Open connections."),
    "frames": ("counter", "Frames taken."),
    "readings": ("counter", "Readings durable, over all ways in."),
    "turns": ("counter", "Syncs to the disk."),
    "waiting": ("gauge", "Readings durable and not yet sealed."),
    "disk_milliseconds": ("counter", "Time spent keeping turns. [ms]"),
    "slowest_turn_milliseconds": ("gauge", "Longest time one turn took. [ms]"),
    "frame_bytes": ("counter", "Bytes of raw frames written."),
    "posted": ("counter", "Readings posted over HTTP."),
}


def write_state(shed: Path, state: Mapping[str, Any]) -> None:
    """Put the state in its place whole. It is not synced: what was lost with the power is no loss."""
    path = shed / STATE
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    scratch = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(json.dumps(state, ensure_ascii=False) + "\n")  # at once: indenting is many times slower
        scratch.replace(path)
    finally:
        with suppress(FileNotFoundError):
            scratch.unlink()


def read_state(shed: Path) -> dict[str, Any]:
    """What the gateway last said of itself; empty where none ever ran.

    Raises
    ------
    InputError
        The file is no state.
    """
    path = shed / STATE
    try:
        state = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise InputError(f"this is no state of a gateway: {error}", file=path, mend="Remove it") from None
    return state if isinstance(state, dict) else {}


def prometheus(state: Mapping[str, Any]) -> str:
    """The state in the text format of Prometheus."""
    lines: list[str] = []
    for name, (kind, words) in _WHOLE.items():
        lines += _metric(name, kind, words, [({}, state.get(name))])
    devices: Mapping[str, Mapping[str, Any]] = state.get("devices", {})
    for name, (kind, words) in _DEVICE.items():
        values = [({"mn": mn}, device.get(name)) for mn, device in devices.items()]
        lines += _metric(f"device_{name}", kind, words, values)
    refused = state.get("refused", {})
    lines += _metric(
        "refused", "counter", "What was refused, by reason.", [({"reason": r}, n) for r, n in refused.items()]
    )
    return "\n".join(lines) + "\n"


def _metric(name: str, kind: str, words: str, values: Iterable[tuple[Mapping[str, str], Any]]) -> list[str]:
    full = f"commonshed_gateway_{name}" + ("_total" if kind == "counter" else "")
    lines = [f"# HELP {full} {words}", f"# TYPE {full} {kind}"]
    for labels, value in values:
        if value is not None:
            said = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
            lines.append(f"{full}{'{' + said + '}' if said else ''} {_figure(value)}")
    return lines


def _figure(value: Any) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
