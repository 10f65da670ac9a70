"""The stricter local editions a source holds."""

from __future__ import annotations

from commonshed.keep import Shed
from commonshed.standards import Edition, load_edition

__all__ = ["layers_of"]


def layers_of(source: object, as_of: int | None = None) -> list[Edition]:
    """The stricter local editions a shed holds, the latest of each name; none for a table in memory."""
    if not isinstance(source, Shed):
        return []
    latest = {held.name: held for held in source.documents("layer") if as_of is None or held.position < as_of}
    return [load_edition(source.path / "places" / held.path) for held in latest.values()]
