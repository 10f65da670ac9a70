"""The report a newspaper would print: one self-contained page about the air of one place."""

from commonshed.disclose.report.content import Content
from commonshed.disclose.report.render import render

__all__ = ["Content", "render"]
