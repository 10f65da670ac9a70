"""Beijing's air, 2013 to 2017: every year under the law of its time and under today's, the official figures beside."""

from __future__ import annotations

import re
import time
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commonshed.cli.demos.steps import ask_further, page_beside, prepared, step
from commonshed.cli.output import MISSING, talk
from commonshed.errors import MissingExtra

if TYPE_CHECKING:
    from commonshed.keep import Shed

__all__ = ["headline", "made", "reasons", "show", "year_table"]

Record = Mapping[str, Any]

CITY = "110000"
PERIOD = "2013..2017"
AGAINST = "cn-2026"


def show(folder: Path, output: Path | None) -> None:
    """Make the shed in a folder, assess, write the page, print the summary."""
    began = time.perf_counter()
    shed = made(folder)
    with step(f"assessing {PERIOD.replace('..', ' to ')}, under the law of its time and {AGAINST}"):
        years = _years(shed)
    written = _report(shed, output or page_beside(folder))
    talk(f"{time.perf_counter() - began:5.1f} s in all\n")
    _summary(years, _bulletin())
    ask_further(
        written,
        [
            f"assess air --shed {folder} --period 2016 --by jurisdiction",
            f"assess air --shed {folder} --period 2015-12 --unit-of-time day --format csv",
            "standards diff cn-2012 cn-2026",
        ],
    )


def made(folder: Path) -> Shed:
    """The shed of Beijing with its readings; made the first time, opened afterwards."""
    return prepared(
        folder,
        place="beijing",
        name="Beijing",
        zone="+08:00",
        readings="prsa_20130301-20170228.parquet",
        mapping="prsa",
    )


def _years(shed: Shed) -> list[Record]:
    from commonshed.assess.air import air

    assessed = air(shed, period=PERIOD, by="jurisdiction", unit_of_time="year", against=AGAINST)
    return [record for record in assessed.records() if record["jurisdiction"] == CITY]


def _report(shed: Shed, page: Path) -> Path | None:
    try:
        from commonshed.disclose.report import write_report
    except MissingExtra as missing:
        talk(f"no report: {missing}")
        return None
    with step(f"writing the report {page}"):
        return write_report(shed, PERIOD, page)


def _bulletin() -> dict[str, Record]:
    from commonshed import datasets

    text = datasets.path("beijing", "bulletin.toml").read_text("utf-8")
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
