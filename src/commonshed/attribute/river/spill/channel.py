"""The water below a release, as the solvers need it: reaches with flow, cross-section, velocity and dispersion.

Only what lies downstream can carry what was spilt; a tributary comes in as clean water, which is the difference of the
discharges at a node. So a network of any size becomes the few channels below the release, in order of flow.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from commonshed.attribute.river.spill.storage import Sorption, Storage
from commonshed.errors import RiverError

__all__ = ["Channel", "Downstream", "Spot"]


@dataclass(frozen=True)
class Channel:
    """One reach, with all that moves a substance through it.

    Attributes
    ----------
    reach : str
    upstream, downstream : str
        Ids of nodes.
    length : float
        [m]
    discharge : float
        At the upper end. [m3/s]
    area : float
        Cross-section. [m2]
    dispersion : float
        Longitudinal. [m2/s]
    lateral : float
        Clean water that seeps in along the way. [m3/s per m]
    part : float
        Share of the flow at the upper node that takes this channel.
    decay : float
        First order. [1/s]
    storage : Storage or None
    sorption : Sorption or None
    """

    reach: str
    upstream: str
    downstream: str
    length: float
    discharge: float
    area: float
    dispersion: float
    lateral: float = 0.0
    part: float = 1.0
    decay: float = 0.0
    storage: Storage | None = None
    sorption: Sorption | None = None

    def __post_init__(self) -> None:
        wanted = {"length": "m", "discharge": "m3/s", "area": "m2"}
        for name, unit in wanted.items():
            value = getattr(self, name)
            if not (value > 0 and value < float("inf")):
                what = "has no flow" if name == "discharge" else f"has no {name}"
                mend = f"Give reach {self.reach} a {name} above 0 {unit}, or leave the reach out"
                raise RiverError(f"reach {self.reach} {what}", field=name, value=value, mend=mend)
        if not self.dispersion >= 0:
            mend = f"Give reach {self.reach} a dispersion of 0 m2/s or more"
            raise RiverError(
                f"reach {self.reach} has no dispersion", field="dispersion", value=self.dispersion, mend=mend
            )

    @property
    def velocity(self) -> float:
        """At the upper end. [m/s]"""
        return self.discharge / self.area

    @property
    def outflow(self) -> float:
        """Discharge at the lower end. [m3/s]"""
        return self.discharge + self.lateral * self.length


@dataclass(frozen=True)
class Spot:
    """A place on a channel.

    Attributes
    ----------
    channel : int
        Index among the channels.
    distance : float
        From its upper end. [m]
    """

    channel: int
    distance: float


@dataclass(frozen=True)
class Downstream:
    """The channels below a release, each after all that feed it.

    Attributes
    ----------
    channels : tuple of Channel
    """

    channels: tuple[Channel, ...]

    @cached_property
    def index(self) -> dict[str, int]:
        """Index of the channel of each reach."""
        return {channel.reach: at for at, channel in enumerate(self.channels)}

    @cached_property
    def feeding(self) -> dict[str, tuple[int, ...]]:
        """Indices of the channels that end at each node."""
        return self._around("downstream")

    @cached_property
    def leaving(self) -> dict[str, tuple[int, ...]]:
        """Indices of the channels that begin at each node."""
        return self._around("upstream")

    @cached_property
    def dilution(self) -> tuple[float, ...]:
        """Concentration at the upper end of each channel per mean concentration of what flows in from channels.

        A tributary comes as clean water; where less flows out than in, water is taken at the node with what it carries.
        """
        return tuple(min(1.0, self._brought(channel) / channel.discharge) for channel in self.channels)

    @cached_property
    def passed_on(self) -> tuple[float, ...]:
        """Part of the mass that arrives at the upper node of each channel and goes down it; the rest is taken out."""
        parts = []
        for channel in self.channels:
            brought = self._brought(channel)
            parts.append(channel.part * min(1.0, channel.discharge / brought) if brought else channel.part)
        return tuple(parts)

    def _brought(self, channel: Channel) -> float:
        return channel.part * sum(self.channels[at].outflow for at in self.feeding.get(channel.upstream, ()))

    def _around(self, end: str) -> dict[str, tuple[int, ...]]:
        found: dict[str, list[int]] = {}
        for at, channel in enumerate(self.channels):
            found.setdefault(getattr(channel, end), []).append(at)
        return {node: tuple(indices) for node, indices in found.items()}
