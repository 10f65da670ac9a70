"""Noise: from sound levels to levels of day and night, zones that keep their limits, grades of areas and roads."""

from commonshed.assess.noise.assessment import By, NoiseAssessment, noise
from commonshed.assess.noise.levels import energetic_mean
from commonshed.assess.noise.points import DayLevel, PointLevel
from commonshed.assess.noise.surveys import SurveyLevel

__all__ = ["By", "DayLevel", "NoiseAssessment", "PointLevel", "SurveyLevel", "energetic_mean", "noise"]
