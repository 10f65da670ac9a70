"""Grades become shares: what of a concentration or a load is due to whom, and how sure that is.

One package per medium: `commonshed.attribute.river` for what flows, its air sibling for what blows.
"""

__all__: list[str] = []
