"""Settle: compensation agreements as data, exact money, and bills that show what they rest on.

An agreement names parties, sections, rules and what happens when samples are missing, a flood comes or a reading is
disputed. A settlement looks at everything before it gives a figure, and each of its lines can be recomputed by hand.
"""

from commonshed.settle.agreement import Agreement, Event, Party, Section, Target
from commonshed.settle.bill import Liability, Line, Settlement, Status, Total, headline
from commonshed.settle.gathering import shares_of_records
from commonshed.settle.library import agreement, agreements, digest, load_agreement, load_events, parse, source_text
from commonshed.settle.measured import UNEXPLAINED, Measured, ShareOf, Value, Volume
from commonshed.settle.money import Amount, MoneyRule, UnitPrice, allot, published
from commonshed.settle.settling import settle, settle_measured

__all__ = [
    "UNEXPLAINED",
    "Agreement",
    "Amount",
    "Event",
    "Liability",
    "Line",
    "Measured",
    "MoneyRule",
    "Party",
    "Section",
    "Settlement",
    "ShareOf",
    "Status",
    "Target",
    "Total",
    "UnitPrice",
    "Value",
    "Volume",
    "agreement",
    "agreements",
    "allot",
    "digest",
    "headline",
    "load_agreement",
    "load_events",
    "parse",
    "published",
    "settle",
    "settle_measured",
    "shares_of_records",
    "source_text",
]
