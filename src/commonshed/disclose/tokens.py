"""The tokens of the one look, read from ``tokens.css`` so that pages and pictures cannot drift apart."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import Literal

__all__ = ["Scheme", "contrast", "ink_on", "tokens", "tokens_css"]

Scheme = Literal["light", "dark"]

_DECLARATION = re.compile(r"--([a-z0-9-]+):\s*(#[0-9a-fA-F]{6});")


@cache
def tokens_css() -> str:
    """The style sheet of the tokens, as shipped."""
    return resources.files("commonshed.disclose").joinpath("tokens.css").read_text("utf-8")


@cache
def tokens(scheme: Scheme = "light") -> dict[str, str]:
    """Every colour by name: ``{"paper": "#fbfaf7", …}``.

    Parameters
    ----------
    scheme : {"light", "dark"}
    """
    light, _, rest = tokens_css().partition("@media (prefers-color-scheme: dark)")
    colours = dict(_DECLARATION.findall(light))
    return colours | dict(_DECLARATION.findall(rest)) if scheme == "dark" else colours


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21.

    References
    ----------
    W3C, Web Content Accessibility Guidelines 2.2, "contrast ratio" and "relative luminance".
    """
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def ink_on(fill: str) -> str:
    """Black or white, whichever reads better on a fill."""
    return max(("#000000", "#ffffff"), key=lambda ink: contrast(ink, fill))


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
