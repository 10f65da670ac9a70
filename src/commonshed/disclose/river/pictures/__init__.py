"""Pictures of rivers: pure functions from plain data to inline SVG, a text alternative and the numbers."""

from commonshed.disclose.river.pictures.arrivals import Passage, arrival_chart
from commonshed.disclose.river.pictures.drawn import Cells, Drawn
from commonshed.disclose.river.pictures.layout import Layout, lay_out
from commonshed.disclose.river.pictures.loads import Estimate, Loaded, load_chart
from commonshed.disclose.river.pictures.profile import Along, Field, profile_over_time, profiles
from commonshed.disclose.river.pictures.river_map import can_be_mapped, river_map
from commonshed.disclose.river.pictures.schematic import Stop, schematic
from commonshed.disclose.river.pictures.shares import ShareBar, share_bars

__all__ = [
    "Along",
    "Cells",
    "Drawn",
    "Estimate",
    "Field",
    "Layout",
    "Loaded",
    "Passage",
    "ShareBar",
    "Stop",
    "arrival_chart",
    "can_be_mapped",
    "lay_out",
    "load_chart",
    "profile_over_time",
    "profiles",
    "river_map",
    "schematic",
    "share_bars",
]
