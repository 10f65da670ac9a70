"""The standard's facts, read once from ``protocol.toml`` and ``codes.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib import resources
from typing import Any

__all__ = ["Code", "DataFlag", "Protocol", "Suffix", "Trap", "codes", "old_codes", "protocol"]


@dataclass(frozen=True)
class Code:
    """What a code of annex B stands for.

    Attributes
    ----------
    code : str
        ``a34004``.
    zh, en : str
    unit : str or None
        Of concentrations and states; None: not fixed.
    amount : str or None
        Unit of the amount emitted in a period.
    decimals : int
        Digits behind the point in the standard's format.
    in_annex : bool
        False: used in practice and not in annex B.
    """

    code: str
    zh: str
    en: str
    unit: str | None
    amount: str | None
    decimals: int
    in_annex: bool


@dataclass(frozen=True)
class DataFlag:
    """What a data flag makes of a reading."""

    flag: str
    qualifier: str
    reason: str | None


@dataclass(frozen=True)
class Suffix:
    """What the part of a field's name behind the dash says."""

    statistic: str
    of: str
    """``instant`` or ``period``."""
    amount: bool


@dataclass(frozen=True)
class Trap:
    """A unit of annex B that instruments seldom send."""

    below: Fraction
    """A value below it may be meant in the other unit."""
    rather: str


@dataclass(frozen=True)
class Protocol:
    """What the code needs of the standard; the whole of it is :attr:`facts`."""

    facts: Mapping[str, Any]
    segment_most: int
    cp_most: int
    fields: tuple[str, ...]
    later_fields: tuple[str, ...]
    widths: Mapping[str, int]
    versions: Mapping[int, str]
    periods: Mapping[str, str]
    flags: Mapping[str, DataFlag]
    suffixes: Mapping[str, Suffix]
    noise: Mapping[str, str]
    traps: Mapping[str, Trap]
    ack_timeout: int
    retries: int
    minute_intervals: tuple[int, ...]
    qn_rtn: Mapping[str, str]
    exe_rtn: Mapping[str, str]
    commands: Mapping[str, str]
    system_types: Mapping[str, str]


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files("commonshed.observe.hj212").joinpath(name).read_text("utf-8"))


@cache
def protocol() -> Protocol:
    """The protocol."""
    facts = _toml("protocol.toml")
    later = facts["edition_2025"]
    return Protocol(
        facts=facts,
        segment_most=facts["frame"]["segment_most"],
        cp_most=facts["frame"]["cp_most"],
        fields=tuple(facts["frame"]["fields"]),
        later_fields=tuple(later["fields"]),
        widths=facts["frame"]["values"],
        versions={int(number): title for number, title in facts["versions"].items() if number.isdigit()},
        periods={command: held["period"] for command, held in facts["data"].items()},
        flags={
            letter: DataFlag(held["flag"], held.get("qualifier", "="), held.get("en"))
            for letter, held in facts["flags"].items()
        },
        suffixes={
            name: Suffix(held["statistic"], held["of"], held.get("amount", False))
            for name, held in facts["suffixes"].items()
            if name != "provenance"
        },
        noise=facts["noise"]["statistics"],
        traps={code: Trap(Fraction(held["below"]), held["rather"]) for code, held in facts["unit_traps"].items()},
        ack_timeout=facts["timing"]["ack_timeout"],
        retries=facts["timing"]["retries"],
        minute_intervals=tuple(facts["timing"]["minute_interval"]),
        qn_rtn=facts["answers"]["qn_rtn"],
        exe_rtn=facts["answers"]["exe_rtn"],
        commands={**_texts(facts["commands"]), **later["commands"]},
        system_types={code: held["en"] for code, held in facts["system_types"].items()} | later["system_types"],
    )


def _texts(held: Mapping[str, Any]) -> dict[str, str]:
    return {key: value for key, value in held.items() if isinstance(value, str)}


@cache
def codes() -> dict[str, Code]:
    """Every code of annex B and those used beside it."""
    facts = _toml("codes.toml")
    annex = {code: _code(code, held, in_annex=True) for code, held in facts["codes"].items()}
    return annex | {code: _code(code, held, in_annex=False) for code, held in facts["outside"]["codes"].items()}


def _code(code: str, held: Mapping[str, str], *, in_annex: bool) -> Code:
    _, point, behind = held.get("format", "").partition(".")
    return Code(
        code=code,
        zh=held["zh"],
        en=held.get("en", held["zh"]),
        unit=held.get("unit"),
        amount=held.get("amount"),
        decimals=int(behind) if point else 0,
        in_annex=in_annex,
    )


@cache
def old_codes() -> dict[str, str]:
    """The codes of HJ/T 212-2005 and what they are called since 2017."""
    return {held["old"]: code for code, held in _toml("codes.toml")["codes"].items() if "old" in held}
