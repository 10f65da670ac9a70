"""One shed of the Thames and one report of it for all tests, made once a run from the shipped samples."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from functools import cache
from html import unescape
from pathlib import Path
from tempfile import mkdtemp
from urllib.parse import unquote

from commonshed import datasets
from commonshed.disclose.river.report import Content, Question, gather, render
from commonshed.disclose.river.report.render import PACKAGE
from commonshed.disclose.words import Both, Words
from commonshed.keep import Shed
from commonshed.observe import ingest
from commonshed.places import shipped

YEAR = 2015
QUESTION = Question(
    year=YEAR,
    mouth="TC16",
    regimes=("uk-wfd-2010", "cn-surface"),
    quantities=("tp", "tdn"),
    trend="po4p",
    river=Both("Thames", "泰晤士河"),
    years=(2013, 2014, 2015, 2016),
    agreement="thames-example",
    scenario=datasets.path("thames", "spill.toml"),
    draws=60,
    members=20,
    licence=Both("Open Government Licence v3.0", "开放政府许可第3版"),
)
"""What the demonstration asks, with fewer years and fewer runs."""


@cache
def shed() -> Shed:
    """The samples of 23 sections, 2009 to 2017."""
    made = Shed.create(Path(mkdtemp(prefix="river-")) / "thames", name="Thames", zone="+00:00")
    made.publish_network(shipped("thames"))
    ingest(made, [datasets.path("thames", "weekly_2009-2017.parquet")], "thames")
    return made


@cache
def content() -> Content:
    """What the report says."""
    return gather(shed(), QUESTION, plan="thames-plan.html")


@cache
def page() -> str:
    """The report in both languages."""
    return render(content())


@cache
def words() -> Words:
    """The sentences of the report."""
    return Words(("en", "zh"), PACKAGE)


def part(name: str) -> str:
    """The section of the page with that id."""
    found = re.search(rf'<section id="{name}".*?</section>', page(), re.DOTALL)
    assert found is not None, name
    return found[0]


def said(html: str, language: str = "en") -> str:
    """What a reader of one language reads, without markup."""
    other = {"en": "zh-Hans", "zh": "en"}[language]
    shown = re.sub(rf'<(t?span) lang="{other}">.*?</\1>', "", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", shown))).strip()


def rows(html: str, language: str = "en") -> list[list[str]]:
    """The body rows of the first table in a piece of the page."""
    body = re.search(r"<tbody>(.*?)</tbody>", html, re.DOTALL)
    assert body is not None
    return [
        [said(cell, language) for cell in re.findall(r"<t[hd][ >].*?</t[hd]>", row, re.DOTALL)]
        for row in re.findall(r"<tr.*?</tr>", body[1], re.DOTALL)
    ]


def linked(name: str) -> list[dict[str, str]]:
    """The rows of the data link with that file name."""
    found = re.search(rf'download="{name}\.csv" href="data:text/csv;charset=utf-8,([^"]*)"', page())
    assert found is not None, name
    return list(csv.DictReader(io.StringIO(unquote(unescape(found[1])).lstrip("\ufeff"))))


def named(records: Sequence[dict[str, str]], **values: str) -> dict[str, str]:
    """The one row with these values."""
    (found,) = [record for record in records if all(record[key] == value for key, value in values.items())]
    return found
