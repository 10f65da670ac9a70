"""Frames that others published, and short ones made here."""

from __future__ import annotations

import csv
from pathlib import Path

from commonshed.observe.hj212 import Device, Frame, encode, parse

MN = "010000A8900016F000169DC0"
PASSWORD = "123456"


def published() -> list[dict[str, str]]:
    """The rows of ``frames.csv``."""
    with (Path(__file__).parent / "frames.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def device(**changes: object) -> Device:
    """A registered device of the station Mill."""
    fields: dict[str, object] = {"mn": MN, "password": PASSWORD, "station": "Mill"}
    return Device(**(fields | changes))  # type: ignore[arg-type]


def whole(cp: str, *, cn: str = "2011", st: str = "22", flag: int | None = 5, **fields: object) -> bytes:
    """A frame of that device."""
    given: dict[str, object] = {"qn": "20160801085857223", "mn": MN, "pw": PASSWORD}
    return encode(cn=cn, st=st, flag=flag, cp=cp, **(given | fields))  # type: ignore[arg-type]


def frame(cp: str, *, cn: str = "2011", **fields: object) -> Frame:
    """The same, read."""
    return parse(whole(cp, cn=cn, **fields)[6:-6])  # type: ignore[arg-type]
