"""Formulas for dispersion in rivers nobody has tested with a tracer, from cross-section and velocity.

Each predicts within a factor of about two in four cases of five. What was measured on the river itself is better.
"""

from __future__ import annotations

import math

from commonshed.errors import RiverError

__all__ = [
    "fischer_1975",
    "kashefipour_falconer_2002",
    "mixing_length",
    "seo_cheong_1998",
    "shear_velocity",
]

_GRAVITY = 9.81
"""[m/s2]"""

_MANNING = 0.035
"""Of a clean winding natural channel, where no slope is given (Chow 1959, table 5-6: 0.033 to 0.045). [s/m^(1/3)]"""


def shear_velocity(depth: float, *, slope: float | None = None, velocity: float | None = None) -> float:
    """Shear velocity of a wide channel, from slope or else from velocity.

    Parameters
    ----------
    depth : float
        [m]
    slope : float, optional
        Of the energy line. [m/m]
    velocity : float, optional
        Used where there is no slope, with Manning's n = 0.035. [m/s]

    Returns
    -------
    float
        [m/s]

    Raises
    ------
    RiverError
        Neither slope nor velocity is given, or the depth is nothing.

    Notes
    -----
    ::

        u* = √(g H S);  with Manning's S = n² U² / H^(4/3):  u* = √g n U / H^(1/6)
    """
    above_nothing(depth=depth)
    if slope is not None and slope > 0:
        return math.sqrt(_GRAVITY * depth * slope)
    if velocity is not None and velocity > 0:
        return math.sqrt(_GRAVITY) * _MANNING * velocity / math.pow(depth, 1 / 6)
    raise RiverError("a shear velocity needs a slope or a velocity", field="slope", value=slope)


def fischer_1975(*, width: float, depth: float, velocity: float, shear_velocity: float) -> float:
    """Longitudinal dispersion of a natural stream.

    Parameters
    ----------
    width, depth : float
        [m]
    velocity, shear_velocity : float
        [m/s]

    Returns
    -------
    float
        [m2/s]

    Notes
    -----
    ::

        K = 0.011 U² W² / (H u*)

    References
    ----------
    Fischer (1975), discussion of McQuivey & Keefer, J. Environ. Eng. Div. ASCE 101(3) 453–455; Fischer et al. (1979),
    Mixing in Inland and Coastal Waters, eq. 5.19.
    """
    above_nothing(width=width, depth=depth, velocity=velocity, shear_velocity=shear_velocity)
    return 0.011 * velocity**2 * width**2 / (depth * shear_velocity)


def seo_cheong_1998(*, width: float, depth: float, velocity: float, shear_velocity: float) -> float:
    """Longitudinal dispersion by the regression on 59 sets of 26 streams.

    Parameters
    ----------
    width, depth : float
        [m]
    velocity, shear_velocity : float
        [m/s]

    Returns
    -------
    float
        [m2/s]

    Notes
    -----
    ::

        K / (H u*) = 5.915 (W/H)^0.620 (U/u*)^1.428

    Codes that circulate have 5.195 for 5.915, two digits changed round, or leave out H u*.

    References
    ----------
    Seo & Cheong (1998), Predicting longitudinal dispersion coefficient in natural streams, J. Hydraul. Eng. 124(1)
    25–32.
    """
    above_nothing(width=width, depth=depth, velocity=velocity, shear_velocity=shear_velocity)
    aspect, friction = math.pow(width / depth, 0.620), math.pow(velocity / shear_velocity, 1.428)
    return 5.915 * depth * shear_velocity * aspect * friction


def kashefipour_falconer_2002(*, width: float, depth: float, velocity: float, shear_velocity: float) -> float:
    """Longitudinal dispersion by the regression on 81 sets of 30 rivers.

    Parameters
    ----------
    width, depth : float
        [m]
    velocity, shear_velocity : float
        [m/s]

    Returns
    -------
    float
        [m2/s]

    Notes
    -----
    ::

        K / (H U) = 10.612 U/u*                                          W/H > 50
        K / (H U) = (7.428 + 1.775 (W/H)^0.620 (u*/U)^0.572) U/u*        else

    References
    ----------
    Kashefipour & Falconer (2002), Longitudinal dispersion coefficients in natural channels, Water Res. 36(6)
    1596–1608, eqs. 17 and 20 (numbers of the equations unverified; the coefficients from two sources).
    """
    above_nothing(width=width, depth=depth, velocity=velocity, shear_velocity=shear_velocity)
    friction = velocity / shear_velocity
    if width / depth > 50:
        return 10.612 * depth * velocity * friction
    factor = 7.428 + 1.775 * math.pow(width / depth, 0.620) * math.pow(friction, -0.572)
    return factor * depth * velocity * friction


def mixing_length(*, width: float, depth: float, velocity: float, shear_velocity: float) -> float:
    """How far below a release from the bank a river is mixed from bank to bank; above it one dimension is too few. [m]

    Parameters
    ----------
    width, depth : float
        [m]
    velocity, shear_velocity : float
        [m/s]

    Notes
    -----
    ::

        L = 0.4 U W² / ε,  ε = 0.6 H u*  (natural channels, within a half)

    References
    ----------
    Fischer et al. (1979), Mixing in Inland and Coastal Waters, eqs. 5.6 and 5.10 (from the middle 0.1 for 0.4).
    """
    above_nothing(width=width, depth=depth, velocity=velocity, shear_velocity=shear_velocity)
    return 0.4 * velocity * width**2 / (0.6 * depth * shear_velocity)


def above_nothing(**values: float) -> None:
    """Refuse what no river has; the name of a value is how the message calls it.

    Raises
    ------
    RiverError
        A value is not above 0, with its name.
    """
    for name, value in values.items():
        if not (math.isfinite(value) and value > 0):
            what = name.replace("_", " ")
            raise RiverError(f"the formula needs a {what} above 0", field=name, value=value, mend=f"Give the {what}")
