"""Response to a spill: which points can still act, what each would cut, in which order, and who is called by when."""

from commonshed.attribute.river.response.acting import Action, Standing, act, standing
from commonshed.attribute.river.response.points import Point, Watched
from commonshed.attribute.river.response.records import (
    arrival_records,
    call_records,
    measure_records,
    timetable_records,
)
from commonshed.attribute.river.response.responding import Measure, Response, harm, respond
from commonshed.attribute.river.response.scenario import Scenario, read_scenario
from commonshed.attribute.river.response.setting import Setting, set_on
from commonshed.attribute.river.response.timetable import CallLine, Event, calls, timetable

__all__ = [
    "Action",
    "CallLine",
    "Event",
    "Measure",
    "Point",
    "Response",
    "Scenario",
    "Setting",
    "Standing",
    "Watched",
    "act",
    "arrival_records",
    "call_records",
    "calls",
    "harm",
    "measure_records",
    "read_scenario",
    "respond",
    "set_on",
    "standing",
    "timetable",
    "timetable_records",
]
