"""Rivers: how much passes a section, whose it is, and when a spill arrives.

Each question has a module or package of its own: `commonshed.attribute.river.loads`,
`commonshed.attribute.river.shares` …
"""

from commonshed.attribute.river.decay import Decay
from commonshed.attribute.river.loads import METHODS, Gap, Load, LoadAssessment, loads
from commonshed.attribute.river.shares import SectionShares, ShareAssessment, shares
from commonshed.attribute.river.sources import DeclaredSource, read_sources
from commonshed.attribute.river.transfer import Transfer, transfer
from commonshed.attribute.river.traveltime import TravelTime, travel_times

__all__ = [
    "METHODS",
    "Decay",
    "DeclaredSource",
    "Gap",
    "Load",
    "LoadAssessment",
    "SectionShares",
    "ShareAssessment",
    "Transfer",
    "TravelTime",
    "loads",
    "read_sources",
    "shares",
    "transfer",
    "travel_times",
]
