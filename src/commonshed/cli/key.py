"""Look after the key of a node: ``commonshed key …``."""

from __future__ import annotations

import re
import stat
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from commonshed.cli.output import FormatOption, OutputOption, Record, is_table, talk, write
from commonshed.errors import InputError, ShedError
from commonshed.keep import Shed
from commonshed.keep.log import backup as paper
from commonshed.keep.log import renewal
from commonshed.keep.log.cosignatures import Cosignatures, known_witnesses, witnessed
from commonshed.keep.log.notes import Verifier
from commonshed.keep.log.rotation import Rotation, rotations

__all__ = ["app"]

app = App(
    name="key",
    help="Look after the key a node signs with: show, back up, restore, rotate, recover.\n\n"
    "Example: commonshed key show --shed my-shed",
)

ShedOption = Annotated[Path, Parameter(name="--shed", help="Folder of the shed.")]
ReasonOption = Annotated[str, Parameter(help="Why, in one line; it stands in the log for good.")]

_SPAN = re.compile(r"(\d{1,5})([dh])")
_SECONDS = {"d": 86_400, "h": 3_600}
_DAY = 10


@app.command
def show(shed: ShedOption, *, format: FormatOption = None, output: OutputOption = None) -> None:
    """The key of a node: its public key, its words for the telephone, its history, and who has cosigned the log.

    Example: commonshed key show --shed my-shed
    """
    opened = Shed.open(shed)
    record = _record(opened)
    if not is_table(format, output):
        write([record], format=format, output=output)
        return
    write(_lines(record), format=format, output=output)


@app.command
def backup(
    shed: ShedOption,
    *,
    language: Annotated[paper.Language, Parameter(help="Language of the words.")] = "en",
    form: Annotated[
        paper.Form, Parameter(name="--as", help="24 words, or the one line that other tools for signed notes read.")
    ] = "words",
    output: Annotated[
        Path | None, Parameter(name=["--output", "-o"], help="New file, readable by you alone, instead of the screen.")
    ] = None,
) -> None:
    """Write the private key down: 24 words for an envelope in a safe. Whoever has them can sign as this node.

    Example: commonshed key backup --shed my-shed --language zh --output key-on-a-stick.txt
    """
    opened = Shed.open(shed)
    if output is None and not sys.stdout.isatty():
        raise InputError(
            "the private key is shown on a screen or written to a file that you alone can read, and this is neither",
            field="--output",
            mend="Add --output FILE: what runs through a pipe ends up in logs",
        )
    text = paper.sheet(opened, language=language, form=form)
    if output is None:
        print(text)
        talk("write it on paper, compare it, and clear the screen: it is not shown to anybody else")
        return
    paper.write_secret(output, text)
    talk(f"written to {output}, which you alone can read; keep it away from this machine")


@app.command
def restore(
    shed: ShedOption,
    *,
    file: Annotated[
        Path | None, Parameter(help="Sheet that `commonshed key backup` wrote; else the words are asked for.")
    ] = None,
) -> None:
    """Bring the private key back from its backup: words typed at the prompt, or a file. Never on the command line.

    Example: commonshed key restore --shed my-shed --file key-on-a-stick.txt
    """
    opened = Shed.open(shed)
    if paper.restore(opened, _typed() if file is None else _read(file)):
        talk(f"the key is back: {_told(opened.log.keys.signer().verifier)}")
    else:
        talk("the key was there already; nothing was changed")


@app.command
def rotate(
    shed: ShedOption,
    *,
    overlap: Annotated[str, Parameter(help="How long the old key signs beside the new one: 30d, 12h, 0d.")] = "30d",
    reason: ReasonOption = "planned change of key",
) -> None:
    """Put a new key in the place of the old one, which signs that, and signs beside it for a while.

    Example: commonshed key rotate --shed my-shed --overlap 30d
    """
    opened = Shed.open(shed)
    _tell_changed(renewal.rotate(opened, reason=reason, overlap=_span(overlap)), opened)


@app.command
def recover(shed: ShedOption, *, reason: ReasonOption) -> None:
    """Declare the key lost and put a new one in its place. Every neighbour has to accept that by hand.

    Example: commonshed key recover --shed my-shed --reason "the machine room burnt on 3 May, no backup was found"
    """
    opened = Shed.open(shed)
    _tell_changed(renewal.recover(opened, reason=reason), opened)
    talk("neighbours stop at this entry until a person there rings you up, compares the words and accepts the key")


def _tell_changed(rotation: Rotation, shed: Shed) -> None:
    talk(f"new key in force from entry {rotation.position} on: {_told(rotation.new)}")
    talk(f"  {rotation.new}")
    if rotation.declared:
        talk("the old key has not signed this: it was declared lost")
    elif shed.log.keys.overlapping():
        talk(f"the old key signs beside it until {_day(rotation.until)}")
    talk(f"write the new one down today: commonshed key backup --shed {shed.path}")


