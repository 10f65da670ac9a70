"""Observe: readings arrive, by a declared mapping, are checked, and kept for good."""

from __future__ import annotations

from commonshed.observe.ingesting import FileReport, IngestReport, ingest
from commonshed.observe.mapping import Mapping, load_mapping, mappings
from commonshed.observe.parcel import Reject
from commonshed.observe.quality import Rules, load_rules
from commonshed.observe.reading import Reading, read, read_files

__all__ = [
    "FileReport",
    "IngestReport",
    "Mapping",
    "Reading",
    "Reject",
    "Rules",
    "ingest",
    "load_mapping",
    "load_rules",
    "mappings",
    "read",
    "read_files",
]
