"""When nothing is measured: travel time, peak and passage of a cloud from drainage area and discharge.

Jobson's regressions rest on 980 stretches of some 90 rivers of the United States. They are for the first hour, before
anybody has measured anything, and for asking whether a forecast is of the right order.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

from commonshed.attribute.river.spill.formulas import above_nothing

__all__ = ["JobsonCloud", "jobson_1996", "jobson_unit_peak", "jobson_velocity"]

_GRAVITY = 9.8
"""As the report has it. [m/s2]"""


@dataclass(frozen=True)
class JobsonCloud:
    """A cloud at a place, from an instantaneous release upstream.

    Attributes
    ----------
    velocity, fastest : float
        Of the peak: the most probable, and that which 99 of 100 stay below. [m/s]
    leading, peak_time, passage : float
        Leading edge, peak, and the tail at a tenth of the peak; at the most probable velocity. [h]
    earliest : float
        Leading edge at the fastest velocity. [h]
    peak : float
        [mg/L]
    """

    velocity: float
    fastest: float
    leading: float
    peak_time: float
    passage: float
    earliest: float
    peak: float


def jobson_1996(
    *,
    distance: float,
    mass: float,
    discharge: float,
    mean_discharge: float,
    drainage_area: float,
    slope: float | None = None,
) -> JobsonCloud:
    """Leading edge, peak and passage of what is released at once.

    Parameters
    ----------
    distance : float
        [m]
    mass : float
        That arrives; less than was released, where it decays. [kg]
    discharge, mean_discharge : float
        At the place: now, and the mean of many years. [m3/s]
    drainage_area : float
        [km2]
    slope : float, optional
        Of the stretch. [m/m]

    Raises
    ------
    RiverError
        A value is not above 0.

    Notes
    -----
    ::

        T_l = 0.890 T_p                                                            (18)
        T_d10 = 2·10⁶ / C_up, from the leading edge, in seconds                    (19)
        C_p = 10⁻⁶ C_up M / Q

    References
    ----------
    Jobson (1996), Prediction of traveltime and longitudinal dispersion in rivers and streams, USGS WRIR 96-4013.
    """
    above_nothing(distance=distance, mass=mass)
    velocity = partial(
        jobson_velocity, discharge=discharge, mean_discharge=mean_discharge, drainage_area=drainage_area, slope=slope
    )
    V, V_fast = velocity(), velocity(fastest=True)
    T_p = distance / V / 3600
    C_up = jobson_unit_peak(T_p, discharge / mean_discharge)
    T_l = 0.890 * T_p
    return JobsonCloud(
        velocity=V,
        fastest=V_fast,
        leading=T_l,
        peak_time=T_p,
        passage=T_l + 2e6 / C_up / 3600,
        earliest=0.890 * distance / V_fast / 3600,
        peak=1000 * 1e-6 * C_up * mass / discharge,
    )


def jobson_velocity(
    *,
    discharge: float,
    mean_discharge: float,
    drainage_area: float,
    slope: float | None = None,
    fastest: bool = False,
) -> float:
    """Velocity of the peak of a cloud. [m/s]

    Parameters
    ----------
    discharge, mean_discharge : float
        [m3/s]
    drainage_area : float
        [km2]
    slope : float, optional
        [m/m]
    fastest : bool
        The velocity that 99 of 100 stay below, not the most probable one.

    Raises
    ------
    RiverError
        A value is not above 0.

    Notes
    -----
    With D'_a = D_a^1.25 √g / Q_a and Q'_a = Q / Q_a::

        V = 0.094 + 0.0143 D'_a^0.919 Q'_a^−0.469 S^0.159 Q/D_a    (12)    fastest: 0.25 + 0.02 …     (13)
        V = 0.020 + 0.051 D'_a^0.821 Q'_a^−0.465 Q/D_a             (14)    fastest: 0.2 + 0.093 …     (15)

    A code that circulates has D'_a^−0.919: every river then runs at 0.094 m/s.

    References
    ----------
    Jobson (1996), USGS WRIR 96-4013, eqs. 10–15.
    """
    above_nothing(discharge=discharge, mean_discharge=mean_discharge, drainage_area=drainage_area)
    D_a = drainage_area * 1e6
    D_dash = D_a**1.25 * math.sqrt(_GRAVITY) / mean_discharge
    Q_dash = discharge / mean_discharge
    if slope is None:
        product = float(D_dash**0.821 * Q_dash**-0.465) * discharge / D_a
        return 0.2 + 0.093 * product if fastest else 0.020 + 0.051 * product
    above_nothing(slope=slope)
    product = float(D_dash**0.919 * Q_dash**-0.469 * slope**0.159) * discharge / D_a
    return 0.25 + 0.02 * product if fastest else 0.094 + 0.0143 * product


def jobson_unit_peak(peak_time: float, relative_discharge: float) -> float:
    """Peak of a kilogram in a cubic metre per second, times a million. [1/s]

    Parameters
    ----------
    peak_time : float
        [h]
    relative_discharge : float
        Discharge per mean discharge.

    Raises
    ------
    RiverError
        A value is not above 0.

    Notes
    -----
    ::

        C_up = 857 T_p^(−0.760 (Q/Q_a)^−0.079)        (7)

    The second power stands within the exponent; codes that circulate have it beside the first as a factor.

    References
    ----------
    Jobson (1996), USGS WRIR 96-4013, eq. 7.
    """
    above_nothing(peak_time=peak_time, relative_discharge=relative_discharge)
    return 857 * float(peak_time ** (-0.760 * relative_discharge**-0.079))
