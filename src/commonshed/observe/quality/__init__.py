"""Quality control: rules that are data, flags with reasons, nothing deleted."""

from __future__ import annotations

from commonshed.observe.quality.flags import Flagged, flag
from commonshed.observe.quality.rules import Rules, load_rules

__all__ = ["Flagged", "Rules", "flag", "load_rules"]
