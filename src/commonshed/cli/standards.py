"""``commonshed standards``: read the law we grade by, compare two laws, look up which one governs."""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import cyclopts
from cyclopts import Parameter

from commonshed.cli.output import FormatOption, Record, json_text, talk, write
from commonshed.errors import NotCovered

if TYPE_CHECKING:
    from commonshed.standards import Edition, Regime

__all__ = ["app"]

app = cyclopts.App(name="standards", help="Read the law we grade by: list, show, compare, look up.")


MediumOption = Annotated[
    Literal["air", "water", "noise"] | None, Parameter(help="Laws of this medium only; without it of all.")
]


@app.command(name="list")
def list_(*, medium: MediumOption = None, format: FormatOption = None) -> None:
    """List every standard we hold and the regimes they form.

    The columns verified, single-source and unverified count the blocks of a file by how sure we are of them.

    Example: commonshed standards list --medium water
    """
    from commonshed.standards import editions, regimes
    from commonshed.standards.tables import edition_rows, regime_rows

    laws = edition_rows([held for held in editions().values() if medium in (None, held.medium)])
    together = regime_rows(list(regimes(medium).values()))
    if format not in (None, "table"):
        write(
            [{"kind": "edition", **row} for row in laws] + [{"kind": "regime", **row} for row in together],
            format=format,
        )
        return
    _section("Standards", laws)
    _section("Regimes: the standards that grade together", together)


@app.command
def show(
    id: Annotated[str, Parameter(help='An edition or a regime: "GB 3095-2026", cn-2012.')],
    *,
    format: FormatOption = None,
) -> None:
    """Show one standard or regime whole: force, limits, statistics, index, assessment, and how sure we are.

    Example: commonshed standards show "GB 3095-2012"
    """
    from commonshed.standards import regime
    from commonshed.standards.compare import laws
    from commonshed.standards.library import regime_ids

    if format in ("csv", "parquet"):
        from commonshed.standards.tables import limit_rows

        held = laws(id)
        write(limit_rows(held[0].editions, held[0].phase if len(held) == 1 else None), format=format)
        return
    law = laws(id)[0]
    named = regime(id) if id.partition("@")[0] in regime_ids() else None
    if format == "json":
        print(json_text(_whole(law.editions, named)))
        return
    _head(law.editions, named)
    phase = law.phase if len(laws(id)) == 1 else None
    _sections(law.editions, phase)


@app.command
def diff(
    old: Annotated[str, Parameter(help='The law to start from: "GB 3095-2012", cn-2012.')],
    new: Annotated[str, Parameter(help="The law to hold beside it; @ chooses a phase or level: cn-2026@final.")],
    *,
    all: Annotated[bool, Parameter(name="--all", negative="", help="Show what stays the same, too.")] = False,
    format: FormatOption = None,
) -> None:
    """Compare two laws limit by limit: what is stricter, laxer, new, gone.

    A law with phases is compared in each of them unless one is chosen.

    Example: commonshed standards diff "GB 3095-2012" "GB 3095-2026@final"
    """
    from commonshed.standards.compare import changes, laws
    from commonshed.standards.tables import change_rows

    everything: list[Record] = []
    for before in laws(old):
        for after in laws(new):
            found = changes(before, after)
            rows = change_rows([change for change in found if all or change.verdict != "same"])
            counted = Counter(change.verdict for change in found)
            title = f"{before.name} → {after.name}: " + ", ".join(f"{n} {verdict}" for verdict, n in counted.items())
            if format in (None, "table"):
                _section(title, rows, heads={"old": before.name, "new": after.name})
            else:
                everything += [{"from": before.name, "to": after.name, **row} for row in rows]
    if format not in (None, "table"):
        write(everything, format=format)


@app.command
def which(
    *,
    place: Annotated[str, Parameter(help="Code of the place: an adcode such as 110105, or a country such as DE.")],
    date: Annotated[date | None, Parameter(help="The day; today unless given.")] = None,
    medium: MediumOption = None,
    format: FormatOption = None,
) -> None:
    """Say which regime governs a place on a day, or which is nearest when none does.

    Example: commonshed standards which --date 2016-03-05 --place 110105
    """
    from commonshed.standards.tables import governing_row

    day = date or datetime.now(UTC).date()
    found, missing = _governing(day, place, medium)
    write([governing_row(held, day, place) for held in found], format=format)
    if format in (None, "table"):
        for error in missing:
            talk(f"{error}")
        for edition in (edition for held in found for edition in held.editions):
            if edition.warning is not None:
                talk(f"{edition.id}: {edition.warning.en}")


