"""The check sum of HJ 212, which is no CRC register anyone else uses.

Before each byte the standard shifts the register by eight bits and so throws its low byte away: what is left is a state
of eight bits. The step is linear over bits, and eight steps on zero bytes give any state back (a test tries all 256).
So what a byte adds to the check sum depends only on its distance from the end modulo eight: a segment can be folded
upon itself by exclusive or until eight bytes are left, which takes as many operations as halving does.
"""

from __future__ import annotations

__all__ = ["crc16", "crc16_bitwise", "crc16_by_table"]

_POLYNOMIAL = 0xA001
_INITIAL = 0xFFFF
_CYCLE = 8
"""Steps after which a state comes back."""


def crc16_bitwise(data: bytes) -> int:
    """The check sum as the standard's text says it, bit by bit: the reference for the others.

    References
    ----------
    HJ 212-2017, annex A.
    """
    register = _INITIAL
    for byte in data:
        register = _step((register >> 8) ^ byte)
    return register


def _step(register: int) -> int:
    for _ in range(8):
        register = (register >> 1) ^ (_POLYNOMIAL if register & 1 else 0)
    return register


_TABLE = tuple(_step(byte) for byte in range(256))


def crc16_by_table(data: bytes) -> int:
    """The check sum by a table of the eight bits that each step keeps."""
    register = _INITIAL
    for byte in data:
        register = _TABLE[(register >> 8) ^ byte]
    return register


def _contributions() -> tuple[tuple[int, ...], ...]:
    """What each byte adds to the check sum, by its distance from the end."""
    states = list(range(256))
    rows = []
    for _ in range(_CYCLE):
        rows.append(tuple(_TABLE[state] for state in states))
        states = [_TABLE[state] >> 8 for state in states]
    return tuple(rows)


_A0, _A1, _A2, _A3, _A4, _A5, _A6, _A7 = _contributions()
_FOLDS = tuple((bits, (1 << bits) - 1) for bits in (64 << k for k in range(20)))


def crc16(data: bytes) -> int:
    """The check sum of a data segment.

    References
    ----------
    HJ 212-2017, annex A.
    """
    size = 8 * len(data)
    if not size:
        return _INITIAL
    folded = int.from_bytes(data, "big") ^ (_INITIAL >> 8 << size - 8)
    fold = (size - 1 >> 6).bit_length()
    while fold:
        fold -= 1
        bits, mask = _FOLDS[fold]
        folded = (folded >> bits) ^ (folded & mask)
    a7, a6, a5, a4, a3, a2, a1, a0 = folded.to_bytes(8, "big")
    return _A0[a0] ^ _A1[a1] ^ _A2[a2] ^ _A3[a3] ^ _A4[a4] ^ _A5[a5] ^ _A6[a6] ^ _A7[a7]
