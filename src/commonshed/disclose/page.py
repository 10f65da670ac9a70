"""One self-contained HTML page: the frame every page has, its style, script and files, nothing from outside."""

from __future__ import annotations

import csv as csv_format
import io
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import quote

from commonshed import __version__
from commonshed.disclose.tokens import tokens, tokens_css
from commonshed.disclose.words import LANGUAGES, Both, Words
from commonshed.errors import InputError, MissingExtra
from commonshed.keep.durable import disk_errors

try:
    import jinja2
    from markupsafe import Markup
except ImportError:
    raise MissingExtra("plot", "writing a page") from None

__all__ = ["asset", "csv_link", "csv_text", "environment", "hides", "page", "style", "write_page"]

_PACKAGE = "commonshed.disclose"


def page(template: jinja2.Template, words: Words, *, title: Both, style: str, values: Mapping[str, Any]) -> str:
    """Lay out a page.

    Parameters
    ----------
    template : Template
        Of an `environment`; it extends ``frame.html``.
    words : Words
        The languages of the page; the first is shown at first, the reader switches.
    title : Both
    style : str
        As `style` makes it.
    values : mapping
        What the template asks for.

    Returns
    -------
    str
        HTML that fetches nothing.
    """
    names = {
        "say": words.say,
        "show": words.show,
        "title": title,
        "tag": LANGUAGES[words.languages[0]],
        "tags": LANGUAGES,
        "languages": words.languages,
        "version": __version__,
        "style": Markup(style),
        "script": Markup(asset(_PACKAGE, "page.js")),
    }
    html = template.render(names | dict(values))
    return "\n".join(line for line in html.splitlines() if line.strip()) + "\n"


def style(words: Words, *sheets: str, rules: Iterable[str] = (), printed: str = "") -> str:
    """Tokens, the house's style and a page's own sheets; a rule for each language; print in the light colours.

    Parameters
    ----------
    words : Words
    *sheets : str
        What a page adds to the house's style.
    rules : iterable of str
        A rule for each setting of a page's own switches, as `hides` writes it: they work without a script.
    printed : str
        More rules for paper.
    """
    switched = [
        hides(f"language-{chosen}", f'body [lang="{LANGUAGES[other]}"]:not(label)')
        for chosen in words.languages
        for other in words.languages
        if other != chosen
    ]
    light = ";".join(f"--{name}:{value}" for name, value in tokens("light").items())
    paper = f"@media print{{:root{{color-scheme:light;{light}}}}}{printed}"
    return "\n".join([tokens_css(), asset(_PACKAGE, "page.css"), *sheets, *rules, *switched, paper])


def hides(chosen: str, what: str) -> str:
    """The rule that hides something while a switch stands on one of its settings."""
    return f"html:has(#{chosen}:checked) {what}{{display:none}}"


def csv_text(rows: Sequence[Sequence[object]]) -> str:
    """Rows as CSV text; nothing is an empty field."""
    out = io.StringIO()
    csv_format.writer(out, lineterminator="\n").writerows([["" if v is None else v for v in row] for row in rows])
    return out.getvalue()


def csv_link(rows: Sequence[Sequence[object]]) -> str:
    """The numbers of a figure as a link that holds them."""
    return "data:text/csv;charset=utf-8," + quote(csv_text(rows), safe="-_.!~*'(),:;/")


def write_page(html: str, output: str | Path) -> Path:
    """Write a page, whole or not at all.

    Raises
    ------
    InputError
        The output is a folder.
    ShedError
        There is no room, or no right to write there.
    """
    path = Path(output)
    if path.is_dir():
        raise InputError("the output is a folder and a file is to be written", value=path, mend="Name the file in it")
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f".{path.name}.tmp")
        try:
            unfinished.write_text(html, encoding="utf-8")
            return unfinished.replace(path)
        finally:
            with suppress(OSError):  # on a disk that takes nothing it was never made
                unfinished.unlink(missing_ok=True)


@cache
def asset(package: str, name: str) -> str:
    """The text of a file that lies in a package."""
    return resources.files(package).joinpath(name).read_text("utf-8")


@cache
def environment(folder: Path) -> jinja2.Environment:
    """The templates of a page, and those of the frame every page has."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader([folder, Path(__file__).parent / "templates"]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
