"""One self-contained HTML page about a river: templates, the house's style, nothing from outside."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import quote

from commonshed import __version__
from commonshed.disclose.report.render import csv_text
from commonshed.disclose.report.words import LANGUAGES, Both, Words
from commonshed.disclose.river.pictures import Cells
from commonshed.disclose.tokens import tokens, tokens_css
from commonshed.errors import InputError, MissingExtra

try:
    import jinja2
    from markupsafe import Markup
except ImportError:
    raise MissingExtra("plot", "writing a page") from None

__all__ = ["csv_link", "sheet", "write_page"]


def sheet(template: str, words: Words, *, title: Both, values: Mapping[str, Any], margin: str = "") -> str:
    """Lay out a page.

    Parameters
    ----------
    template : str
        A file of ``templates/`` that extends ``base.html``.
    words : Words
        The languages of the page; the reader switches, and prints the one that is chosen.
    title : Both
    values : mapping
        What the template asks for.
    margin : str
        Printed in the head margin of every page.

    Returns
    -------
    str
        HTML that fetches nothing.
    """
    names = {
        "say": words.say,
        "show": words.show,
        "csv": csv_link,
        "title": title,
        "tag": LANGUAGES[words.languages[0]],
        "tags": LANGUAGES,
        "languages": words.languages,
        "version": __version__,
        "style": Markup(_style(words, margin)),
        "script": Markup(_asset("commonshed.disclose.report", "report.js")),
    }
    html = _environment().get_template(template).render(names | dict(values))
    return "\n".join(line for line in html.splitlines() if line.strip()) + "\n"


def csv_link(table: Cells) -> str:
    """The numbers of a picture as a link that holds them."""
    return "data:text/csv;charset=utf-8," + quote(csv_text(table), safe="-_.!~*'(),:;/")


def write_page(html: str, output: str | Path) -> Path:
    """Write a page, whole or not at all.

    Raises
    ------
    InputError
        The output is a folder.
    """
    path = Path(output)
    if path.is_dir():
        raise InputError("the output is a folder and a file is to be written", value=path, mend="Name the file in it")
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.tmp")
    unfinished.write_text(html, encoding="utf-8")
    return unfinished.replace(path)


def _style(words: Words, margin: str) -> str:
    """Tokens, the house's style, ours; one rule for each language; print in the light colours."""
    switched = [
        f'html:has(#language-{chosen}:checked) body [lang="{LANGUAGES[other]}"]:not(label){{display:none}}'
        for chosen in words.languages
        for other in words.languages
        if other != chosen
    ]
    light = ";".join(f"--{name}:{value}" for name, value in tokens("light").items())
    printed = f"@media print{{:root{{color-scheme:light;{light}}}}}"
    if margin:
        text = margin.replace("\\", "").replace('"', "'").replace("<", "")
        printed += f'@page{{@top-left{{content:"{text}"}}}}'
    own = _asset("commonshed.disclose.river", "river.css")
    return "\n".join([tokens_css(), _asset("commonshed.disclose.report", "report.css"), own, *switched, printed])


@cache
def _asset(package: str, name: str) -> str:
    return resources.files(package).joinpath(name).read_text("utf-8")


@cache
def _environment() -> jinja2.Environment:
    here = Path(__file__).parent
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader([here / "templates", here.parent / "report" / "templates"]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