def _governing(day: date, place: str, medium: str | None) -> tuple[list[Regime], list[NotCovered]]:
    """The regime of each medium, and what is said of the media without one; an error when there is none at all."""
    from commonshed.standards import regime_for

    found: list[Regime] = []
    missing: list[NotCovered] = []
    for each in (medium,) if medium else ("air", "water", "noise"):
        try:
            found.append(regime_for(day, place, each))
        except NotCovered as error:
            missing.append(error)
    if not found:
        raise missing[0]
    return found, missing


@app.command
def add(
    file: Annotated[Path, Parameter(help="A local standard in our form: docs/recipes/adding-a-standard.md.")],
    *,
    shed: Annotated[Path, Parameter(help="Folder of the shed.")],
) -> None:
    """Put a stricter local standard into a shed; a laxer one is refused with both values shown.

    Example: commonshed standards add db11-air.toml --shed my-shed
    """
    from commonshed.keep import Shed
    from commonshed.standards import admit, load_edition, source_text
    from commonshed.standards.library import slug

    layer = load_edition(file)
    base = admit(layer)
    Shed.open(shed).record("layer", slug(layer.id), source_text(layer))
    talk(f"{layer.id} now lies on top of {base.id} for {layer.issuer}: where both have a limit, the stricter applies")


def _whole(editions: Sequence[Edition], named: Regime | None) -> dict[str, object]:
    from commonshed.standards import digest

    texts = [{"digest": digest(held), **held.model_dump(mode="json", exclude_none=True)} for held in editions]
    if named is None:
        return json.loads(json.dumps(texts[0]))  # type: ignore[no-any-return]
    return {
        "id": named.id,
        "title": named.title.model_dump(),
        "phase": named.phase,
        "level": named.level,
        "digest": named.digest,
        "editions": texts,
    }


def _head(editions: Sequence[Edition], named: Regime | None) -> None:
    from commonshed.standards import digest

    if named is not None:
        print(f"{named.id}  {named.title.en}  {named.title.zh}")
        print(f"editions: {', '.join(named.edition_ids)}")
        if named.note is not None:
            print(named.note.en)
            print(named.note.zh)
        print()
    for held in editions:
        print(f"{held.id}  {held.title.en}  {held.title.zh}")
        facts = [
            f"issued {held.issued.isoformat() if held.issued else 'on a day we do not hold'} by {held.issuer}",
            *([f"replaces {held.replaces}"] if held.replaces else []),
            *([f"replaced by {held.replaced_by}"] if held.replaced_by else []),
            *([] if held.binding else ["a guideline: binds nobody"]),
        ]
        print("; ".join(facts))
        print(f"sha256 {digest(held)}")
        if held.warning is not None:
            print(f"HELD IN PART. {held.warning.en}")
            print(held.warning.zh)
        print()


def _sections(editions: Sequence[Edition], phase: str | None) -> None:
    from commonshed.standards import methods, tables

    _paragraphs("In force", tables.force_rows(editions))
    _section("Phases", tables.phase_rows(editions))
    _section("Reference state", tables.reference_rows(editions))
    _section("Levels", tables.level_rows(editions))
    _section("Limits", tables.limit_rows(editions, phase))
    _section("Thresholds", tables.threshold_rows(editions))
    _section("From hours to days", tables.statistic_rows(editions, "day"))
    _section("The hour now", tables.statistic_rows(editions, "hour"))
    _section("Index: concentrations that stand for each stretch of it", tables.index_rows(editions))
    _section("Index: rules", tables.index_rule_rows(editions))
    _section("Index: classes", tables.category_rows(editions))
    _section("Assessment of a year", tables.assessment_rows(editions, phase))
    _section("Method", methods.method_rows(editions))
    _section("Classes and grades", methods.grade_rows(editions))
    _paragraphs("Amendments and notes", tables.note_rows(editions))
    _paragraphs("Where this comes from, the least sure first", tables.provenance_rows(editions))


def _section(title: str, rows: Sequence[Record], heads: dict[str, str] | None = None) -> None:
    from commonshed.standards.tables import without_empty

    if not rows:
        return
    print(title)
    write(rows, format="table", columns=without_empty(rows), heads=heads)


def _paragraphs(title: str, rows: Sequence[Record]) -> None:
    """Prose reads badly in narrow columns: a lead of short words, then the long ones wrapped below it."""
    if not rows:
        return
    print(title)
    for row in rows:
        said = {name: str(value) for name, value in row.items() if value is not None}
        prose = [name for name in ("where", "stage", "text", "text_zh", "sources", "note") if name in said]
        lead = [f"to {said[name]}" if name == "to" else said[name] for name in said if name not in prose]
        print()
        print(" ", " · ".join(lead))
        for name in prose:
            head = f"{name}: " if name in ("sources", "note", "where") else ""
            # A Chinese character is as wide as two Latin ones.
            width = 60 if name == "text_zh" else 110
            print(textwrap.fill(head + said[name], width=width, initial_indent="    ", subsequent_indent="    "))
    print()
