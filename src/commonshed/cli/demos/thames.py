"""The Thames, 2009 to 2017: graded, loads and shares of phosphorus and nitrogen, an example bill, a spill drill."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commonshed.cli.demos.steps import ask_further, page_beside, prepared, step
from commonshed.cli.output import MISSING, talk
from commonshed.errors import MissingExtra

if TYPE_CHECKING:
    from commonshed.keep import Shed
    from commonshed.settle import Settlement

__all__ = ["class_table", "headline", "share_lines", "show", "total_lines"]

Record = Mapping[str, Any]

YEAR = 2015
"""The last whole year under the law of England and Wales that we hold."""
REGIMES = ("uk-wfd-2010", "cn-surface")
MOUTH = "TC16"
QUANTITIES = ("tp", "tdn")
LICENCE = (
    "Contains data supplied by UK Centre for Ecology & Hydrology (NERC), Open Government Licence v3.0: Thames "
    "Initiative (Bowes et al. 2018); flows: National River Flow Archive and Environment Agency. Figures are ours."
)
LICENCE_ZH = (
    "数据：英国生态与水文中心（NERC）泰晤士计划（Bowes 等，2018），开放政府许可第3版；"
    "流量：英国国家河流流量档案与环境署。结果由本项目计算。"
)


def show(folder: Path, output: Path | None) -> None:
    """Make the shed in a folder, grade, share out, settle, drill, write the pages, print the summary."""
    began = time.perf_counter()
    page = output or page_beside(folder)
    agreement, scenario = _copied(page, "agreement.toml"), _copied(page, "spill.toml")
    shed = prepared(
        folder, place="thames", name="Thames", zone="+00:00", readings="weekly_2009-2017.parquet", mapping="thames"
    )
    with step(f"grading 23 sections in {YEAR}, under {' and '.join(REGIMES)}", spin=True):
        grades = {regime: _grades(shed, regime) for regime in REGIMES}
    with step(f"loads of {YEAR}, and who upstream brought what passes Runnymede", spin=True) as note:
        shares = _shares(shed)
        note.append(f"{len(shares)} parts")
    with step(f"settling the example agreement for {YEAR}", spin=True) as note:
        bill = _bill(shed, agreement)
        note.append(f"{len(bill.lines)} lines")
    written = _page(shed, page, agreement, scenario)
    talk(f"{time.perf_counter() - began:5.1f} s in all\n")
    print(headline(grades[REGIMES[0]], shares) + "\n")
    print(class_table(grades) + "\n")
    print("\n".join(share_lines(shares)) + "\n")
    print("\n".join(total_lines(list(bill.records()))))
    ask_further(
        written,
        [
            f"assess water --shed {folder} --period {YEAR} --by river --regime cn-surface",
            f"attribute shares --shed {folder} --period {YEAR} --quantity tp --section {MOUTH} --by jurisdiction",
            f"settle {agreement} --shed {folder} --period {YEAR}-07",
            f"spill {scenario} --network thames --plan plan.html",
        ],
    )


def _grades(shed: Shed, regime: str) -> list[Record]:
    from commonshed.assess.water import water

    return list(water(shed, period=str(YEAR), by="section", regime=regime).records())


def _shares(shed: Shed) -> list[Record]:
    from commonshed.attribute.river.shares import shares

    asked = shares(shed, quantity="tp", period=str(YEAR), sections=[MOUTH], by="jurisdiction")
    return list(asked.records())


def _bill(shed: Shed, agreement: Path) -> Settlement:
    from commonshed.settle import load_agreement, settle

    return settle(load_agreement(agreement), shed, period=str(YEAR))


def _copied(page: Path, file: str) -> Path:
    """A file of the demonstration, put beside the page so that whoever likes may change it and ask again."""
    from commonshed import datasets

    own = page.with_name(f"{page.stem}-{file}")
    if not own.exists():
        own.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(datasets.path("thames", file), own)
    return own


def _page(shed: Shed, page: Path, agreement: Path, scenario: Path) -> Path | None:
    try:
        from commonshed.disclose.river.report import Question, write_river_report
        from commonshed.disclose.words import Both
    except MissingExtra as missing:
        talk(f"no report: {missing}")
        return None
    question = Question(
        year=YEAR,
        mouth=MOUTH,
        regimes=REGIMES,
        quantities=QUANTITIES,
        trend="po4p",
        river=Both("Thames", "泰晤士河"),
        agreement=agreement,
        scenario=scenario,
        licence=Both(LICENCE, LICENCE_ZH),
    )
    with step(f"the spill drill with all its measures, its plan, and the report {page}", spin=True):
        return write_river_report(shed, question, page)


def headline(grades: Sequence[Record], shares: Sequence[Record]) -> str:
    """The answer in a sentence or two."""
    from commonshed.standards import regime

    law = regime(REGIMES[0])
    levels = [level for named in law.water.classes for level in named.levels] if law.water else []
    held = [record["class"] for record in grades if record["class"] is not None]
    good = [level for level in held if levels.index(level) <= levels.index(law.level or levels[0])]
    load = shares[0]["load"]
    return (
        f"In {YEAR} {len(good)} of {len(held)} sections of the Thames and its tributaries were {law.level} or better. "
        f"{_round(load['tonnes'])} t of phosphorus passed Runnymede ({_round(load['low'])} to {_round(load['high'])})."
    )


def class_table(grades: Mapping[str, Sequence[Record]]) -> str:
    """Each section under both laws, each with what decided."""
    first, second = (grades[regime] for regime in REGIMES)
    by_section = {record["section"]: record for record in second}
    head = f"{'section':<28}" + "".join(f"{regime:<13}{'decided by':<13}" for regime in REGIMES)
    rows = [
        f"{record['name']['en']:<28}"
        + "".join(
            f"{held['class'] or MISSING:<13}{', '.join(held['deciding']) or MISSING:<13}"
            for held in (record, by_section[record["section"]])
        )
        for record in first
    ]
    return "\n".join(line.rstrip() for line in (head, "─" * 78, *rows))


def share_lines(shares: Sequence[Record]) -> Iterator[str]:
    """Who brought the phosphorus that passes Runnymede, the largest first."""
    yield f"Phosphorus at Runnymede, {YEAR}: share of each catchment, with its 90 % interval"
    ordered = sorted(shares, key=lambda record: (record["of"] == "unexplained", -Decimal(record["share"])))
    for record in ordered:
        if Decimal(record["share"]) or record["of"] == "unexplained":
            name = ((record["of_name"] or {}).get("en") or record["of"]).removesuffix(" (example)")
            band = f"{_percent(record['low'])} to {_percent(record['high'])}"
            yield f"  {name:<32}{_percent(record['share']):>6} %   {band:<14}{record['known']}"


def total_lines(bill: Sequence[Record]) -> Iterator[str]:
    """What each party pays and gets under the example agreement."""
    totals = [record for record in bill if record["record"] == "total"]
    owed = [record for record in bill if record["record"] == "liability" and record["status"] == "open"]
    head = next(record for record in bill if record["record"] == "settlement")
    yield f"{head['title']['en']}, {YEAR} [{head['currency']}]. An example: nobody agreed to it."
    yield f"  {'party':<12}{'pays':>14}{'receives':>14}{'net':>14}"
    for total in totals:
        yield f"  {total['party']:<12}" + "".join(
            f"{Decimal(total[name]):>14,}" for name in ("pays", "receives", "net")
        )
    if owed:
        named = ", ".join(f"{record['section']} ({record['party']}, since {record['opened']})" for record in owed)
        yield f"  still to be restored to the baseline: {named}"


def _percent(share: str | None) -> str:
    return MISSING if share is None else str((Decimal(share) * 100).quantize(Decimal("0.1")))


def _round(tonnes: str) -> str:
    return str(Decimal(tonnes).quantize(Decimal(1)))
