"""A decision says what pressed us, what we do, what follows, and ends with a test that is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
SECTIONS = ["What pressed us", "Decision", "What follows", "The test that keeps it true"]


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_a_decision_has_its_parts_in_order(page: Path) -> None:
    text = page.read_text("utf-8")
    assert re.match(rf"# {page.stem[:4]}: \S", text)
    assert re.search(r"^Decided: \d{4}-\d{2}-\d{2}\. Superseded by: ", text, flags=re.MULTILINE)
    assert [title for title in re.findall(r"^## (.*)$", text, flags=re.MULTILINE) if title in SECTIONS] == SECTIONS


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_the_tests_that_keep_a_decision_true_are_there(page: Path) -> None:
    kept_by = page.read_text("utf-8").split("\n## The test that keeps it true\n")[1]
    named = re.findall(r"`((?:tests|benchmarks)/[\w/]+(?:\.py)?)", kept_by)
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_no_two_decisions_share_a_number() -> None:
    numbers = [page.stem[:4] for page in DECISIONS]
    assert sorted(set(numbers)) == numbers


def test_every_decision_is_listed_by_number_file_and_title() -> None:
    index = (ROOT / "docs" / "decisions" / "README.md").read_text("utf-8")
    titles = [page.read_text("utf-8").splitlines()[0].removeprefix("# ").split(": ", 1) for page in DECISIONS]
    expected = [f"- [{number}]({page.name}): {title}" for page, (number, title) in zip(DECISIONS, titles, strict=True)]
    assert [line for line in index.splitlines() if line.startswith("- [")] == expected
