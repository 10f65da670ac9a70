"""The committed command-line reference is what ``--help`` says today, and every command is in it."""

from __future__ import annotations

from pathlib import Path

from commonshed.cli import COMMANDS
from commonshed.cli.reference import reference

PAGE = Path(__file__).resolve().parents[2] / "docs" / "cli-reference.md"


def test_the_reference_is_what_help_says() -> None:
    assert PAGE.read_text("utf-8") == reference(), "run make docs and commit docs/cli-reference.md"


def test_every_command_has_its_section_and_an_example_or_commands_below_it() -> None:
    sections = PAGE.read_text("utf-8").split("\n## ")[1:]
    titles = [section.splitlines()[0] for section in sections]
    assert set(titles) >= {f"commonshed {name}" for name in COMMANDS}
    bare = [
        title
        for title, text in zip(titles, sections, strict=True)
        if "Commands ─" not in text and text.count("commonshed ") < 3
    ]
    assert bare == [], "a command's help shows an example that runs"
