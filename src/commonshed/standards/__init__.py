"""The law as dated data: editions, the regimes they form, and which of them governs a day and a place.

>>> from datetime import date
>>> law = regime_for(date(2016, 3, 5), "110105")
>>> law.id, str(law.value("pm25", "year", date(2016, 3, 5)))
('cn-2012', '35')
"""

from commonshed.standards.governing import admit, regime_for
from commonshed.standards.library import digest, edition, editions, load_edition, source_text
from commonshed.standards.lineage import known_to_laws, lineage
from commonshed.standards.lookup import category, sub_index
from commonshed.standards.parts import Provenance, Text, written
from commonshed.standards.regimes import Regime, regime, regimes
from commonshed.standards.schema import Assessment, Band, Category, Edition, Index, IndexTable, Limit, Statistic

__all__ = [
    "Assessment",
    "Band",
    "Category",
    "Edition",
    "Index",
    "IndexTable",
    "Limit",
    "Provenance",
    "Regime",
    "Statistic",
    "Text",
    "admit",
    "category",
    "digest",
    "edition",
    "editions",
    "known_to_laws",
    "lineage",
    "load_edition",
    "regime",
    "regime_for",
    "regimes",
    "source_text",
    "sub_index",
    "written",
]
