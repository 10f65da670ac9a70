"""When a spill arrives at a place, how high it gets there, and when it has passed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from commonshed.attribute.river.published import significant_text

__all__ = ["Arrival", "Band", "Passage", "passage_of", "passages_of", "trace"]

Floats = NDArray[np.float64]

Band = tuple[float | None, float | None]
"""5 % and 95 % of the members; none where these members saw no such hour within the forecast."""


@dataclass(frozen=True)
class Passage:
    """One cloud at one place.

    Attributes
    ----------
    arrival, peak_time, passage : float or None
        Hour the threshold is crossed upwards first and downwards last, and of the peak; none: not within the hours. [h]
    peak : float
        [mg/L]
    """

    arrival: float | None
    peak_time: float | None
    passage: float | None
    peak: float


@dataclass(frozen=True)
class Arrival:
    """A cloud at a place that somebody asked about, with what is uncertain of it.

    Attributes
    ----------
    at : str
        Id of the mark or node.
    kind : str
        Of the mark; ``node`` or ``mouth`` where there is no mark.
    name_en, name_zh : str
    distance : float or None
        Along the river from the release; none: not downstream of it. [m]
    threshold : float
        [mg/L]
    arrival, peak_time, passage : float or None
        [h]
    peak : float
        [mg/L]
    arrival_band, peak_time_band, passage_band, peak_band : (low, high) or None
        5 % and 95 % of the members; none without members.
    likelihood : float or None
        Part of the members that reach the threshold.
    note : str
    """

    at: str
    kind: str
    name_en: str
    name_zh: str
    distance: float | None
    threshold: float
    arrival: float | None = None
    peak_time: float | None = None
    passage: float | None = None
    peak: float = 0.0
    arrival_band: Band | None = None
    peak_time_band: Band | None = None
    passage_band: Band | None = None
    peak_band: Band | None = None
    likelihood: float | None = None
    note: str = ""

    @property
    def reached(self) -> bool:
        """Whether the threshold is reached within the hours."""
        return self.arrival is not None

    def record(self) -> dict[str, object]:
        """As plain text, rounded once: hours to 0.01, concentrations to four significant digits, metres."""
        return {
            "at": self.at,
            "kind": self.kind,
            "name_en": self.name_en,
            "name_zh": self.name_zh,
            "distance_m": _fixed(self.distance, 0),
            "threshold_mg_l": _significant(self.threshold),
            "reached": self.reached,
            "arrival_h": _fixed(self.arrival, 2),
            "peak_h": _fixed(self.peak_time, 2),
            "passage_h": _fixed(self.passage, 2),
            "peak_mg_l": _significant(self.peak),
            "arrival_h_90": _both(self.arrival_band, _hours),
            "peak_h_90": _both(self.peak_time_band, _hours),
            "passage_h_90": _both(self.passage_band, _hours),
            "peak_mg_l_90": _both(self.peak_band, _significant),
            "likelihood": _fixed(self.likelihood, 3),
            "note": self.note,
        }


def passage_of(times: Floats, series: Floats, threshold: float | None, background: float = 0.0) -> Passage:
    """The passage of one series.

    Parameters
    ----------
    times : float array (T,)
        [h]
    series : float array (T,)
        [mg/L]
    threshold : float or None
        None: one hundredth of the series' own peak above the background. [mg/L]
    background : float
        [mg/L]
    """
    *hours, peak = passages_of(times, series[None], threshold, background)
    arrival, peak_time, passage = (_or_none(each[0]) for each in hours)
    return Passage(arrival, peak_time, passage, float(peak[0]))


def passages_of(
    times: Floats, series: Floats, threshold: float | None, background: float = 0.0
) -> tuple[Floats, Floats, Floats, Floats]:
    """Arrival, hour of the peak, passage and peak of many series; hours that were not seen are NaN.

    Parameters
    ----------
    times : float array (T,)
        [h]
    series : float array (members, T)
        [mg/L]
    threshold : float or None
        None: one hundredth of each series' own peak above the background. [mg/L]
    background : float
        [mg/L]

    Notes
    -----
    Hours of crossing are interpolated; a peak at the very end is still rising and has no hour.
    """
    members, last = np.arange(len(series)), len(times) - 1
    top = series.argmax(axis=1)
    peak = series[members, top]
    level = np.full(len(series), threshold) if threshold is not None else background + (peak - background) / 100
    above = series >= level[:, None]
    above &= (peak > background)[:, None]
    reached = above.any(axis=1)
    first = above.argmax(axis=1)
    final = last - above[:, ::-1].argmax(axis=1)
    arrival = _crossing(times, series, level, np.maximum(first - 1, 0))
    arrival = np.where(first == 0, times[0], arrival)
    passage = _crossing(times, series, level, np.minimum(final, last - 1))
    unseen = ~reached
    return (
        np.where(unseen, np.nan, arrival),
        np.where((peak <= background) | (top == last), np.nan, times[top]),
        np.where(unseen | (final == last), np.nan, passage),
        peak,
    )


def trace(mass: float, discharge: float, hours: float) -> float:
    """Concentration that counts as nothing: a millionth of a release evenly in the water of all hours. [mg/L]

    Without it the last digits of a solver would be an arrival where a hundredth of the peak counts.

    Parameters
    ----------
    mass : float
        [kg]
    discharge : float
        [m3/s]
    hours : float
        [h]
    """
    return 1e-6 * 1000 * mass / (discharge * 3600 * hours)


def _crossing(times: Floats, series: Floats, level: Floats, left: NDArray[np.int64]) -> Floats:
    """Hour at which the straight line from `left` to the next value is at the level."""
    members = np.arange(len(series))
    y0, y1 = series[members, left], series[members, left + 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(y1 == y0, 0.0, (level - y0) / (y1 - y0))
    return np.asarray(times[left] + np.clip(share, 0.0, 1.0) * (times[left + 1] - times[left]))


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _fixed(value: float | None, digits: int) -> str | None:
    return None if value is None else f"{value:.{digits}f}"


def _hours(value: float | None) -> str | None:
    return _fixed(value, 2)


def _significant(value: float | None) -> str | None:
    return None if value is None else significant_text(value, 4, least=1e-12)


def _both(band: Band | None, text: Callable[[float | None], str | None]) -> list[str | None] | None:
    return None if band is None else [text(each) for each in band]
