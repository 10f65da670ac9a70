"""What a proof proves, and what it does not, in words for people who keep files and not logs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from commonshed.disclose.proofs.proof import Proof
from commonshed.disclose.proofs.verifying import Proved, Version
from commonshed.errors import PeriodError, plain
from commonshed.periods import Zone
from commonshed.units import quantities, value_text

__all__ = ["tell"]

_FLAGS = {
    "valid": "valid",
    "suspect": "suspect: it was kept, and marked as doubtful",
    "invalid": "invalid: it does not count",
}
_QUALIFIERS = {
    "=": "",
    "<": "below the limit of detection of ",
    ">": "above the range of the instrument, which ends at ",
}


def tell(proof: Proof, proved: Proved) -> list[str]:
    """Sentences, a paragraph each."""
    return [plain(each) for each in (*_what(proof, proved), *_where(proof, proved), *_counts(proved), *_not(proved))]


def _what(proof: Proof, proved: Proved) -> Iterator[str]:
    subject, last = proved.subject, proved.last
    told = quantities().get(subject.quantity)
    name = subject.quantity if told is None else f"{told.name_en} ({subject.quantity})"
    yield (
        f"PROVED: station {subject.station}, {name}, {subject.statistic} of {_length(subject.period)} from "
        f"{_time(proof, subject.start)}: {_value(proved, last)}."
    )
    row = last.row
    yield f"The reading is marked {_FLAGS.get(row.flag, row.flag)}. Its status is {row.status}."
    if row.reason is not None:
        yield f"The reason given for the mark or the change: {row.reason!r}."
    if row.raw is not None:
        yield f"As it was received: {row.raw!r}."


def _where(proof: Proof, proved: Proved) -> Iterator[str]:
    last, checkpoint = proved.last, proved.checkpoint
    node = checkpoint.origin.removeprefix("commonshed/")
    yield (
        f"It was kept as part of entry {last.position} of the log of node {node}, which says it was entered on "
        f"{_time(proof, last.at)}."
    )
    yield f"That log, at {checkpoint.size} entries, is signed with the key {proved.signed_by}."
    for each in proved.witnesses:
        yield f"The neighbour {each.witness.name} confirms to have seen this log on {_time(proof, each.at)}."
    if proved.strangers:
        yield (
            f"There are further signatures, by {', '.join(proved.strangers)}; without their keys they say nothing. "
            "Give the keys: --witness."
        )


def _counts(proved: Proved) -> Iterator[str]:
    if len(proved.versions) > 1:
        yield f"The reading was kept {len(proved.versions)} times; the last one counts. Oldest first:"
        for version in proved.versions:
            yield f"  entry {version.position}: {_value(proved, version)}, {version.row.flag}{_why(version)}"
    if proved.counts == "proved":
        yield (
            f"PROVED as well: within the {proved.checkpoint.size} entries signed there is no later one that changes "
            "this reading. What is proved is the reading as it counted then."
        )
    else:
        yield (
            "NOT proved: that no later entry changes this reading. The proof does not carry what was entered after it; "
            "ask the node for a newer proof, or look into its log."
        )


def _not(proved: Proved) -> Iterator[str]:
    yield (
        "NOT proved: that the instrument measured rightly; that the node entered it at the time it says"
        f"{_seen(proved)}; and what was entered after entry {proved.checkpoint.size - 1}."
    )
    if not proved.witnesses:
        yield (
            "NOT proved: that the node shows everybody the same log. The signature of a neighbour below the checkpoint "
            "would say so; this proof carries none that could be checked."
        )
    if proved.unit is None:
        yield f"Nobody declared the unit of {proved.subject.quantity}: the figure is the count as it was kept."


def _seen(proved: Proved) -> str:
    if not proved.witnesses:
        return ""
    first = min(each.at for each in proved.witnesses)
    return f" (only that it was there by {_utc(first)}, when a neighbour saw it)"


def _value(proved: Proved, version: Version) -> str:
    told = quantities().get(proved.subject.quantity)
    row = version.row
    text = str(row.ticks) if told is None else f"{value_text(row.ticks, told)} {told.unit}"
    return f"{_QUALIFIERS.get(row.qualifier, row.qualifier)}{text}"


def _why(version: Version) -> str:
    said = [version.reason or version.row.reason, version.author or version.row.author]
    told = ", ".join(each for each in said if each)
    return f" ({told})" if told else ""


def _length(seconds: int) -> str:
    if seconds == 0:
        return "one moment"
    for name, unit in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        if seconds % unit == 0:
            count = seconds // unit
            return f"{count} {name}{'' if count == 1 else 's'}"
    return f"{seconds} seconds"


def _time(proof: Proof, second: int) -> str:
    try:
        minutes = Zone.parse(proof.zone).minutes
    except PeriodError:
        return _utc(second)
    try:
        local = datetime.fromtimestamp(second, UTC) + timedelta(minutes=minutes)
    except (ValueError, OverflowError, OSError):
        return f"{second} s after 1970-01-01T00:00 UTC"
    sign = "-" if minutes < 0 else "+"
    return f"{local:%Y-%m-%d %H:%M} (UTC{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d})"


def _utc(second: int) -> str:
    try:
        return f"{datetime.fromtimestamp(second, UTC):%Y-%m-%d %H:%M} UTC"
    except (ValueError, OverflowError, OSError):
        return f"{second} s after 1970-01-01T00:00 UTC"
