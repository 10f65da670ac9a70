"""Which points are assessed, and the jurisdictions whose surveys they make."""

from __future__ import annotations

from collections.abc import Sequence

from commonshed.assess.jurisdictions import members_of
from commonshed.assess.noise.sounds import Sounds
from commonshed.errors import PlacesError
from commonshed.places import Network, Station

__all__ = ["jurisdictions_of", "points_of"]


def points_of(network: Network, sounds: Sounds, wanted: Sequence[str] | None = None) -> list[Station]:
    """The stations that measure noise: those of a zone or survey, or with something measured.

    Raises
    ------
    UnknownName
        One that is wanted was not declared.
    """
    if wanted is not None:
        return [network.station(id) for id in dict.fromkeys(wanted)]
    heard = {station for station, _, _ in sounds.parts}
    return [
        station
        for station in network.stations.values()
        if station.id in heard or station.survey is not None or station.noise_zone is not None
    ]


def jurisdictions_of(network: Network, points: Sequence[Station]) -> dict[str, list[Station]]:
    """The assessed points of a survey by jurisdiction: those with a point of their own, and the ones directly above.

    Raises
    ------
    PlacesError
        No point of a survey lies in a jurisdiction.
    """
    members = members_of(network, (point for point in points if point.role == "assessed" and point.survey is not None))
    if not members:
        raise PlacesError(
            "no assessed point of a survey lies in a jurisdiction",
            mend="Give the stations' table the columns survey and adcode",
        )
    return members
