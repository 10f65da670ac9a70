"""The one look as a matplotlib style, made from the same tokens as the pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from commonshed.disclose.tokens import Scheme, tokens
from commonshed.errors import MissingExtra

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["drawing", "rc", "titled"]

FAMILIES = ["Noto Sans", "DejaVu Sans", "Noto Sans CJK SC", "Noto Sans SC", "PingFang SC", "Microsoft YaHei"]


def rc(scheme: Scheme = "light") -> dict[str, Any]:
    """Settings for ``matplotlib.rc_context``.

    Parameters
    ----------
    scheme : {"light", "dark"}
    """
    colours = tokens(scheme)
    return {
        "figure.facecolor": colours["paper"],
        "savefig.facecolor": colours["paper"],
        "axes.facecolor": colours["paper"],
        "axes.edgecolor": colours["mark"],
        "axes.labelcolor": colours["muted"],
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlelocation": "left",
        "axes.titleweight": "bold",
        "axes.titlecolor": colours["ink"],
        "axes.titlesize": 12,
        "text.color": colours["ink"],
        "xtick.color": colours["muted"],
        "ytick.color": colours["muted"],
        "lines.color": colours["accent"],
        "grid.color": colours["line"],
        "hatch.color": colours["mark"],
        "hatch.linewidth": 0.6,
        "font.size": 10,
        "axes.unicode_minus": True,
    }


@contextmanager
def drawing(scheme: Scheme) -> Iterator[Any]:
    """Draw in the one look; gives the module ``matplotlib.figure``.

    Figures are made without pyplot: nothing global is kept open, and no window system is asked for.

    Raises
    ------
    MissingExtra
        matplotlib is not installed.
    """
    try:
        import matplotlib
        from matplotlib import figure, font_manager
    except ImportError:
        raise MissingExtra("plot", "drawing pictures") from None
    known = {font.name for font in font_manager.fontManager.ttflist}
    families = [name for name in FAMILIES if name in known] or ["sans-serif"]
    settings: Any = rc(scheme) | {"font.family": families}
    with matplotlib.rc_context(settings):
        yield figure


def titled(axes: Axes, finding: str, below: str, scheme: Scheme) -> None:
    """The finding above a picture, and quantity, unit, place and period below the finding."""
    axes.set_title(finding, pad=26)
    axes.annotate(
        below, (0, 1), xytext=(0, 8), xycoords="axes fraction", textcoords="offset points",
        color=tokens(scheme)["muted"], fontsize=9,
    )  # fmt: skip
