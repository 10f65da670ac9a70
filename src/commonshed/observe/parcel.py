"""Readings on their way in: one NumPy array a column, names as numbers into lists that the whole file shares."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import NDArray

__all__ = ["FLAGS", "QUALIFIERS", "Names", "Parcel", "Reject", "Vocabulary"]

QUALIFIERS = ("=", "<", ">")
FLAGS = ("valid", "suspect", "invalid")
"""In order of severity; their places are the codes."""

NOTHING = -1


class Names:
    """A list of names that grows, and the place of each."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self.names: list[str] = []
        self._places: dict[str, int] = {}
        self.places(names)

    def places(self, names: Iterable[str]) -> list[int]:
        """Where the names stand; new ones are added at the end."""
        found = []
        for name in names:
            place = self._places.setdefault(name, len(self.names))
            if place == len(self.names):
                self.names.append(name)
            found.append(place)
        return found

    def place(self, name: str) -> int:
        """Where one name stands; a new one is added at the end."""
        return self.places([name])[0]


@dataclass(frozen=True)
class Vocabulary:
    """The names that the parcels of one import share."""

    stations: Names = field(default_factory=Names)
    quantities: Names = field(default_factory=Names)
    statistics: Names = field(default_factory=Names)
    raw: Names = field(default_factory=Names)


@dataclass(frozen=True, eq=False)
class Parcel:
    """Some readings, n rows.

    Attributes
    ----------
    row : int64 array, n
        Row of the file, 1 is the first under the header.
    station, raw : int32 arrays, n
        Places in the vocabulary; ``raw`` is -1 where the ticks say it all.
    quantity, statistic : int16 arrays, n
    start : int64 array, n
        [UTC s]
    period : int32 array, n
        [s]
    ticks : int64 array, n
    qualifier, flag : uint8 arrays, n
        Places in :data:`QUALIFIERS` and :data:`FLAGS`.
    reasons : uint32 array, n
        One bit a quality rule.
    """

    row: NDArray[np.int64]
    station: NDArray[np.int32]
    quantity: NDArray[np.int16]
    statistic: NDArray[np.int16]
    start: NDArray[np.int64]
    period: NDArray[np.int32]
    ticks: NDArray[np.int64]
    qualifier: NDArray[np.uint8]
    flag: NDArray[np.uint8]
    reasons: NDArray[np.uint32]
    raw: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.row)

    def take(self, rows: NDArray[np.bool_] | NDArray[np.integer]) -> Parcel:
        """Some of the readings, by mask or by place."""
        return Parcel(*(getattr(self, each.name)[rows] for each in fields(self)))

    @classmethod
    def joined(cls, parcels: Sequence[Parcel]) -> Parcel:
        """Parcels of one vocabulary as one."""
        if len(parcels) == 1:
            return parcels[0]
        if not parcels:
            return cls(*(np.zeros(0, kind) for kind in cls.kinds().values()))
        return cls(*(np.concatenate([getattr(each, name) for each in parcels]) for name in cls.kinds()))

    @staticmethod
    def kinds() -> dict[str, type[np.generic]]:
        """The element type of each column."""
        return {
            "row": np.int64,
            "station": np.int32,
            "quantity": np.int16,
            "statistic": np.int16,
            "start": np.int64,
            "period": np.int32,
            "ticks": np.int64,
            "qualifier": np.uint8,
            "flag": np.uint8,
            "reasons": np.uint32,
            "raw": np.int32,
        }


@dataclass(frozen=True)
class Reject:
    """Something in a file that did not become a reading.

    Attributes
    ----------
    row : int
        0 where a whole column, or many rows alike, are meant.
    field, value : str
    reason, mend : str
    count : int
        How many cells or rows it stands for.
    """

    row: int
    field: str
    value: str
    reason: str
    mend: str = ""
    count: int = 1
