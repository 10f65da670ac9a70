"""The points of a survey become the figure of a place: a mean with its grade, or the share that met its limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from commonshed.assess.noise.points import PointLevel
from commonshed.errors import PlacesError
from commonshed.exact import decimal_text, round_fraction
from commonshed.standards.noise import DayPart, NoiseGrade, NoiseMethod, NoiseSurvey

__all__ = ["SurveyLevel", "share_met", "survey_level"]


@dataclass(frozen=True, eq=False)
class SurveyLevel:
    """One part of the day of one survey in one place.

    Attributes
    ----------
    survey : NoiseSurvey
    part : DayPart
    points : int
        Points of the survey.
    measured : int
        Those with a level.
    level : str or None
        Mean of the points; None where the survey has none or nothing was measured. [dB]
    grade : NoiseGrade or None
    met, judged : int
        Days at points that kept their limit, of those that were held against one.
    share : str or None
        The same in percent.
    """

    survey: NoiseSurvey
    part: DayPart
    points: int
    measured: int
    level: str | None
    grade: NoiseGrade | None
    met: int
    judged: int
    share: str | None


def survey_level(survey: NoiseSurvey, part: DayPart, points: Sequence[PointLevel], method: NoiseMethod) -> SurveyLevel:
    """The figure of one part of the day of one survey.

    The published levels of the points are averaged, so that a reader can do it again.

    Raises
    ------
    PlacesError
        A mean is weighed by the length of roads and a measured point has none.
    """
    measured = [point for point in points if point.level is not None]
    mean = _mean(survey, measured, method)
    count = None if mean is None else round_fraction(mean, method.decimals, method.rounding)
    met, judged = sum(point.met for point in points), sum(point.judged for point in points)
    return SurveyLevel(
        survey,
        part,
        len(points),
        len(measured),
        None if count is None else decimal_text(count, method.decimals),
        None if count is None else _grade(survey, part, Fraction(count, 10**method.decimals)),
        met,
        judged,
        share_met(met, judged, method),
    )


def share_met(met: int, judged: int, method: NoiseMethod) -> str | None:
    """A share in percent; None of nothing."""
    if not judged:
        return None
    return decimal_text(
        round_fraction(Fraction(100 * met, judged), method.rate_decimals, method.rounding), method.rate_decimals
    )


def _mean(survey: NoiseSurvey, points: Sequence[PointLevel], method: NoiseMethod) -> Fraction | None:
    if not points or survey.mean == "share-met":
        return None
    weights = [_weight(survey, point) for point in points]
    levels = [Fraction(point.level or 0, 10**method.decimals) for point in points]
    return sum((w * level for w, level in zip(weights, levels, strict=True)), Fraction(0)) / sum(weights)


def _weight(survey: NoiseSurvey, point: PointLevel) -> Fraction:
    if survey.mean != "road-length":
        return Fraction(1)
    length = Fraction(point.station.road_length or 0)
    if length <= 0:
        raise PlacesError(
            f"station {point.station.id} of the road survey stands for no length of road",
            field="road_length",
            value=point.station.road_length,
            mend="Give the stations' table a column road_length, in metres",
        )
    return length


def _grade(survey: NoiseSurvey, part: DayPart, level: Fraction) -> NoiseGrade | None:
    return next(
        (grade for grade in survey.grades if part.key not in grade.up_to or level <= grade.up_to[part.key]), None
    )
