"""Pages and pictures about rivers: the plan of a spill, and the pictures every river page is made of.

The pictures are `commonshed.disclose.river.pictures`; all of this needs the extra ``plot``.
"""

from commonshed.disclose.river.plan import render_plan, write_plan

__all__ = ["render_plan", "write_plan"]
