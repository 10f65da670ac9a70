"""The water below a release, as the solvers need it: reaches with flow, cross-section, velocity and dispersion.

Only what lies downstream can carry what was spilt; a tributary comes in as clean water, which is the difference of the
discharges at a node. So a network of any size becomes the few channels below the release, in order of flow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from commonshed.attribute.river.spill.formulas import fischer_1975, shear_velocity
from commonshed.attribute.river.spill.storage import Sorption, Storage
from commonshed.errors import RiverError, UnknownName
from commonshed.places.hydraulics import flowing
from commonshed.places.rivers import Reach, Rivers

T = TypeVar("T")

__all__ = ["Channel", "Downstream", "Spot", "channel_of", "downstream", "locate"]


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


def channel_of(
    reach: Reach,
    *,
    decay: float = 0.0,
    storage: Storage | None = None,
    sorption: Sorption | None = None,
) -> Channel:
    """A reach as a channel, with Fischer's dispersion where none is given.

    Parameters
    ----------
    reach : Reach
        Discharge, and velocity or width and depth; dispersion, or width and depth for an estimate. A lake whose volume
        is known is passed in volume / discharge.
    decay : float
        [1/s]
    storage : Storage, optional
    sorption : Sorption, optional

    Raises
    ------
    RiverError
        Length, flow or velocity is absent or nothing; the message names the reach and the mend.
    """
    if reach.length is None or reach.length <= 0:
        mend = "Give its length in m"
        raise RiverError(f"reach {reach.id} has no length", field="length", value=reach.length, mend=mend)
    discharge = flowing(reach)
    return Channel(
        reach.id,
        reach.upstream,
        reach.downstream,
        reach.length,
        discharge,
        discharge / _velocity(reach),
        _dispersion(reach),
        part=1.0 if reach.part is None else reach.part,
        decay=decay,
        storage=storage,
        sorption=sorption,
    )


def downstream(
    rivers: Rivers,
    starts: Mapping[str, float] | tuple[str, ...],
    *,
    decay: float = 0.0,
    storage: Storage | Mapping[str, Storage] | None = None,
    sorption: Sorption | Mapping[str, Sorption] | None = None,
    channels: Mapping[str, Channel] | None = None,
) -> Downstream:
    """The channels below the reaches where something is released.

    Parameters
    ----------
    rivers : Rivers
    starts : ids of reaches
    decay : float
        First order, everywhere. [1/s]
    storage, sorption : one for all reaches, or by id of reach
    channels : mapping of id of reach to Channel, optional
        Instead of what the network says of these reaches.

    Raises
    ------
    RiverError
        A reach below has no flow, length or velocity.
    """
    own = dict(channels or {})
    wanted = _below(rivers, starts)
    found = []
    for node in rivers.order:
        for id in rivers.out_of[node]:
            if id not in wanted:
                continue
            held, sorbed = _of(storage, id), _of(sorption, id)
            found.append(own.get(id) or channel_of(rivers.reaches[id], decay=decay, storage=held, sorption=sorbed))
    return Downstream(tuple(found))


def locate(rivers: Rivers, at: str, distance: float | None = None) -> tuple[str | None, str | None, float]:
    """Where a mark, node or reach is: node, reach and distance from the reach's upper end; one of the two is None.

    Raises
    ------
    RiverError
        The distance lies beyond the reach.
    UnknownName
        The network has no mark, node or reach of that name.
    """
    if at in rivers.marks:
        mark = rivers.marks[at]
        return mark.node, mark.reach, mark.distance or 0.0
    if at in rivers.nodes:
        return at, None, 0.0
    if at in rivers.reaches:
        length = rivers.reaches[at].length
        if distance is None or distance < 0 or (length is not None and distance > length):
            mend = f"Give the distance from its upper end, from 0 to {length:g} m" if length else "Give the distance"
            raise RiverError(f"reach {at} is given and no place on it", field="distance", value=distance, mend=mend)
        return None, at, distance
    raise UnknownName("mark, node or reach", at, [*rivers.marks, *rivers.nodes, *rivers.reaches])


def _below(rivers: Rivers, starts: Mapping[str, float] | tuple[str, ...]) -> set[str]:
    wanted: set[str] = set()
    waiting = list(starts)
    while waiting:
        id = waiting.pop()
        if id not in wanted:
            wanted.add(id)
            waiting.extend(rivers.out_of[rivers.reaches[id].downstream])
    return wanted


def _velocity(reach: Reach) -> float:
    if reach.lake is not None and reach.lake.volume and reach.length:
        return flowing(reach) * reach.length / (reach.lake.volume * 1e6)
    if reach.velocity is not None and reach.velocity > 0:
        return reach.velocity
    if reach.velocity is None and reach.width and reach.depth:
        return flowing(reach) / (reach.width * reach.depth)
    mend = f"Give reach {reach.id} a velocity in m/s, or width and depth in m"
    raise RiverError(f"nothing says how fast reach {reach.id} flows", field="velocity", value=reach.velocity, mend=mend)


def _dispersion(reach: Reach) -> float:
    if reach.dispersion is not None:
        return reach.dispersion
    if reach.lake is not None and reach.lake.volume and reach.length:
        # Wind and inflow stir a lake: a Péclet number of 1 lies between a pipe and a stirred tank.
        return _velocity(reach) * reach.length
    if reach.width and reach.depth:
        U = _velocity(reach)
        u_star = shear_velocity(reach.depth, slope=reach.slope, velocity=U)
        return fischer_1975(width=reach.width, depth=reach.depth, velocity=U, shear_velocity=u_star)
    mend = f"Give reach {reach.id} a dispersion in m2/s, or width and depth in m for Fischer's estimate"
    raise RiverError(
        f"nothing says how reach {reach.id} disperses", field="dispersion", value=reach.dispersion, mend=mend
    )


def _of(given: T | Mapping[str, T] | None, id: str) -> T | None:
    return given.get(id) if isinstance(given, Mapping) else given
