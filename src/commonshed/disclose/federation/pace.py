"""How often an asker is answered: so many at once, then so many a second."""

from __future__ import annotations

import ipaddress
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Pace", "Paces", "network_of"]

_REMEMBERED = 20_000  # askers: a flood of addresses takes a few megabytes and no more


@dataclass(frozen=True)
class Pace:
    """What one asker may take.

    Attributes
    ----------
    burst : int
        Requests at once.
    rate : float
        Requests a second after that.
    """

    burst: int = 1000
    rate: float = 100.0


class Paces:
    """How much of its pace each asker has left."""

    def __init__(self, pace: Pace, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.pace = pace
        self.clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, asker: str, *, take: bool = True) -> int:
        """Count a request, or only look; 0 when it is in its pace, else in how many seconds it would be. [s]"""
        now = self.clock()
        with self._lock:
            left, then = self._left.pop(asker, (float(self.pace.burst), now))
            left = min(float(self.pace.burst), left + (now - then) * self.pace.rate)
            allowed = left >= 1
            self._left[asker] = (left - 1 if allowed and take else left, now)
            while len(self._left) > _REMEMBERED:
                self._left.popitem(last=False)
        return 0 if allowed else max(1, math.ceil((1 - left) / self.pace.rate))


def network_of(address: str | None) -> str:
    """What counts as one asker: an IPv4 address, or the /64 that one IPv6 subscriber has for itself."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    if found.version == 6:
        return str(found.ipv4_mapped or ipaddress.ip_network((int(found) >> 64 << 64, 64)))
    return str(found)
