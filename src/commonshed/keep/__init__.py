"""What was received stays: journal, sealed segments, the order they were sealed in, and the layout for analysis."""

from commonshed.keep.rows import KEY, READINGS, conform, rows_digest

__all__ = ["KEY", "READINGS", "conform", "rows_digest"]
