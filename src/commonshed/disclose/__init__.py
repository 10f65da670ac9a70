"""Disclose: everyone can look and check.

The report of a shed is `commonshed.disclose.report`, pictures for one's own work are `commonshed.disclose.plots`; both
need the extra ``plot``. How well two series agree needs nothing.
"""

from commonshed.disclose.agreement import Agreement, Bin, agreement, agreement_by_bin, class_agreement, deming

__all__ = ["Agreement", "Bin", "agreement", "agreement_by_bin", "class_agreement", "deming"]
