"""Give readings to others: ``commonshed share …``, ``commonshed serve-node``, ``commonshed publish``."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from commonshed.cli.output import PORT, FormatOption, OutputOption, Record, is_table, progress, talk, write
from commonshed.disclose.federation.audience import Audience, audience_named
from commonshed.disclose.federation.sharing import (
    Answer,
    ask,
    audiences,
    in_force,
    rule_text,
    set_rule,
    shipped,
    unknown_names,
)
from commonshed.errors import InputError
from commonshed.keep import Shed

if TYPE_CHECKING:
    from commonshed.keep.release import Ruling

__all__ = ["app", "publish", "serve_node"]

app = App(
    name="share",
    help="Say who may have which readings: list, show, set, check the sharing rule.\n\n"
    "Example: commonshed share set beijing --shed my-shed",
)

ShedOption = Annotated[Path, Parameter(name="--shed", help="Folder of the shed.")]
_CHECK = ["audience", "gets", "release", "delay", "rule", "use", "overruled"]
_LIST = ["rank", "rule", "of", "quantities", "release", "delay", "partners", "use"]


@app.command(name="list")
def list_(*, shed: ShedOption, format: FormatOption = None, output: OutputOption = None) -> None:
    """The rules in force, in the order in which they stand; examples that come with the package where there are none.

    Example: commonshed share list --shed my-shed
    """
    opened = Shed.open(shed)
    ruling = in_force(opened)
    if ruling.document is None:
        talk("nothing is shared: no sharing rule is in force, so every reading is internal")
        for name, title in shipped().items():
            talk(f"an example comes with the package: commonshed share set {name} --shed {shed} ({title})")
    else:
        talk(f"{ruling.document.title.en}, in force since {ruling.document.in_force_from.isoformat()}")
        for name in unknown_names(opened, ruling):
            talk(f"the places in force do not hold the {name}, which a rule names: the rule does nothing there")
    write(_rules(ruling), format=format, output=output, columns=_LIST)


@app.command
def show(
    name: Annotated[str | None, Parameter(help="An example that comes with the package, or a file.")] = None,
    *,
    shed: Annotated[Path | None, Parameter(name="--shed", help="Show the rule in force in this shed.")] = None,
) -> None:
    """The text of a sharing rule: that in force in a shed, a file, or an example to begin with.

    Example: commonshed share show beijing
    """
    if (name is None) == (shed is None):
        raise InputError("one rule is shown", mend=f"Name a shed, a file or an example: {', '.join(shipped())}")
    if shed is None:
        text, _ = rule_text(str(name))
    else:
        opened = Shed.open(shed)
        ruling = in_force(opened)
        held = next((each for each in opened.documents("sharing-rule") if each.digest == ruling.digest), None)
        if held is None:
            raise InputError("no sharing rule is in force here", mend="Set one: commonshed share set FILE --shed SHED")
        text = opened.document_bytes(held)
    sys.stdout.write(text.decode())


@app.command(name="set")
def set_(
    name: Annotated[str, Parameter(help="File of the rule, or an example that comes with the package: beijing.")],
    *,
    shed: ShedOption,
) -> None:
    """Enter a sharing rule into the log; it takes the place of the one before when its day has come.

    Example: commonshed share set beijing --shed my-shed
    """
    opened = Shed.open(shed)
    content, file = rule_text(name)
    rule, document = set_rule(opened, content, file)
    begins = rule.in_force_from
    talk(f"{rule.title.en}: entry {document.position} of the log, {len(rule.rules)} rules")
    if begins > datetime.now(UTC):
        talk(f"in force from {begins.isoformat()}; until then what was before")
    talk("what is sealed from now on goes by it; `commonshed shed repack` sorts what was sealed before")


@app.command
def check(
    *,
    shed: ShedOption,
    station: Annotated[str, Parameter(help="Id of the station.")],
    quantity: Annotated[str, Parameter(help="As in readings: pm25.")],
    for_: Annotated[
        str | None, Parameter(name="--for", help="public, a partner's id or its key; without it everybody in turn.")
    ] = None,
    format: FormatOption = None,
    output: OutputOption = None,
) -> None:
    """Who gets the readings of a station and quantity, and by which rule.

    Example: commonshed share check --shed my-shed --station dongsi --quantity pm25 --for public
    """
    opened = Shed.open(shed)
    ruling = in_force(opened)
    asked = audiences(ruling) if for_ is None else [audience_named(for_, ruling)]
    answers = [ask(opened, station=station, quantity=quantity, audience=each) for each in asked]
    if is_table(format, output):
        for answer in answers:
            talk(_sentence(answer, station, quantity))
    write([_answer(answer, station, quantity) for answer in answers], format=format, output=output, columns=_CHECK)


def serve_node(
    *,
    shed: ShedOption,
    port: Annotated[int, Parameter(help="Where askers connect; 0 takes a free port.", validator=PORT)] = 8300,
    host: Annotated[str, Parameter(help="Address to listen on.")] = "127.0.0.1",
    proxies: Annotated[
        str | None, Parameter(help="Addresses of proxies whose word on the asker's address counts, commas between.")
    ] = None,
) -> None:
    """Serve a node: its log to everybody, its readings as the sharing rule says. Ctrl-C ends it cleanly.

    Example: commonshed serve-node --shed my-shed --port 8300
    """
    from commonshed.disclose.federation.running import run_node

    if in_force(Shed.open(shed)).document is None:
        talk("no sharing rule is in force: askers get the log and no readings. See `commonshed share set --help`")
    run_node(shed, host=host, port=port, proxies=proxies, started=lambda taken: talk(f"serving http://{host}:{taken}"))
    talk("ended")


def publish(
    *,
    shed: ShedOption,
    to: Annotated[Path, Parameter(help="Folder that a web server hosts; of its own.")],
) -> None:
    """Write what everybody may have as plain files that any web server can host; only what is new is written.

    Example: commonshed publish --shed my-shed --to public-node
    """
    from commonshed.disclose.federation.giving import Giving
    from commonshed.disclose.federation.publishing import publish as bring_up

    with progress("publishing") as advance:
        report = bring_up(Giving(Shed.open(shed)), to, progress=advance)
    given = ", ".join(f"{count} {state}" for state, count in sorted(report.states.items(), reverse=True)) or "none"
    talk(
        f"{report.size} entries, segments: {given}; {report.written} files written ({report.bytes:,} bytes), "
        f"{report.kept} kept, {report.removed} removed"
    )


def _rules(ruling: Ruling) -> list[Record]:
    return [
        {
            "rank": number,
            "rule": rule.id,
            "of": [*rule.stations, *rule.jurisdictions] or ["everywhere"],
            "quantities": list(rule.quantities) or ["all"],
            "release": rule.release,
            "delay": _length(rule.delay),
            "partners": list(rule.partners),
            "use": None if rule.use is None else rule.use.en,
        }
        for number, rule in enumerate(ruling.document.rules if ruling.document else (), 1)
    ]


def _answer(answer: Answer, station: str, quantity: str) -> Record:
    grant = answer.grant
    return {
        "station": station,
        "quantity": quantity,
        "audience": answer.audience.name,
        "gets": grant is not None,
        "release": answer.release,
        "delay": None if grant is None else _length(grant.delay),
        "rule": None if answer.decided_by is None else answer.decided_by.id,
        "use": None if grant is None or grant.use is None else grant.use.en,
        "overruled": [rule.id for rule in answer.overruled],
    }


def _sentence(answer: Answer, station: str, quantity: str) -> str:
    what = f"{quantity} of {station}"
    why = f"by rule {answer.decided_by.id}" if answer.decided_by else "no rule speaks of it"
    who = _who(answer.audience)
    if answer.grant is None:
        return f"{who} does not get {what}: {answer.release}, {why}"
    late = f" {_length(answer.grant.delay)} after each reading ends" if answer.grant.delay else " at once"
    return f"{who} gets {what}{late}, {why}"


def _who(audience: Audience) -> str:
    return "everybody" if audience.partner is None else audience.partner


def _length(seconds: int) -> str:
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
