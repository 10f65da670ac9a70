"""The gateway: measuring devices and loggers send readings here, and an answer means they are durable."""

from __future__ import annotations

from commonshed.observe.gateway.devices import Registration, add_device, load_devices, remove_device
from commonshed.observe.gateway.frames import kept_frames
from commonshed.observe.gateway.keys import add_key, load_keys, remove_key
from commonshed.observe.gateway.limits import Limits
from commonshed.observe.gateway.metrics import read_state
from commonshed.observe.gateway.refusals import REFUSALS
from commonshed.observe.gateway.server import Gateway, Settings

__all__ = [
    "REFUSALS",
    "Gateway",
    "Limits",
    "Registration",
    "Settings",
    "add_device",
    "add_key",
    "kept_frames",
    "load_devices",
    "load_keys",
    "read_state",
    "remove_device",
    "remove_key",
]
