"""Small files of readings for tests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

PRSA = (
    *("No", "year", "month", "day", "hour", "PM2.5", "PM10", "SO2", "NO2", "CO", "O3"),
    *("TEMP", "PRES", "DEWP", "RAIN", "wd", "WSPM", "station"),
)
LONG = "station,quantity,start,period,value,unit"


def prsa_row(hour: int, *, day: int = 1, month: int = 3, station: str = "Dongsi", **values: str) -> str:
    """One line of a PRSA file; what is not given is NA."""
    cells = dict.fromkeys(PRSA, "NA") | {"No": "1", "year": "2016", "month": str(month), "day": str(day)}
    cells |= {"hour": str(hour), "station": station}
    cells |= {{"PM25": "PM2.5"}.get(name, name): value for name, value in values.items()}
    return ",".join(cells[name] for name in PRSA)


def prsa(path: Path, rows: Iterable[str]) -> Path:
    """A PRSA file."""
    path.write_text("\n".join([",".join(PRSA), *rows]) + "\n", "utf-8")
    return path


def hours(values: Sequence[str], *, quantity: str = "PM25", first: int = 0, station: str = "Dongsi") -> list[str]:
    """Lines of consecutive hours with values of one quantity; an empty text is a gap."""
    lines = []
    for i, value in enumerate(values):
        day, hour = divmod(first + i, 24)
        cells = {quantity: value or "NA"}
        lines.append(prsa_row(hour, day=day + 1, station=station, **cells))  # type: ignore[arg-type]
    return lines


def long(path: Path, *rows: str, header: str = LONG) -> Path:
    """A file of the canonical long table."""
    path.write_text("\n".join([header, *rows]) + "\n", "utf-8")
    return path
