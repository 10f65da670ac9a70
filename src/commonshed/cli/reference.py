"""Write the command-line reference from what ``--help`` says: ``python -m commonshed.cli.reference``.

The page is committed (``docs/cli-reference.md``); a test writes it again and compares.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

import cyclopts
from rich.console import Console

from commonshed.cli import app, front

__all__ = ["reference"]

HEAD = """# Command-line reference

Written by `make docs` from `--help`; do not edit. Tables and records go to standard output, talk to standard error.
Exit codes: 0 done, 1 our own fault, 2 something you can mend, 130 interrupted.
"""


def reference() -> str:
    """The whole reference as one Markdown page."""
    return HEAD + "".join(_section(chain) for chain in _chains(app, ()))


def _chains(parent: cyclopts.App, chain: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    yield chain
    flags = {*parent.help_flags, *parent.version_flags}
    for name in (name for name in parent if name not in flags):
        yield from _chains(parent[name], (*chain, name))


def _section(chain: tuple[str, ...]) -> str:
    page = io.StringIO()
    (app if chain else front).help_print(
        list(chain), console=Console(file=page, width=100, color_system=None, legacy_windows=False)
    )
    lines = "\n".join(line.rstrip() for line in page.getvalue().strip().splitlines())
    return f"\n## {' '.join(['commonshed', *chain])}\n\n```text\n{lines}\n```\n"


if __name__ == "__main__":
    print(reference(), end="")
