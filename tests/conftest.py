"""What holds for every test."""

from __future__ import annotations

from hypothesis import settings

# A busy machine is slow, not wrong: how long things may take is asked in benchmarks/, never here.
settings.register_profile("commonshed", deadline=None)
settings.load_profile("commonshed")
