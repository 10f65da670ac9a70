"""A line in the Laplace plane, and the way from values over time to it and back."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from commonshed.attribute.river.spill.release import Release

__all__ = ["Line"]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

_WRAP = 1e-7
"""What of a cloud that comes after the end may show at the beginning."""

_SHARP = 1e-9
"""What may be left at the highest frequency, relative to the lowest, before a cloud counts as too sharp."""


class Line:
    """The line in the Laplace plane, and the way to it and back."""

    def __init__(self, hours: float, steps: int) -> None:
        self.steps = steps
        self.dt = 3600 * hours / steps
        self.times: Floats = np.arange(2 * steps, dtype=np.float64) * self.dt
        period = 2 * steps * self.dt
        a = -math.log(_WRAP) / period
        self.s: Complex = np.asarray(a + 2j * np.pi * np.arange(steps + 1) / period, dtype=np.complex128)
        self.damping = np.exp(-a * self.times)
        self.smooth = np.exp((self.s * self.dt) ** 2 / 2)

    def back(self, spectrum: Complex) -> Floats:
        """Values over time of spectra (..., steps + 1); one too sharp for the steps is spread over about one step."""
        full = spectrum.shape[-1] == self.steps + 1
        if full and np.abs(spectrum[..., -1]).max() > _SHARP * np.abs(spectrum[..., 0]).max():
            spectrum = spectrum * self.smooth
        return np.asarray(np.fft.irfft(spectrum, 2 * self.steps) / self.damping / self.dt)

    def there(self, values: Floats) -> Complex:
        """Spectra of values over time (..., 2 steps)."""
        return np.asarray(np.fft.rfft(values * self.damping) * self.dt)

    def release(self, release: Release) -> Complex:
        """Spectrum of the mass that goes in. [g]"""
        s, total = self.s, np.zeros(len(self.s), dtype=np.complex128)
        for begin, end, mass in release.stretches:
            if begin == end:
                total += mass * np.exp(-s * begin)
            else:
                total += mass * (np.exp(-s * begin) - np.exp(-s * end)) / (s * (end - begin))
        return total
