"""Which frames came a moment ago: a frame sent again is acknowledged again and not journaled twice.

Memory of the filter is bounded, per device, so that no device can flush another's. What it forgets does no harm:
sealing drops a reading that is equal to the current one.
"""

from __future__ import annotations

from hashlib import blake2b

__all__ = ["Recent"]


class Recent:
    """The last frames of one device, by digest of their text.

    Parameters
    ----------
    size : int
        How many are remembered at least; at most twice as many are.
    """

    __slots__ = ("_new", "_old", "_size")

    def __init__(self, size: int = 256) -> None:
        self._size = size
        self._new: set[bytes] = set()
        self._old: set[bytes] = set()

    def mark(self, text: bytes) -> bytes | None:
        """What to remember a data segment by; None: the very same came lately."""
        digest = blake2b(text, digest_size=16).digest()
        return None if digest in self._new or digest in self._old else digest

    def add(self, mark: bytes) -> None:
        """It came, and will be durable before anything that comes behind it is answered."""
        if len(self._new) >= self._size:
            self._old, self._new = self._new, set()
        self._new.add(mark)

    def forget(self) -> None:
        """Nothing came: what was gathered could not be kept, and will be sent again."""
        self._new.clear()
        self._old.clear()
