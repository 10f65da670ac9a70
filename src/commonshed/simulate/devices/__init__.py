"""Made-up measuring devices that speak HJ 212 over real sockets, with the faults that real ones have.

Their numbers begin with ``SIMULATED``, so that what they send says what it is wherever its origin shows.
"""

from __future__ import annotations

from commonshed.simulate.devices.fleet import play, simulated_devices
from commonshed.simulate.devices.instruments import KINDS
from commonshed.simulate.devices.plan import FAULTS, Plan, Tally

__all__ = ["FAULTS", "KINDS", "Plan", "Tally", "play", "simulated_devices"]
