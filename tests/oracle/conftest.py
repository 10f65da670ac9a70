"""Lets ``import oracle`` work whatever the tests' import mode, and reads the twelve stations once a run."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
