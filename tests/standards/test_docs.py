"""What is written about the law names all of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from commonshed.standards import edition, editions, regimes

PAGE = (Path(__file__).parents[2] / "docs" / "standards.md").read_text("utf-8")


@pytest.mark.parametrize("id", editions())
def test_every_edition_has_its_row_with_the_right_warning(id: str) -> None:
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| {id}"))
    assert ("**" in row) == (not edition(id).complete)
    assert ("binds nobody" in row) == (not edition(id).binding)


@pytest.mark.parametrize("id", regimes())
def test_every_regime_has_its_row(id: str) -> None:
    assert any(f"`{id}`" in line for line in PAGE.splitlines() if line.startswith("| "))


def test_the_command_lines_run(capsys: pytest.CaptureFixture[str]) -> None:
    import shlex

    from commonshed import cli

    commands = [line.strip() for line in PAGE.splitlines() if line.startswith("    commonshed ")]
    assert len(commands) == 5
    for command in commands:
        assert cli.run(shlex.split(command)[1:]) == 0, command
    assert "cn-2012" in capsys.readouterr().out
