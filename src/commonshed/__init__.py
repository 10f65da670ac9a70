"""Commonshed turns the readings of a shared monitoring network into who owes what.

observe → assess → attribute → assign → act → settle → disclose
"""

__version__ = "0.1.0"
