"""The pages about rivers: one set of templates, and a sheet of style beside the house's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from commonshed.disclose.page import asset, csv_link, environment, page, style
from commonshed.disclose.words import Both, Words

__all__ = ["sheet"]


def sheet(template: str, words: Words, *, title: Both, values: Mapping[str, Any], margin: str = "") -> str:
    """Lay out a page about a river.

    Parameters
    ----------
    template : str
        A file of ``templates/``.
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
    dress = style(words, asset("commonshed.disclose.river", "river.css"), printed=_margin(margin))
    found = environment(Path(__file__).parent / "templates").get_template(template)
    return page(found, words, title=title, style=dress, values={"csv": csv_link} | dict(values))


def _margin(text: str) -> str:
    if not text:
        return ""
    safe = text.replace("\\", "").replace('"', "'").replace("<", "")
    return f'@page{{@top-left{{content:"{safe}"}}}}'
