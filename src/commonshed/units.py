"""Quantities, their canonical units and resolutions, and exact conversion into them.

Units are checked once, where data enters. Inside, each quantity has one unit and a value is a count of ticks.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from importlib import resources
from typing import Literal

from commonshed.errors import InputError, UnknownName
from commonshed.exact import decimal_text

__all__ = [
    "GAS_CONSTANT",
    "Quantity",
    "ReferenceState",
    "gas_factor",
    "quantities",
    "quantity",
    "ticks_per",
    "value_text",
]

GAS_CONSTANT = Fraction("8.31446261815324")
"""Molar gas constant. [J/(mol K)], exact since the 2019 revision of the SI (CODATA 2018)."""

_MASS_PER_VOLUME = {
    # micrograms per cubic metre in one unit
    "g/m3": Fraction(10**6),
    "mg/m3": Fraction(1000),
    "ug/m3": Fraction(1),
    "ng/m3": Fraction(1, 1000),
}
_MASS_PER_LITRE = {
    # micrograms per litre in one unit
    "g/L": Fraction(10**6),
    "mg/L": Fraction(1000),
    "ug/L": Fraction(1),
    "ng/L": Fraction(1, 1000),
    "mg/m3": Fraction(1),
    "g/m3": Fraction(1000),
    "kg/m3": Fraction(10**6),
}
_FAMILIES = (
    _MASS_PER_VOLUME,
    _MASS_PER_LITRE,
    {"degC": Fraction(1), "Celsius": Fraction(1), "°C": Fraction(1), "℃": Fraction(1)},
    {"uS/cm": Fraction(1), "mS/m": Fraction(10), "mS/cm": Fraction(1000), "S/m": Fraction(10_000)},
    {"count/L": Fraction(1), "MPN/L": Fraction(1), "CFU/L": Fraction(1), "count/100mL": Fraction(10)},
    {
        "m3/s": Fraction(1),
        "L/s": Fraction(1, 1000),
        "m3/h": Fraction(1, 3600),
        "m3/d": Fraction(1, 86_400),
        "ML/d": Fraction(1000, 86_400),
    },
    {"ueq/L": Fraction(1), "meq/L": Fraction(1000)},
    {"m": Fraction(1), "cm": Fraction(1, 100)},
    {"mV": Fraction(1), "V": Fraction(1000)},
    {"1": Fraction(1), "pH": Fraction(1), "-": Fraction(1), "无量纲": Fraction(1), "": Fraction(1)},
    {"dB(A)": Fraction(1), "dBA": Fraction(1), "dB": Fraction(1)},
    {"kg": Fraction(1), "t": Fraction(1000), "g": Fraction(1, 1000), "mg": Fraction(1, 10**6)},
    {"m3": Fraction(1), "L": Fraction(1, 1000)},
)
"""Units that measure the same, each family in one of its own."""
_MIXING_RATIO = {
    # parts per billion by volume in one unit
    "ppm": Fraction(1000),
    "ppb": Fraction(1),
    "umol/mol": Fraction(1000),
    "nmol/mol": Fraction(1),
}
_SPELLINGS = str.maketrans({"µ": "u", "μ": "u", "³": "3", " ": "", "^": ""})
_EXPRESSED = re.compile(
    r"(?P<unit>.+?)(?:\s+as\s+|-)(?P<species>[A-Z][A-Za-z0-9]*)|(?P<mass>\w+) (?P<of>[A-Z][A-Za-z0-9]*)/(?P<per>\w+)"
)
"""``mg/L as NH4``, ``mg/L-N`` or ``mg N/L``."""


@dataclass(frozen=True)
class ReferenceState:
    """Temperature and pressure at which a volume of gas is counted.

    Attributes
    ----------
    temperature : Fraction
        [K]
    pressure : Fraction
        [hPa]
    """

    temperature: Fraction
    pressure: Fraction = Fraction("1013.25")

    def __str__(self) -> str:
        return f"{float(self.temperature):g} K, {float(self.pressure):g} hPa"


@dataclass(frozen=True)
class Quantity:
    """What is measured.

    Attributes
    ----------
    id : str
        As in readings and files: ``pm25``.
    name_en, name_zh : str
    medium : str
        ``air``, ``water``, ``noise``, or ``discharge`` for amounts that left an outlet.
    kind : {"gas", "particulate", "other"}
        Gases follow a reference state; particulate matter is counted at the actual state.
    unit : str
        Canonical unit.
    resolution : Fraction
        One tick, in the canonical unit.
    molar_mass : Fraction or None
        [g/mol]
    hj212 : str or None
        Code in HJ 212-2017, annex B.
    species : dict of str to Fraction
        What it may be counted as, the canonical one first: molar mass that carries one mole of the element. [g/mol]
    weighting : str or None
        Frequency weighting of a sound level: ``A``.
    """

    id: str
    name_en: str
    name_zh: str
    medium: str
    kind: Literal["gas", "particulate", "other"]
    unit: str
    resolution: Fraction
    molar_mass: Fraction | None = None
    hj212: str | None = None
    species: Mapping[str, Fraction] = field(default_factory=dict, hash=False)
    weighting: str | None = None


@cache
def quantities() -> dict[str, Quantity]:
    """Every declared quantity, by id, in the order of the catalogue."""
    text = resources.files("commonshed").joinpath("quantities.toml").read_text("utf-8")
    return {key: _quantity(key, entry) for key, entry in tomllib.loads(text).items()}


def _quantity(key: str, entry: dict[str, object]) -> Quantity:
    fields = dict(entry)
    name = fields.pop("name")
    assert isinstance(name, dict)
    resolution = Fraction(str(fields.pop("resolution")))
    molar_mass = fields.pop("molar_mass", None)
    species = fields.pop("species", {})
    assert isinstance(species, dict)
    return Quantity(
        id=key,
        name_en=name["en"],
        name_zh=name["zh"],
        resolution=resolution,
        molar_mass=None if molar_mass is None else Fraction(str(molar_mass)),
        species={name: Fraction(mass) for name, mass in species.items()},
        **fields,  # type: ignore[arg-type]
    )


def quantity(key: str) -> Quantity:
    """The quantity of that id.

    Raises
    ------
    UnknownName
        Nobody declared it; the message lists near ones, or those that go by this name: ``NH3-N`` or ``氨氮``.
    """
    try:
        return quantities()[key]
    except KeyError:
        raise UnknownName("quantity", key, _named(key) or quantities()) from None


def _named(name: str) -> list[str]:
    """The quantities that go by this name in one of the languages or by this id written another way; else by a part.

    A part of a name means what is measured, never the amount of it that was discharged.
    """
    plain = _plain(name)
    names = {key: (key, _plain(of.name_en), _plain(of.name_zh)) for key, of in quantities().items()}
    whole = [key for key, held in names.items() if plain in held]
    measured = {key: held for key, held in names.items() if quantities()[key].medium != "discharge"}
    return whole or [key for key, (_, *held) in measured.items() if plain and any(plain in one for one in held)]


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def ticks_per(of: Quantity, unit: str, state: ReferenceState | None = None) -> Fraction:
    """Ticks of a quantity in one of a unit, as an exact rational.

    Parameters
    ----------
    of : Quantity
    unit : str
        Air: ``ug/m3`` (also written µg/m³), ``mg/m3``, ``ng/m3``, ``g/m3``, or a mixing ratio: ``ppb``, ``ppm``. Water:
        ``mg/L``, ``ug/L`` …, where a quantity has species also ``mg/L as NH4``; the others as in the catalogue.
    state : ReferenceState, optional
        Needed for mixing ratios.

    Raises
    ------
    InputError
        The unit is unknown for this quantity, or a mixing ratio comes without a reference state.

    Notes
    -----
    Ideal gas: a mole fraction of 10⁻⁹ is 10⁻⁹ · M · p / (R · T) g/m³ with M in g/mol and p in Pa, that is
    M · p · 10⁻³ / (R · T) µg/m³ per ppb. A mass of NH4 holds 14.007 / 18.039 of it as N.
    """
    spelled, species = _parted(unit)
    family = next((units for units in _FAMILIES if of.unit in units and _measures(units, of)), {of.unit: Fraction(1)})
    if spelled in family and species is None:
        return family[spelled] / family[of.unit] / of.resolution
    if species is not None and spelled in family and species in of.species:
        element = next(iter(of.species.values()))
        return family[spelled] / family[of.unit] / of.resolution * element / of.species[species]
    if of.molar_mass is not None and spelled in _MIXING_RATIO and species is None:
        if state is None:
            raise InputError(
                f"{of.id} in {unit} cannot become {of.unit} without a reference state",
                mend="State temperature and pressure in the mapping: reference_state = { temperature = '293.15' }",
            )
        micrograms_per_ppb = of.molar_mass * state.pressure * 100 / 1000 / (GAS_CONSTANT * state.temperature)
        return _MIXING_RATIO[spelled] * micrograms_per_ppb / family[of.unit] / of.resolution
    known = [of.unit, *filter(None, family), *(_MIXING_RATIO if of.molar_mass else ())]
    known += [f"{of.unit} as {species}" for species in of.species]
    raise InputError(
        f"{of.id} is not measured in {unit!r}",
        field="unit",
        value=unit,
        mend=f"Known: {', '.join(dict.fromkeys(known))}",
    )


def value_text(ticks: int, of: Quantity) -> str:
    """A count of ticks as a decimal number in the unit of its quantity, with every decimal of its resolution.

    >>> value_text(35200, quantity("pm25"))
    '35.200'
    """
    decimals = len(str(of.resolution.denominator)) - 1  # resolutions are powers of ten
    return decimal_text(int(ticks * of.resolution * 10**decimals), decimals)


def _parted(unit: str) -> tuple[str, str | None]:
    """The unit as the catalogue spells it, and what it is expressed as."""
    expressed = _EXPRESSED.fullmatch(unit.strip())
    species = None
    if expressed:
        species = expressed["species"] or expressed["of"]
        unit = expressed["unit"] or f"{expressed['mass']}/{expressed['per']}"
    spelled = unit.translate(_SPELLINGS)
    return (f"{spelled[:-2]}/L" if spelled.endswith("/l") else spelled), species


def _measures(units: Mapping[str, Fraction], of: Quantity) -> bool:
    """A gram per cubic metre of air is another thing than one of water: each medium has its own family."""
    return (units is not _MASS_PER_VOLUME or of.medium == "air") and (
        units is not _MASS_PER_LITRE or of.medium != "air"
    )


def gas_factor(measured: ReferenceState, wanted: ReferenceState) -> Fraction:
    """What a gas concentration is multiplied by to stand at another reference state.

    Notes
    -----
    c₂ = c₁ · (T₁ / T₂) · (p₂ / p₁). From 273 K to 298.15 K at 1013.25 hPa: 273 / 298.15, which is 5460 / 5963.
    """
    return measured.temperature / wanted.temperature * wanted.pressure / measured.pressure
