"""``commonshed demo``: from shipped readings to a report, with a summary that says what was found."""

from __future__ import annotations

import time
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from commonshed.cli.output import talk
from commonshed.errors import MissingExtra, UnknownName

if TYPE_CHECKING:
    from rich.table import Table

    from commonshed.keep import Shed

__all__ = ["DEMOS", "Demo", "demo"]

Record = Mapping[str, Any]


class Demo:
    """What a demo shows: a data set that comes with the package."""

    def __init__(self, *, name: str, city: str, zone: str, readings: str, mapping: str, period: str) -> None:
        self.name = name
        self.city = city
        self.zone = zone
        self.readings = readings
        self.mapping = mapping
        self.period = period


DEMOS = {
    "beijing": Demo(
        name="Beijing",
        city="110000",
        zone="+08:00",
        readings="prsa_20130301-20170228.parquet",
        mapping="prsa",
        period="2013..2017",
    )
}
AGAINST = "cn-2026"


def demo(
    *,
    place: str = "beijing",
    shed: Path | None = None,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
) -> None:
    """Grade Beijing's air of 2013 to 2017 and write the report.

    Makes a shed from the readings that come with the package, assesses every year under the law of its time and under
    today's, and writes one HTML page. Running it again changes nothing and is quicker.

    Example: commonshed demo --output beijing.html

    Parameters
    ----------
    place
        What to show: beijing.
    shed
        Folder of the shed; without it demo/PLACE.
    output
        File of the report; without it report.html beside the shed.
    """
    if place not in DEMOS:
        raise UnknownName("demo", place, DEMOS)
    chosen = DEMOS[place]
    folder = shed or Path("demo") / place
    page = output or folder.parent / f"{folder.name}.html"
    began = time.perf_counter()
    with _step(f"opening the shed {folder}"):
        opened = _shed(folder, place, chosen)
    with _step("taking in the readings") as note:
        note.append(_ingest(opened, place, chosen))
    with _step(f"assessing {chosen.period.replace('..', ' to ')}, under the law of its time and {AGAINST}"):
        years = _years(opened, chosen)
    written = _report(opened, chosen, page)
    talk(f"{time.perf_counter() - began:5.1f} s in all\n")
    _summary(years, _bulletin(place))
    _next(folder, written)


@contextmanager
def _step(what: str) -> Iterator[list[str]]:
    notes: list[str] = []
    began = time.perf_counter()
    yield notes
    talk(f"{time.perf_counter() - began:5.1f} s  {what}{': ' if notes else ''}{'; '.join(notes)}")


def _shed(folder: Path, place: str, chosen: Demo) -> Shed:
    from commonshed.errors import ShedNotFound
    from commonshed.keep import Shed
    from commonshed.places import shipped

    try:
        opened = Shed.open(folder)
    except ShedNotFound:
        opened = Shed.create(folder, name=chosen.name, zone=chosen.zone)
    opened.publish_network(shipped(place))
    return opened


def _ingest(shed: Shed, place: str, chosen: Demo) -> str:
    from commonshed import datasets
    from commonshed.observe import ingest

    ingested = ingest(shed, [datasets.path(place, chosen.readings)], chosen.mapping)
    return str(ingested)


def _years(shed: Shed, chosen: Demo) -> list[Record]:
    from commonshed.assess.air import air

    assessed = air(shed, period=chosen.period, by="jurisdiction", unit_of_time="year", against=AGAINST)
    return [record for record in assessed.records() if record["jurisdiction"] == chosen.city]


def _report(shed: Shed, chosen: Demo, page: Path) -> Path | None:
    try:
        from commonshed.disclose.report import write_report
    except MissingExtra as missing:
        talk(f"no report: {missing}")
        return None
    with _step(f"writing the report {page}"):
        return write_report(shed, chosen.period, page)


def _bulletin(place: str) -> dict[str, Record]:
    from commonshed import datasets

    text = datasets.path(place, "bulletin.toml").read_text("utf-8")
    return {str(year["year"]): year for year in tomllib.loads(text)["year"]}


def _summary(years: Sequence[Record], bulletin: Mapping[str, Record]) -> None:
    from rich.console import Console

    console = Console(highlight=False)
    console.print(headline(years), style="bold", soft_wrap=True)
    console.print(year_table(years, bulletin))
    for year in years:
        if not year["valid"]:
            console.print(f"{year['period']} is not assessed as a year: {_first_reason(year)}", soft_wrap=True)


def headline(years: Sequence[Record]) -> str:
    """The answer in one sentence, from the last year that is assessed whole."""
    whole = [year for year in years if year["valid"]]
    if not whole:
        return "No year has enough valid days to be assessed."
    first, last = whole[0], whole[-1]
    over, counted = last["exceedance_days"]["pm25"], last["completeness"]["pm25"]["valid_days"]
    return (
        f"In {last['period']} Beijing met the 24-hour PM2.5 limit on {counted - over} of {counted} days; "
        f"the year's mean was {last['mean']['pm25']} µg/m³. "
        f"Good days: {first['good_days']} in {first['period']}, {last['good_days']} in {last['period']}."
    )


def year_table(years: Sequence[Record], bulletin: Mapping[str, Record]) -> Table:
    """Year by year: ours, the city's official figure beside it, and the same air under the other law."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    table.add_column("year")
    heads = ("PM2.5\n[µg/m³]", "official\n", "good days\nof valid", "official\n", "heavy days\n", "official\n")
    for head in (*heads, f"good under\n{AGAINST}", f"heavy under\n{AGAINST}"):
        table.add_column(head.replace("[", r"\["), justify="right")
    for year in years:
        table.add_row(*_row(year, bulletin.get(year["period"], {})))
    return table


def _row(year: Record, official: Record) -> tuple[str, ...]:
    other = year["against"]["converted"]
    return (
        year["period"] if year["valid"] else f"{year['period']}, part",
        year["mean"]["pm25"] or f"({year['indicative']['mean']['pm25']})",
        str(official.get("PM25_mean", "")),
        f"{year['good_days']} of {year['valid_days']}",
        str(official.get("good_days", "")),
        str(_heavy(year)),
        str(official.get("heavy_days", "")),
        str(other["good_days"]),
        str(_heavy(other)),
    )


def _heavy(year: Record) -> int:
    return sum(days for level, days in year["days_by_class"].items() if int(level) >= 5)


def _first_reason(year: Record) -> str:
    return str(year["why_not"]).split(". ")[0]


def _next(folder: Path, page: Path | None) -> None:
    if page is not None:
        print(f"\nThe report: {page.resolve()}")
    print("\nAsk more:")
    print(f"  commonshed assess air --shed {folder} --period 2016 --by jurisdiction")
    print(f"  commonshed assess air --shed {folder} --period 2015-12 --by station --unit-of-time day --format csv")
    print("  commonshed standards diff cn-2012 cn-2026")
