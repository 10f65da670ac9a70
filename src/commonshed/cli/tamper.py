"""``commonshed tamper-drill``: somebody changes one hour of the past, on a copy, and we see who notices."""

from __future__ import annotations

import json
import sys
import tempfile
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

from commonshed.cli.demos.beijing import made
from commonshed.cli.output import talk
from commonshed.cli.shed import QuantityOption, StartOption, StationOption, second_of

if TYPE_CHECKING:
    from commonshed.keep import Shed
    from commonshed.simulate.drill import Drill, Look, Scene

__all__ = ["app"]

app = App(
    name="tamper-drill",
    help="Change one hour of the past, on a copy, and see who notices.\n\nExample: commonshed tamper-drill --lang zh",
)

Language = Literal["en", "zh"]
_MARKS = {True: "✓", False: "✗"}
_WIDTH: dict[Language, int] = {"en": 100, "zh": 50}
"""Columns of a line; a Chinese character takes two."""
ValueOption = Annotated[str, Parameter(help="What it is to be, in the quantity's own unit.")]


@app.default
def tamper_drill(
    *,
    shed: Annotated[
        Path | None, Parameter(name="--shed", help="A shed of air; without it demo/beijing, made if need be.")
    ] = None,
    folder: Annotated[
        Path | None, Parameter(help="New folder for the copy and everybody's papers; without it a temporary one.")
    ] = None,
    station: StationOption = "Dongsi",
    of: QuantityOption = "pm25",
    start: StartOption = "2016-12-20T10:00",
    value: ValueOption = "75",
    lang: Annotated[Language, Parameter(help="Language.")] = "en",
    format: Annotated[Literal["text", "json"], Parameter(help="For people, or for machines.")] = "text",
) -> int:
    """Change one hour of a copy of a shed, sign its log anew with its own key, and show who notices, when and how.

    Before that, all goes as every month: a statement is published, a neighbour pulls, checks and cosigns, a court gets
    a proof. Ends with code 0 when everybody but the node itself noticed.

    Example: commonshed tamper-drill --lang zh
    """
    from commonshed.simulate.drill import Reading, drill, ticks_of

    source = _source(shed)
    at = second_of(start, source.zone)
    reading = Reading(station, of, at, ticks_of(of, value))
    month = source.zone.text(at)[:7]
    place = folder or Path(tempfile.mkdtemp(prefix="commonshed-drill-")) / "drill"
    quiet = format == "json"
    done = drill(source.path, place, reading, month=month, told=lambda each: None if quiet else _tell(each, lang))
    if quiet:
        json.dump(_content(done), sys.stdout, ensure_ascii=False, indent=1)
        print()
    else:
        _end(done, lang)
    return 0 if done.noticed == len(done.looks) - 1 else 3


@app.command
def copy(
    shed: Annotated[Path, Parameter(help="Folder of the shed.")],
    to: Annotated[Path, Parameter(help="Folder to make.")],
) -> None:
    """Copy a shed, key and all, and mark the copy as one that a drill may spoil.

    Example: commonshed tamper-drill copy my-shed spoiled
    """
    from commonshed.simulate.drill import copy_for_drill

    copy_for_drill(shed, to)
    talk(f"{to} is a copy for a drill. Change it: commonshed tamper-drill edit {to} --station …")


@app.command
def edit(
    copy: Annotated[Path, Parameter(help="A copy made by tamper-drill copy; nothing else is ever changed.")],
    *,
    station: StationOption,
    of: QuantityOption,
    start: StartOption,
    value: ValueOption,
    sign: Annotated[bool, Parameter(help="Sign the whole log anew, so that the copy agrees with itself.")] = True,
) -> None:
    """Change one reading of a copy where it lies, as if it had always been so.

    Example: commonshed tamper-drill edit spoiled --station TC18 --quantity tp --start 2015-07-06T14:00 --value 0.05
    """
    from commonshed.keep import Shed
    from commonshed.simulate.drill import edit_quietly, sign_anew, ticks_of

    at = second_of(start, Shed.open(copy).zone)
    done = edit_quietly(copy, station=station, quantity=of, start=at, value=ticks_of(of, value))
    if sign:
        sign_anew(copy, done)
    talk(f"entry {done.position}: {of} at {station} changed{', and everything signed anew' if sign else ''}")


def _source(shed: Path | None) -> Shed:
    if shed is None:
        return made(Path("demo") / "beijing")
    from commonshed.keep import Shed

    return Shed.open(shed)


def _tell(told: Look | Scene, lang: Language) -> None:
    from commonshed.simulate.drill import Look

    if isinstance(told, Look):
        said = textwrap.fill(told.text(lang), width=_WIDTH[lang], initial_indent="    ", subsequent_indent="    ")
        print(f"{_MARKS[told.notices]} {told.name(lang)}  ({told.seconds:.1f} s)\n{said}\n", flush=True)
    else:
        print(f"{textwrap.fill(told.text(lang), width=_WIDTH[lang])}\n", flush=True)


def _end(done: Drill, lang: Language) -> None:
    from commonshed.simulate.drill import said

    print(said("end.title", lang, count=done.noticed, all=len(done.looks)), flush=True)
    talk(f"the copy, the neighbour, the statement and the proof lie in {done.folder}")


def _content(done: Drill) -> dict[str, object]:
    """As plain data."""
    return {
        "format": "commonshed-drill/1",
        "reading": {"station": done.edit.station, "quantity": done.edit.quantity, "start": done.hour},
        "before": done.before,
        "after": done.after,
        "unit": done.unit,
        "entry": done.edit.position,
        "size": done.size,
        "looks": [
            {
                "who": look.who,
                "notices": look.notices,
                "seconds": f"{look.seconds:.3f}",
                "text": {"en": look.text("en"), "zh": look.text("zh")},
            }
            for look in done.looks
        ],
        "folder": str(done.folder),
    }
