"""Look after a shed: ``commonshed init`` and ``commonshed shed …``."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import App, Parameter

from commonshed.cli.output import FormatOption, OutputOption, Record, is_table, progress, talk, write
from commonshed.errors import InputError, ShedDamaged
from commonshed.keep import Shed, ShedStatus
from commonshed.keep.checking import check as full_check
from commonshed.keep.chunks import write_chunks
from commonshed.keep.log.migrating import migrate as migrate_shed
from commonshed.keep.problems import CheckReport
from commonshed.periods import Zone
from commonshed.places import Network, network_from, shipped
from commonshed.units import quantities, quantity, value_text

__all__ = ["LengthOption", "ShedOption", "StartOption", "StationOption", "StatisticOption", "app", "init", "second_of"]

app = App(name="shed", help="Look after a shed: what is in it, sealing, repacking, corrections.")

ShedOption = Annotated[Path, Parameter(name="--shed", help="Folder of the shed.")]
StationOption = Annotated[str, Parameter(help="Id of the station.")]
QuantityOption = Annotated[str, Parameter(name="--quantity", help="As in readings: pm25.")]
StartOption = Annotated[
    str, Parameter(help="Start of the reading: 2016-03-05T08:00, in the shed's zone unless it names its own.")
]
StatisticOption = Annotated[str, Parameter(help="mean, min, max, sum …")]
LengthOption = Annotated[
    int | None,
    Parameter(name="--length", help="Length of the reading; needed where several start then. [s]"),
]


def init(
    path: Annotated[Path, Parameter(help="Folder to make.")],
    *,
    name: Annotated[str | None, Parameter(help="Name of the shed; without it the folder's.")] = None,
    zone: Annotated[str | None, Parameter(help="Zone in which days are counted: +08:00 or Asia/Shanghai.")] = None,
    place: Annotated[str | None, Parameter(help="A network that comes with the package: beijing, thames.")] = None,
    stations: Annotated[Path | None, Parameter(help="CSV or GeoJSON file of your own stations.")] = None,
    polygons: Annotated[Path | None, Parameter(help="GeoJSON file of your own jurisdictions.")] = None,
    rivers: Annotated[Path | None, Parameter(help="CSV or GeoJSON file of your own rivers.")] = None,
) -> None:
    """Make an empty shed: the folder that holds all a node knows.

    Example: commonshed init my-shed --place beijing
    """
    network = _network(place, stations, polygons, rivers)
    if zone is None:
        if network is None:
            raise InputError(
                "it is not said in which zone days are counted", field="--zone", mend="Write --zone +08:00"
            )
        zone = str(network.zone)
    shed = Shed.create(path, name=name or path.resolve().name, zone=zone)
    if network is not None:
        shed.publish_network(network)
        talk(f"{len(network.stations)} stations in {len(network.jurisdictions)} jurisdictions published")
    talk(f"shed {shed.name!r} made in {path}, days counted in {shed.zone}")


@app.command
def status(
    shed: ShedOption,
    *,
    check: Annotated[
        bool, Parameter(negative="", help="Also compare every file with the log, digest by digest.")
    ] = False,
    format: FormatOption = None,
    output: OutputOption = None,
) -> int:
    """What is in a shed: its log, readings per quantity, flags by reason, what waits to be sealed.

    With --check it also says of everything that a figure depends on whether it is as the log says, and ends with 2 when
    it is not; each problem is told with its file, its entry and, among rows, its chunk.

    Example: commonshed shed status --shed my-shed --check
    """
    report = _checked(shed) if check else None
    try:
        found = Shed.open(shed).status()
    except ShedDamaged:
        if report is None or report.whole:
            raise
        _tell(report)
        return 2
    record = _status_record(found)
    if report is not None:
        record["checked"] = report.packs
        record["problems"] = [str(problem) for problem in report.problems]
        record["notes"] = [str(note) for note in report.notes]
    write(_lines(record, found) if is_table(format, output) else [record], format=format, output=output)
    if report is None:
        return 0
    _tell(report)
    return 0 if report.whole else 2


@app.command
def seal(
    shed: ShedOption, *, wait: Annotated[float, Parameter(help="Seconds to wait for another sealer.")] = 0
) -> None:
    """Seal what was received: journals of all processes become segments.

    Example: commonshed shed seal --shed my-shed
    """
    report = Shed.open(shed).seal(wait=wait)
    talk(f"{report.new} new, {report.corrected} corrected, {report.unchanged} unchanged; log size {report.size}")
    if report.overruled:
        talk(f"{report.overruled} differ from a person's correction, which stands")


@app.command
def migrate(shed: ShedOption) -> None:
    """Carry a shed of an earlier version over to the signed log. Nothing it holds changes; it can be run again.

    Example: commonshed shed migrate --shed my-shed
    """
    done = migrate_shed(shed)
    if done.already:
        talk(f"{shed} has the signed log already; nothing was to be done")
        return
    talk(f"{done.entries} entries are in the signed log now, at the positions they had; the old file is kept as")
    talk(f"{shed / 'log' / 'manifest.jsonl.migrated'}. A key was made in {shed / 'keys'}: keep a copy of it, see")
    talk("commonshed key --help")


@app.command
def repack(
    shed: ShedOption, *, wait: Annotated[float, Parameter(help="Seconds to wait for another sealer.")] = 0
) -> None:
    """Bring the small packs of each month together. What was measured stays as it is.

    Example: commonshed shed repack --shed my-shed
    """
    report = Shed.open(shed).repack(wait=wait)
    talk(f"{report.packs_before} packs of {len(report.months)} months became {report.packs_after}")


@app.command
def correct(
    shed: ShedOption,
    *,
    station: StationOption,
    of: QuantityOption,
    start: StartOption,
    reason: Annotated[str, Parameter(help="Why.")],
    author: Annotated[str, Parameter(help="Who says so.")],
    value: Annotated[str | None, Parameter(help="The right value in the quantity's own unit, or <0.025.")] = None,
    flag: Annotated[Literal["valid", "suspect", "invalid"] | None, Parameter(help="The right flag.")] = None,
    statistic: StatisticOption = "mean",
    length: LengthOption = None,
) -> None:
    """Put one reading right. The old one stays readable: commonshed shed history.

    Example: commonshed shed correct --shed my-shed --station dongsi --quantity pm25 --start 2016-03-05T08:00
    --flag invalid --reason "power cut, logbook of 5 March" --author "Li Na"
    """
    opened = Shed.open(shed)
    opened.correct(
        station=station, quantity=quantity(of).id, start=second_of(start, opened.zone), statistic=statistic,
        period=length, value=value, flag=flag, reason=reason, author=author,
    )  # fmt: skip
    talk(f"corrected; log size {opened.size}")


@app.command
def history(
    shed: ShedOption,
    *,
    station: StationOption,
    of: QuantityOption,
    start: StartOption,
    format: FormatOption = None,
    output: OutputOption = None,
) -> None:
    """Everything that was ever kept of one reading, oldest first; the last line counts.

    Example: commonshed shed history --shed my-shed --station dongsi --quantity pm25 --start 2016-03-05T08:00
    """
    opened = Shed.open(shed)
    second = second_of(start, opened.zone)
    table = opened.readings(
        stations=[station], quantities=[quantity(of).id], start=second, end=second + 1, history=True
    )
    records = [_history_record(row, opened.zone) for row in table.to_pylist()]
    write(records, format=format, output=output, columns=_HISTORY)


@app.command
def rows(
    shed: ShedOption,
    *,
    segment: Annotated[
        list[int] | None, Parameter(negative="", help="Entry of the log; may be repeated. Without it every segment.")
    ] = None,
    output: Annotated[Path, Parameter(name=["--output", "-o"], help="Folder to write to: a file N.txt an entry N.")],
) -> None:
    """Write rows as the text in which they are digested, so that anybody can compare them with the log.

    docs/formats/readings.md says how: a chunk begins with its header line; its hash is SHA-256 of a zero byte and its
    text, and the hashes of a segment make the row digest in its entry.

    Example: commonshed shed rows --shed my-shed --segment 12 -o rows
    """
    opened = Shed.open(shed)
    output.mkdir(parents=True, exist_ok=True)
    positions = segment or [entry.position for entry in opened.entries if entry.kind == "segment"]
    with progress("writing rows") as advance:
        for done, position in enumerate(positions, 1):
            write_chunks(output / f"{position}.txt", opened.chunks(position))
            advance(done, len(positions))
    talk(f"{len(positions)} segments written to {output}")


_SHORT = 20  # columns of a rule's id, of the beginning of a person's reason or of a digest
_HISTORY = [
    "position",
    "length",
    "value",
    "unit",
    "qualifier",
    "flag",
    "status",
    "reason",
    "author",
    "recorded",
    "origin",
]


def _checked(path: Path) -> CheckReport:
    if not path.is_dir():
        Shed.open(path)  # says that there is none
    with progress("comparing packs with the log") as advance:
        return full_check(path, advance)


def _tell(report: CheckReport) -> None:
    for note in report.notes:
        talk(f"beside the log: {note}")
    for problem in report.problems:
        talk(str(problem))
    compared = f"{report.packs} packs with {report.rows:,} readings, {report.documents} documents"
    verdict = "all as the log says" if report.whole else f"{len(report.problems)} not as the log says"
    talk(f"{compared}, {report.files} files of the log of {report.size} entries: {verdict}")


def _network(place: str | None, stations: Path | None, polygons: Path | None, rivers: Path | None) -> Network | None:
    if place is not None:
        if (stations, polygons, rivers) != (None, None, None):
            raise InputError("a shipped place comes with its stations", field="--place", mend="Leave out --stations")
        return shipped(place)
    if stations is None:
        if polygons is not None:
            raise InputError("polygons need stations", field="--polygons", mend="Add --stations FILE")
        if rivers is not None:
            raise InputError("rivers need sections", field="--rivers", mend="Add --stations FILE")
        return None
    return network_from(stations=stations, polygons=polygons, rivers=rivers)


def second_of(text: str, zone: Zone) -> int:
    """An instant as typed, in a zone unless it names its own. [UTC s]

    Raises
    ------
    InputError
        It is none.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InputError("no such time", field="--start", value=text, mend="Write 2016-03-05T08:00") from None
    if moment.tzinfo is not None:
        return int(moment.timestamp())
    return int(moment.replace(tzinfo=UTC).timestamp()) - zone.minutes * 60


