"""The printed form of a statement: one self-contained page for A4, with a code that leads back to the file."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from commonshed.disclose.page import asset, environment, page, style, write_page
from commonshed.disclose.statements.claims import CLAIMS
from commonshed.disclose.statements.comparing import dotted, leaves
from commonshed.disclose.statements.statement import Method, Statement
from commonshed.disclose.statements.words import sentences
from commonshed.disclose.words import Both, Language, Words
from commonshed.errors import InputError, MissingExtra

try:
    import segno
    from markupsafe import Markup
except ImportError:
    raise MissingExtra("plot", "printing a statement") from None

__all__ = ["PACKAGE", "check_address", "code_text", "render", "write_statement"]

PACKAGE = "commonshed.disclose.statements"

_ROWS = 200
"""Records a page shows; the statement's file holds all."""

_NUMBER = re.compile(r"[<>]?[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
_MISSING = "–"
_URL = re.compile(r"https?://[^\s\"'<>]{1,1000}")


@dataclass(frozen=True)
class _Column:
    head: Both
    number: bool


def write_statement(
    statement: Statement, output: Path, *, url: str | None = None, languages: Iterable[Language] = ("en", "zh")
) -> Path:
    """Write the printed form of a statement, whole or not at all.

    Parameters
    ----------
    statement : Statement
    output : Path
        HTML file.
    url : str, optional
        Where the statement's file can be fetched.
    languages : iterable of {"en", "zh"}

    Raises
    ------
    InputError
        The address is none, or the output is a folder.
    """
    return write_page(render(statement, url=url, languages=languages), output)


def render(statement: Statement, *, url: str | None = None, languages: Iterable[Language] = ("en", "zh")) -> str:
    """The printed form of a statement as one HTML page that fetches nothing."""
    check_address(url)
    words = Words(languages, PACKAGE)
    named = _claim(words, statement)
    period = str(statement.parameters.get("period", ""))
    columns, rows = _table(words, statement)
    values = {
        "headline": words.both("page.headline", claim=named, period=period),
        "node": statement.node,
        "records": len(statement.records),
        "as_of": statement.as_of,
        "supersedes": statement.supersedes,
        "example": any(record.get("nature") == "example" for record in statement.records),
        "digest": statement.digest,
        "code": Markup(_code(code_text(statement, url))),
        "url": url,
        "command": f"commonshed verify {url or 'STATEMENT.json'} --shed SHED",
        "columns": columns,
        "rows": rows,
        "question": _question(statement),
        "standards": statement.standards,
        "documents": statement.documents,
        "method": _method(words, statement.method),
        "made_at": f"{datetime.fromtimestamp(statement.made_at, UTC):%Y-%m-%d %H:%M} UTC",
        "version": statement.code,
        "signature": statement.signature,
    }
    dress = style(words, asset(PACKAGE, "statement.css"))
    template = environment(Path(__file__).parent / "templates").get_template("statement.html")
    title = words.both("page.title", claim=named, period=period)
    return page(template, words, title=title, style=dress, values={"p": values})


def check_address(url: str | None) -> None:
    """Refuse what is no address.

    Raises
    ------
    InputError
    """
    if url is not None and not _URL.fullmatch(url):
        raise InputError("this is no address", field="--url", value=url, mend="It begins with https:// or http://")


def code_text(statement: Statement, url: str | None) -> str:
    """What the code on the page says: the address with the digest behind ``#``, or else the node and the digest."""
    if url is not None:
        return f"{url}#sha256={statement.digest}"
    return f"commonshed:statement?sha256={statement.digest}&node={statement.node.origin}"


def _code(text: str) -> str:
    """The text as an SVG, with its quiet zone of four modules (ISO/IEC 18004)."""
    out = io.BytesIO()
    segno.make_qr(text, error="m").save(
        out, kind="svg", border=4, xmldecl=False, svgns=True, omitsize=True, dark="#000000", light="#ffffff", nl=False
    )
    return out.getvalue().decode()


def _claim(words: Words, statement: Statement) -> Both:
    key = f"claim.{statement.claim.replace(' ', '-')}"
    return words.both(key) if key in sentences("en") else Both(statement.claim, statement.claim)


def _method(words: Words, method: Method) -> Both:
    if method.exact:
        return words.both("page.exact", name=method.name, version=method.version)
    bounds = ", ".join(
        f"{path} ±{bound.absolute or ''}{' / ' if bound.absolute and bound.relative else ''}"
        f"{f'{bound.relative} ×' if bound.relative else ''}"
        for path, bound in method.tolerance.items()
    )
    return words.both("page.model", name=method.name, version=method.version, bounds=bounds)


def _question(statement: Statement) -> str:
    """The command that asked, as far as a sheet has room: files that were given stand with their name."""
    said = [f"commonshed {statement.claim}"]
    for name, value in statement.parameters.items():
        shown = value["file"] if isinstance(value, Mapping) and "file" in value else value
        each = shown if isinstance(shown, list) else [shown]
        option = f"--{name.replace('_', '-')}"
        said += [option if part is True else f"{option} {part}" for part in each]
    return " ".join(said)


def _table(words: Words, statement: Statement) -> tuple[list[_Column], list[list[Both | str]]]:
    """Whose each record is, and the figures of its claim that any record has."""
    claim = CLAIMS.get(statement.claim)
    records = statement.records[:_ROWS]
    flat = [{dotted(path): value for path, value in leaves(record)} for record in records]
    whose = [key for key in (claim.keys if claim else ()) if any(record.get(key) is not None for record in records)]
    wanted = list(dict.fromkeys((*whose, *(claim.shown if claim else ()))))
    shown = [
        path for path in wanted if any(_cell(record, row, path) for record, row in zip(records, flat, strict=True))
    ]
    shown = shown or list(dict.fromkeys(path for row in flat for path in row))[:8]
    cells = [[_cell(record, row, path) for path in shown] for record, row in zip(records, flat, strict=True)]
    columns = [
        _Column(_head(words, path), all(_numeric(row[i]) for row in cells) and i > 0) for i, path in enumerate(shown)
    ]
    return columns, [_row(record, row) for record, row in zip(records, cells, strict=True)]


def _row(record: Mapping[str, Any], cells: Sequence[str]) -> list[Both | str]:
    name = record.get("name") or record.get("of_name")
    first: Both | str = cells[0] or _MISSING
    if isinstance(name, Mapping) and "en" in name:
        same = name["en"] == cells[0]
        first = Both(name["en"] if same else f"{name['en']} ({cells[0]})", f"{name['zh'] or name['en']} ({cells[0]})")
    return [first, *(cell or _MISSING for cell in cells[1:])]


def _cell(record: Mapping[str, Any], flat: Mapping[str, object], path: str) -> str:
    value = flat.get(path)
    if value is None and isinstance(record.get(path), list):
        value = ", ".join(map(str, record[path]))
    if isinstance(value, bool):
        return "✓" if value else "✗"
    if value is None or value in ([], {}):
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _head(words: Words, path: str) -> Both:
    return words.both(f"column.{path}") if f"column.{path}" in sentences("en") else Both(path, path)


def _numeric(cell: str) -> bool:
    return not cell or _NUMBER.fullmatch(cell) is not None
