"""The chapters of a report, each turning content into findings, rows and pictures."""

from commonshed.disclose.report.chapters.beside import Beside
from commonshed.disclose.report.chapters.chapter import QUANTITIES, UNITS, Chapter
from commonshed.disclose.report.chapters.days import Days
from commonshed.disclose.report.chapters.lead import Lead
from commonshed.disclose.report.chapters.places import Places

__all__ = ["QUANTITIES", "UNITS", "Chapter", "Story"]


class Story(Lead, Places, Days, Beside):
    """All chapters of one report."""
