"""``commonshed state``, ``commonshed verify``, ``commonshed erratum``: figures that anybody can recompute."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from commonshed.cli.output import FormatOption, OutputOption, file_to_write, talk, write
from commonshed.errors import InputError, ProofError

if TYPE_CHECKING:
    from commonshed.disclose.statements import Stated, Statement, Verdict

__all__ = ["erratum", "question_of", "state", "verify"]

PageOption = Annotated[
    Path | None,
    Parameter(
        help="Also write the printed form: one HTML page for A4.", validator=partial(file_to_write, field="--page")
    ),
]
UrlOption = Annotated[
    str | None, Parameter(name="--url", help="Where the statement can be fetched: goes into the QR code of the page.")
]

_SHOWS = ("format", "output", "all")
"""Options that say how an answer is shown, not what is asked."""

_PLACE = ("shed", "as_of")
_OF_FILES = ("files", "stations", "polygons", "rivers", "mapping", "zone")
"""Options that only files of readings need."""


def state(
    *question: Annotated[str, Parameter(allow_leading_hyphen=True, help="A command that answers a question.")],
    page: PageOption = None,
    url: UrlOption = None,
) -> None:
    """Publish the answer to a question: computed from a shed, signed, entered into its log.

    Write the command that answers it behind `state`: assess (air, exceedances, trend, water, water-trend, noise),
    attribute (loads, shares) or settle, with the very same options. Stating the same again changes nothing.

    Example: commonshed state assess air --shed demo/beijing --period 2016 --by jurisdiction
    """
    from commonshed.disclose.statements import claim_of
    from commonshed.disclose.statements import state as publish
    from commonshed.keep import Shed

    printing = _printer(page, url)
    name, arguments = question_of(question)
    claim = claim_of(name)
    shed, as_of, asked = _asked(name, arguments)
    with _waiting(f"computing {claim.name}"):
        found = publish(Shed.open(shed), claim, asked, as_of=as_of)
    _tell(found, shed)
    printing(found.statement)


def verify(
    source: Annotated[str, Parameter(help="File or address of a statement.")],
    *,
    shed: Annotated[
        Path | None, Parameter(help="Shed to hold it against, or a neighbour's mirror: SHED/peers/NAME.")
    ] = None,
    key: Annotated[
        tuple[str, ...], Parameter(negative=(), help="A verifier key you vouch for; may be given several times.")
    ] = (),
    lang: Annotated[Literal["en", "zh"], Parameter(help="Language of the verdict.")] = "en",
    page: PageOption = None,
    url: UrlOption = None,
    format: Annotated[Literal["text", "json"], Parameter(help="For people, or for machines.")] = "text",
) -> int:
    """Recompute a statement from the readings it rests on, and say what agrees and what does not.

    Ends with code 0 only where the statement agrees, or was superseded by one that agrees; else with 3.

    Example: commonshed verify statement.json --shed demo/beijing
    """
    import json

    from commonshed.disclose.statements import Statement
    from commonshed.disclose.statements import verify as check
    from commonshed.disclose.statements.fetching import fetch
    from commonshed.disclose.statements.telling import lines
    from commonshed.disclose.statements.words import said
    from commonshed.keep.log import Verifier

    printing = _printer(page, url, lang)
    keys = [Verifier.parse(text) for text in key]
    content = fetch(source)
    try:
        Statement.parse(content)
    except ProofError as error:
        problem = str(error).removeprefix("this is no statement: ")
        raise ProofError(f"{source}: this is no statement, or not all of one: {problem}") from None
    with _waiting(said("step.log", lang)) as step:
        found = check(content, shed=shed, keys=keys, telling=lambda name: step(said(f"step.{name}", lang)))
    printing(found.statement)
    if format == "json":
        json.dump(found.content(), sys.stdout, ensure_ascii=False, indent=1)
        print()
    else:
        print("\n".join(lines(found, lang)))
    return _code(found)


def erratum(
    *,
    shed: Annotated[Path, Parameter(help="Folder of the shed.")],
    method: Annotated[str, Parameter(help="Name of the method: assess.air.")],
    from_: Annotated[int, Parameter(name="--from", help="Its version that was wrong.")],
    to: Annotated[int, Parameter(help="Its version that takes the place: the one this program computes.")],
    reason: Annotated[str, Parameter(help="What was wrong, in a sentence for the public.")],
    format: FormatOption = None,
    output: OutputOption = None,
) -> None:
    """Publish that a method was wrong, and state anew what was stated by it.

    What was said stays where it is, can still be verified as what was said, and is shown as superseded.

    Example: commonshed erratum --shed my-shed --method assess.air --from 1 --to 2 --reason "…"
    """
    from commonshed.disclose.statements.errata import publish
    from commonshed.keep import Shed

    opened = Shed.open(shed)
    with _waiting(f"stating anew what {method} stated"):
        done = publish(opened, method=method, before=from_, after=to, reason=reason)
    talk(
        f"erratum {done.document.digest[:16]}… is entry {done.document.position} of the log; "
        f"{len(done.restated)} statements were stated anew"
    )
    for old, why in done.left:
        talk(f"{old.claim} {old.digest[:16]}… could not be stated anew: {why}")
    write(
        [
            {
                "claim": old.claim,
                "period": str(old.parameters.get("period", "")),
                "superseded": old.digest,
                "by": new.statement.digest,
                "entry": new.document.position,
                "same_figures": old.result.digest == new.statement.result.digest,
            }
            for old, new in done.restated
        ],
        format=format,
        output=output,
        columns=["claim", "period", "entry", "same_figures"],
        heads={"same_figures": "same figures"},
    )


def question_of(words: Sequence[str]) -> tuple[str, Mapping[str, Any]]:
    """The command that some words call, and its arguments with their defaults: it is parsed, not run.

    Raises
    ------
    CycloptsError
        The words are not those of a command.
    InputError
        There are none.
    """
    from commonshed.cli import app

    if not words:
        raise InputError(
            "no question is given", mend="Write a command behind `state`: commonshed state assess air --shed S …"
        )
    chain, _, _ = app.parse_commands(list(words))
    name = " ".join(chain)
    if not name:
        raise InputError("there is no such command", value=words[0], mend="Write assess, attribute or settle")
    from commonshed.disclose.statements import claim_of

    claim_of(name)
    _, bound, *_ = app.parse_args(list(words), exit_on_error=False, print_error=False)
    bound.apply_defaults()
    return name, bound.arguments


def _asked(name: str, arguments: Mapping[str, Any]) -> tuple[Path, int | None, dict[str, Any]]:
    """The shed, the state of its log, and the parameters as plain data."""
    flat = dict(_flat(arguments))
    if flat["shed"] is None or any(flat.get(option) for option in _OF_FILES):
        raise InputError(
            "files of readings cannot be stated: nobody could look up later what was in them, or when",
            mend=f"Take them into a shed (commonshed ingest), then: commonshed state {name} --shed SHED …",
        )
    passed = {*_SHOWS, *_PLACE, *_OF_FILES}
    asked = {option: _plain(value) for option, value in flat.items() if option not in passed}
    return flat["shed"], flat["as_of"], asked


def _flat(arguments: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in arguments.items():
        if is_dataclass(value) and not isinstance(value, type):
            yield from ((field.name, getattr(value, field.name)) for field in fields(value))
        else:
            yield name, value


def _plain(value: object) -> object:
    """An argument as a statement carries it: a number with a point as text, a file as its whole text."""
    if isinstance(value, Path):
        return _given(value)
    if isinstance(value, float):
        return repr(value)
    return list(value) if isinstance(value, tuple) else value


def _given(path: Path) -> dict[str, str]:
    import hashlib

    try:
        content = path.read_bytes()
        text = content.decode("utf-8")
    except FileNotFoundError:
        raise InputError("there is no such file", file=path, mend="Check the path") from None
    except UnicodeDecodeError:
        raise InputError("a file that is part of a question is text", file=path, mend="Save it as UTF-8") from None
    return {"file": path.name, "digest": hashlib.sha256(content).hexdigest(), "text": text}


def _tell(found: Stated, shed: Path) -> None:
    path = shed / "statements" / found.document.path
    statement, where = found.statement, f"entry {found.document.position} of the log"
    if found.already:
        talk(f"stated before, from the same readings, as {where}: nothing was changed")
    else:
        records = len(statement.records)
        talk(f"{statement.claim}, {records} records, as of {statement.as_of.size} entries: stated as {where}")
    talk(f"Anybody who holds the log verifies it with: commonshed verify {path} --shed {shed}")
    print(path)


def _printer(page: Path | None, url: str | None, lang: Literal["en", "zh"] = "en") -> Callable[[Statement], None]:
    """Writes the printed form, if it is wanted; what it needs is asked for before anything is published."""
    if page is None:
        if url is not None:
            raise InputError("an address goes into the QR code of a page", field="--url", mend="Add --page FILE")
        return lambda _: None
    from commonshed.disclose.statements.printing import check_address, write_statement

    check_address(url)
    languages: tuple[Literal["en", "zh"], ...] = ("zh", "en") if lang == "zh" else ("en", "zh")

    def written(statement: Statement) -> None:
        path = write_statement(statement, page, url=url, languages=languages)
        talk(f"{path}: open it in a browser, print it on A4")

    return written


def _code(verdict: Verdict) -> int:
    return 0 if verdict.stands else 3


@contextmanager
def _waiting(label: str) -> Iterator[Callable[[str], None]]:
    from rich.console import Console

    console = Console(file=sys.stderr)
    if not console.is_terminal:
        yield lambda _: None
        return
    with console.status(label) as shown:
        yield shown.update
