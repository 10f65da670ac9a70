"""``commonshed spill``: when it is where, what can still be done, and who is called."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter
from cyclopts.validators import Number

from commonshed.cli.output import FormatOption, OutputOption, Record, file_to_write, is_table, talk, write

if TYPE_CHECKING:
    from commonshed.attribute.river.response import Response
    from commonshed.places import Network, Rivers

__all__ = ["spill"]

_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}Z")

Part = Literal["arrivals", "response", "timetable", "calls"]

_COLUMNS: dict[Part, dict[str, str]] = {
    "arrivals": {
        "name.en": "place", "kind": "kind", "distance_m": "m below", "arrival": "arrives [ZONE]", "arrival_h": "h",
        "arrival_h_90": "90 % [h]", "peak": "peak", "unit": "unit", "peak_90": "90 %", "passed_h": "passed [h]",
        "with_response.peak": "peak, acting", "cut": "cut",
    },
    "response": {
        "rank": "order", "name.en": "point", "kind": "kind", "standing": "standing", "ready": "ready [ZONE]",
        "water_arrives": "water [ZONE]", "in_order.from": "acts from", "in_order.to": "to", "in_order.share": "stops",
    },
    "timetable": {
        "at": "at [ZONE]", "hours": "h", "event": "event", "name.en": "place", "value": "value", "rank": "order",
    },
    "calls": {
        "by": "by [ZONE]", "role.en": "role", "about": "about", "name.en": "place", "what.en": "what", "late": "late",
    },
}  # fmt: skip


def spill(
    scenario: str,
    *,
    network: Annotated[
        str | None,
        Parameter(help="A network that is shipped, such as thames, or a file of reaches; else the scenario's own."),
    ] = None,
    at: Annotated[
        tuple[str, ...],
        Parameter(negative=(), show_default=False, help="A mark or node to look at instead of all; may be repeated."),
    ] = (),
    members: Annotated[
        int | None,
        Parameter(
            validator=Number(gte=0), help="Runs that make the bands; 0 for none, else as many as the scenario says."
        ),
    ] = None,
    part: Annotated[Part, Parameter(help="What to write: arrivals, response points, timetable or calls.")] = "arrivals",
    plan: Annotated[
        Path | None, Parameter(help="Also write the plan: one HTML page, to be printed.", validator=file_to_write)
    ] = None,
    language: Annotated[Literal["en", "zh", "both"], Parameter(help="Languages of the plan.")] = "both",
    format: FormatOption = None,
    output: OutputOption = None,
) -> None:
    """Forecast a spill down a river, try every response point, and write the plan.

    Example: commonshed spill thames --plan plan.html

    On files: commonshed spill drill.toml --network rivers.csv --members 200 --format json

    Parameters
    ----------
    scenario
        File of the spill, or the name of a data set that comes with a drill: thames.
    """
    from commonshed.attribute.river import response as answers

    asked = answers.read_scenario(scenario)
    setting = answers.set_on(_network(network or asked.network, scenario), asked, at=at)
    found = answers.respond(setting, members=members)
    if plan is not None:
        from commonshed.disclose.river import write_plan

        languages: list[Literal["en", "zh"]] = ["en", "zh"] if language == "both" else [language]
        talk(f"{write_plan(found, plan, languages=languages)}: open it in a browser and print it on A4")
    talk(_headline(found))
    if not found.arrivals:
        talk("No section, intake, border or town lies below the spill: name places with --at, or as [[watch]].")
    records = {
        "arrivals": answers.arrival_records,
        "response": answers.measure_records,
        "timetable": answers.timetable_records,
        "calls": answers.call_records,
    }[part](found)
    heads = {name: head.replace("ZONE", found.setting.scenario.zone) for name, head in _COLUMNS[part].items()}
    shown = [_on_the_clock(record, found) for record in records] if is_table(format, output) else records
    write(shown, format=format, output=output, columns=list(heads), heads=heads)


def _on_the_clock(record: Record, found: Response) -> Record:
    """With its instants on the clock of the scenario's zone, as in the plan."""
    zone = found.setting.scenario.clock

    def told(value: object) -> object:
        if isinstance(value, dict):
            return {key: told(inner) for key, inner in value.items()}
        if isinstance(value, str) and _INSTANT.fullmatch(value):
            return f"{datetime.fromisoformat(value).astimezone(zone):%Y-%m-%d %H:%M}"
        return value

    return {key: told(value) for key, value in record.items()}


def _network(name: str | None, scenario: str) -> Network | Rivers:
    from commonshed.errors import InputError
    from commonshed.places import read_rivers, shipped

    if name is None:
        raise InputError("a spill needs a river", mend="Add --network FILE, or network = 'thames' to the scenario")
    for path in (Path(name), Path(scenario).parent / name):
        if path.is_file():
            return read_rivers(path)
    if Path(name).suffix:
        raise InputError("there is no such file of reaches", field="network", value=name, mend="Check the path")
    return shipped(name)


def _headline(found: Response) -> str:
    scenario = found.setting.scenario
    reached = [arrival for arrival in found.arrivals if arrival.reached]
    able = sum(measure.rank is not None for measure in found.measures)
    return (
        f"{scenario.name.en} ({scenario.kind}, simulated): {len(reached)} of {len(found.arrivals)} places are reached "
        f"within {scenario.hours:g} h; {able} of {len(found.measures)} response points can still act."
    )
