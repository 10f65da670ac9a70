"""A drill for a sceptical official: one reading of a copy is changed and signed anew, and we see who notices."""

from commonshed.simulate.drill.noticing import Drill, Look, Reading, Scene, drill, said
from commonshed.simulate.drill.tampering import Edit, copy_for_drill, edit_quietly, sign_anew, ticks_of

__all__ = [
    "Drill",
    "Edit",
    "Look",
    "Reading",
    "Scene",
    "copy_for_drill",
    "drill",
    "edit_quietly",
    "said",
    "sign_anew",
    "ticks_of",
]
