"""The look can be read: every contrast computed from the tokens."""

from __future__ import annotations

import pytest

from commonshed.disclose.tokens import Scheme, contrast, ink_on, tokens
from commonshed.standards import regimes

SCHEMES: tuple[Scheme, ...] = ("light", "dark")


def test_contrast_of_black_and_white_is_twenty_one() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)  # WCAG's well-known near miss


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("ink", "paper"), ("ink", "surface"), ("ink", "land"), ("muted", "paper"), ("muted", "surface"),
        ("accent", "paper"), ("accent", "surface"), ("on-accent", "accent"), ("warn", "paper"), ("warn", "warn-fill"),
        ("muted", "land"),
    ],
)  # fmt: skip
def test_text_can_be_read_on_its_ground(scheme: Scheme, text: str, ground: str) -> None:
    colours = tokens(scheme)
    assert contrast(colours[text], colours[ground]) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("mark", ["accent", "mark", "warn"])
def test_marks_stand_out_from_the_paper(scheme: Scheme, mark: str) -> None:
    assert contrast(tokens(scheme)[mark], tokens(scheme)["paper"]) >= 3


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_ramp_goes_one_way_from_paper_to_ink(scheme: Scheme) -> None:
    against_paper = [contrast(tokens(scheme)[f"ramp-{step}"], tokens(scheme)["paper"]) for step in range(1, 7)]
    assert against_paper == sorted(against_paper)


def test_figures_can_be_read_on_every_class_colour_of_every_law() -> None:
    for regime in regimes().values():
        for category in regime.index.categories if regime.index else ():
            assert contrast(ink_on(category.colour.lower()), category.colour.lower()) >= 4.5