def _record(shed: Shed) -> dict[str, Any]:
    keys = shed.log.keys
    verifier = keys.verifiers[0]
    chain = renewal.chain_of(shed)
    cosigned = Cosignatures(shed.log, known_witnesses(shed.path))
    newest = cosigned.cosigned()
    return {
        "log": shed.log.origin,
        "key": str(verifier),
        "in_force": chain.current == verifier,
        "words": paper.fingerprint_words(verifier),
        "words_zh": paper.fingerprint_words(verifier, "zh"),
        "numbers": " ".join(f"{number:04}" for number in paper.fingerprint(verifier)),
        "private": _private(shed),
        "beside": [{"key": str(key), "until": _time(until)} for key, until in _overlapping(shed)],
        "under_way": _under_way(shed),
        "history": [_changed(rotation) for rotation in rotations(shed.entries)],
        "size": shed.size,
        "cosigned": {
            "size": None if newest is None else cosigned.sizes()[0],
            "known": len(cosigned.witnesses),
            "by": [
                {"witness": each.witness.name, "at": _time(each.at)}
                for each in (() if newest is None else witnessed(newest, cosigned.witnesses))
            ],
        },
    }


def _lines(record: dict[str, Any]) -> list[Record]:
    plain = {
        "log": "log",
        "key": "public key",
        "words": "its words",
        "words_zh": "its words in Chinese",
        "numbers": "its numbers",
        "private": "private key",
        "under_way": "rotation under way",
    }
    lines: list[Record] = [{"what": what, "value": record[name]} for name, what in plain.items() if record[name]]
    if not record["in_force"]:
        lines.append({"what": "given up", "value": "the log names a later key: put back the newest keys folder"})
    lines += [
        {"what": f"signs beside it until {each['until'][:_DAY]}", "value": each["key"]} for each in record["beside"]
    ]
    for each in record["history"]:
        how = "declared lost" if each["declared"] else "rotated"
        lines.append({"what": f"entry {each['position']}, {each['from'][:_DAY]}: {how}", "value": each["reason"]})
    cosigned = record["cosigned"]
    told = "none yet" if cosigned["size"] is None else f"{cosigned['size']} of {record['size']} entries"
    lines.append({"what": f"cosigned by {len(cosigned['by'])} of {cosigned['known']} known witnesses", "value": told})
    lines += [{"what": f"witness, {each['at']}", "value": each["witness"]} for each in cosigned["by"]]
    return lines


def _private(shed: Shed) -> str:
    """Whether this copy can sign, in a few words; what is wrong is said, not raised."""
    keys = shed.log.keys
    try:
        if not keys.there:
            return "not in this copy, which can be read and not written"
        keys.signer()
    except PermissionError:
        return "not readable by this user"
    except ShedError as error:
        return str(error)
    mode = stat.S_IMODE((keys.folder / "node.key").stat().st_mode)
    return f"here, mode {mode:04o}"


def _overlapping(shed: Shed) -> list[tuple[Verifier, int]]:
    try:
        return shed.log.keys.overlapping()
    except (ShedError, PermissionError):
        return []


def _under_way(shed: Shed) -> str | None:
    try:
        coming = shed.log.keys.coming()
    except (ShedError, PermissionError):
        return None
    return None if coming is None else "cut off before it was done; finish it with: commonshed key rotate"


def _changed(rotation: Rotation) -> dict[str, Any]:
    return {
        "position": rotation.position,
        "from": _time(rotation.start),
        "until": _time(rotation.until),
        "old": str(rotation.old),
        "new": str(rotation.new),
        "declared": rotation.declared,
        "reason": rotation.reason,
    }


def _told(verifier: Verifier) -> str:
    return f"{paper.fingerprint_words(verifier)} / {paper.fingerprint_words(verifier, 'zh')}"


def _time(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _day(second: int) -> str:
    return _time(second)[:_DAY]


def _span(text: str) -> int:
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        raise InputError("this is no span of time", field="--overlap", value=text, mend="Write 30d, 12h or 0d")
    return int(found[1]) * _SECONDS[found[2]]


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError:
        raise InputError("this is no text", file=file, mend="Name the sheet that was written by key backup") from None


def _typed() -> str:
    """Words from standard input: until there are 24 on a terminal, all there is from elsewhere."""
    if not sys.stdin.isatty():
        return sys.stdin.read()
    talk("type the 24 words, as many a line as you like; an empty line ends it")
    lines = []
    while line := sys.stdin.readline().strip():
        lines.append(line)
    return "\n".join(lines)
