"""``commonshed demo``: from shipped readings to a report, with a summary that says what was found."""

from __future__ import annotations

import re
import shutil
import sys
import time
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from commonshed.cli.output import MISSING, file_to_write, talk
from commonshed.errors import MissingExtra, UnknownName

if TYPE_CHECKING:
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
    output: Annotated[Path | None, Parameter(name=["--output", "-o"], validator=file_to_write)] = None,
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
        File of the report; without it PLACE.html beside the shed.
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

    (file,) = ingest(shed, datasets.path(place, chosen.readings), chosen.mapping, strict=True).files
    if file.already:
        return "taken in before, nothing changed"
    return f"{file.readings:,} from {file.rows:,} rows, {file.flags['suspect']:,} suspect, {file.rejected:,} rejected"


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
    print(headline(years) + "\n")
    print(year_table(years, bulletin) + "\n")
    for line in reasons(years):
        print(line)


def headline(years: Sequence[Record]) -> str:
    """The answer in one sentence, from the last year whose PM2.5 can be assessed."""
    whole = [year for year in years if year["mean"]["pm25"] is not None]
    if not whole:
        return "No year has enough valid days for its PM2.5 to be assessed."
    first, last = whole[0], whole[-1]
    over, counted = last["exceedance_days"]["pm25"], last["completeness"]["pm25"]["valid_days"]
    since = f", after {first['mean']['pm25']} in {first['period']}" if first is not last else ""
    return (
        f"In {last['period']} Beijing met the 24-hour PM2.5 limit on {counted - over} of {counted} days; "
        f"the year's mean was {last['mean']['pm25']} µg/m³{since}."
    )


def year_table(years: Sequence[Record], bulletin: Mapping[str, Record]) -> str:
    """Year by year: ours, the city's official figure beside it, and the same air under the other law."""
    groups = f"{'':<11}{'PM2.5 [µg/m³]':>14}   {'good days':<19}   {'heavy days':>13}{f'under {AGAINST}':>15}"
    heads = _line("year", "ours", "official", "ours", "official", "ours", "official", "good", "heavy")
    rows = [_row(year, bulletin.get(year["period"], {})) for year in years]
    return "\n".join([groups, heads, "─" * len(heads), *rows])


def _line(label: str, mean: str, printed: str, good: str, good_printed: str, heavy: str, *others: str) -> str:
    heavy_printed, good_other, heavy_other = others
    return (
        f"{label:<11}{mean:>5}{printed:>9}   {good:<10}{good_printed:>9}   "
        f"{heavy:>4}{heavy_printed:>9}   {good_other:>5}{heavy_other:>7}"
    )


def _row(year: Record, official: Record) -> str:
    assessed, other = year["mean"]["pm25"], year["against"]["converted"]
    mean, good, heavy = (str(official.get(key, MISSING)) for key in ("PM25_mean", "good_days", "heavy_days"))
    return _line(
        year["period"] if assessed else f"{year['period']}, part",
        assessed or f"({year['indicative']['mean']['pm25']})",
        mean,
        f"{year['good_days']:>3} of {year['valid_days']}",
        good,
        str(_heavy(year)),
        heavy,
        str(other["good_days"]),
        str(_heavy(other)),
    )


def _heavy(year: Record) -> int:
    return sum(days for level, days in year["days_by_class"].items() if int(level) >= 5)


def reasons(years: Sequence[Record]) -> Iterator[str]:
    """Why a year or some of its quantities are not assessed, a line a year."""
    for year in years:
        short = {key: each for key, each in year["completeness"].items() if not each["valid"]}
        if not short:
            continue
        which = (
            "no quantity is assessed"
            if len(short) == len(year["completeness"])
            else f"not assessed: {', '.join(short)}"
        )
        key, worst = min(short.items(), key=lambda pair: pair[1]["valid_days"])
        if worst["valid_days"] < worst["needed"]:
            why = f"{key} has {worst['valid_days']} valid days of {worst['needed']}"
        else:
            why = f"too few valid days in {', '.join(worst['months_short'])}"
        yield f"{year['period']}: {which}; {why}{_clause(year)}"


def _clause(year: Record) -> str:
    found = re.search(r"\([A-Z]+ [^()]*", str(year["why_not"]))
    return f" {found[0].strip()})" if found else ""


def _next(folder: Path, page: Path | None) -> None:
    if page is not None:
        print(f"\nThe report: {page.resolve()}")
    said = _program()
    print("\nAsk further:")
    print(f"  {said} assess air --shed {folder} --period 2016 --by jurisdiction")
    print(f"  {said} assess air --shed {folder} --period 2015-12 --unit-of-time day --format csv")
    print(f"  {said} standards diff cn-2012 cn-2026")


def _program() -> str:
    """How this program is called from here: after ``make demo`` it is not on the path."""
    if shutil.which("commonshed"):
        return "commonshed"
    called = Path(sys.argv[0])
    here = Path.cwd()
    if called.name == "commonshed":
        return str(called.relative_to(here) if called.is_relative_to(here) else called)
    return f"{Path(sys.executable).name} -m commonshed"
