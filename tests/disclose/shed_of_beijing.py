"""One shed of Beijing for all tests of the report, made once a run from the shipped readings."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from commonshed import datasets
from commonshed.disclose.report import Content, gather, render
from commonshed.keep import Shed
from commonshed.observe import ingest
from commonshed.places import shipped


@cache
def shed() -> Shed:
    """Twelve stations, March 2013 to February 2017."""
    made = Shed.create(Path(mkdtemp(prefix="report-")) / "beijing", name="Beijing", zone="+08:00")
    made.publish_network(shipped("beijing"))
    ingest(made, [datasets.path("beijing", "prsa_20130301-20170228.parquet")], "prsa")
    return made


@cache
def content(period: str = "2016") -> Content:
    """What the report of a period says."""
    return gather(shed(), period)


@cache
def page(period: str = "2016") -> str:
    """The report of a period in both languages."""
    return render(content(period))