def _status_record(found: ShedStatus) -> dict[str, Any]:
    record = asdict(found)
    record["zone"] = str(found.zone)
    for name in ("first", "last"):
        record[name] = None if record[name] is None else found.zone.text(record[name])
    return record


def _lines(record: Record, found: ShedStatus) -> list[Record]:
    """A line a figure, short enough for a page; JSON has the whole texts."""
    lines: list[Record] = []
    for name, value in record.items():
        if name == "flags":
            lines += [{"what": f"flags: {flag}", "value": count} for flag, count in found.by_flag().items()]
            lines += [
                {"what": f"reason (a reading may have several): {flag}, {_short(reason)}", "value": count}
                for (flag, reason), count in found.by_reason().items()
            ]
        elif isinstance(value, list):
            lines.append({"what": name, "value": len(value)})
        elif isinstance(value, dict):
            lines += [{"what": f"{name}: {part}", "value": count} for part, count in value.items()]
        else:
            lines.append({"what": name, "value": _short(value) if name == "places" and value else value})
    return lines


def _short(text: object) -> str:
    from rich.cells import chop_cells

    first, *rest = chop_cells(str(text), _SHORT)
    return f"{first}…" if rest else first


def _history_record(row: dict[str, Any], zone: Zone) -> Record:
    of = quantities().get(row["quantity"])
    return {
        "position": row["position"],
        "station": row["station"],
        "quantity": row["quantity"],
        "statistic": row["statistic"],
        "start": zone.text(row["start"]),
        "length": row["period"],
        "value": str(row["ticks"]) if of is None else value_text(row["ticks"], of),
        "unit": None if of is None else of.unit,
        **{name: row[name] for name in ("qualifier", "flag", "status", "reason", "raw", "author", "mapping", "origin")},
        "recorded": zone.text(row["recorded"]),
    }
