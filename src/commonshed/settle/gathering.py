"""From readings to what rules look at: published values, rounded volumes, published shares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from commonshed.assess.source import Source
from commonshed.assess.water.samples import Samples, samples_between
from commonshed.assess.water.values import scale_for, valued
from commonshed.errors import AgreementError, UnknownName
from commonshed.exact import decimal_text, round_fraction
from commonshed.periods import Period
from commonshed.places import Network
from commonshed.settle.agreement import Agreement, FlowSource
from commonshed.settle.docket import units_between
from commonshed.settle.measured import Measured, ShareOf, Value, Volume
from commonshed.settle.problems import Problems
from commonshed.settle.rules import ClassStep, LoadPrice, Pool, Restoration, Rule, TwoWay, UnitOfBill
from commonshed.standards import Regime
from commonshed.standards import regime as regime_of
from commonshed.standards.parts import written
from commonshed.units import quantity

__all__ = ["gathered", "shares_of_records"]

_DAY = 86_400


@dataclass(frozen=True)
class _Stretches:
    """What a rule wants to see: stretches, sections and quantities."""

    units: tuple[Period, ...]
    sections: tuple[str, ...]
    quantities: tuple[str, ...]


def gathered(
    agreement: Agreement,
    source: Source,
    period: Period,
    *,
    as_of: int | None = None,
    shares: ShareOf | None = None,
) -> Measured:
    """Everything the rules of an agreement look at, made of the readings of a source.

    Parameters
    ----------
    agreement : Agreement
    source : Source
    period : Period
        What is settled; rules with a memory also look at what was before.
    as_of : int, optional
        Size of the shed's log.
    shares : ShareOf, optional
        Published shares; without them the agreement's own way of attribution is used, where a rule needs any.

    Raises
    ------
    AgreementError
        A section the source does not know, all of them in one message; shares that cannot be had.
    """
    network = source.network(as_of)
    law = regime_of(agreement.regime)
    _check_sections(agreement, network)
    wanted = [_wanted(agreement, rule, period) for rule in agreement.rules]
    levels = _levels(agreement, network, law, period)
    return Measured(
        values=_values(source, wanted, network, law, as_of),
        volumes=_volumes(agreement, source, wanted, as_of),
        levels=levels,
        shares=shares if shares is not None else _attributed(agreement, source, period, as_of),
        owners={id: code for id, held in network.stations.items() if (code := held.jurisdiction) is not None},
        above={code: tuple(network.ancestors(code)) for code in network.jurisdictions},
    )


def shares_of_records(records: Iterable[Mapping[str, object]]) -> ShareOf:
    """Published shares by section, quantity and period, from the records of ``commonshed attribute shares``.

    Raises
    ------
    AgreementError
        A record is of another grouping than jurisdictions, or its share is no number.
    """
    found: dict[tuple[str, str, str], dict[str, Decimal]] = {}
    for row, record in enumerate(records, start=1):
        if record.get("share") is None:
            continue
        if record.get("by") != "jurisdiction":
            mend = "Make them with --by jurisdiction"
            raise AgreementError(
                "shares are not by jurisdiction", row=row, field="by", value=record.get("by"), mend=mend
            )
        try:
            key = str(record["section"]), str(record["quantity"]), str(record["period"])
            part, share = str(record["of"]), Decimal(str(record["share"]))
        except (KeyError, InvalidOperation) as error:
            mend = "Give the records of commonshed attribute shares --format json"
            raise AgreementError(f"these are not records of shares: {error!r}", row=row, mend=mend) from None
        of = found.setdefault(key, {})
        of[part] = of.get(part, Decimal(0)) + share
    return found


def _check_sections(agreement: Agreement, network: Network) -> None:
    found = Problems(agreement.file)
    named = {
        id for section in agreement.sections for id in (section.id, *section.inflow, section.flow_at or section.id)
    }
    for id in sorted(named):
        if id not in network.stations:
            near = UnknownName("section", id, network.stations)
            found.add(
                "the agreement names a section these places do not have",
                field=f"sections.{id}",
                value=id,
                mend=near.mend or "Add it to the table of sections",
            )
    found.refuse()


def _wanted(agreement: Agreement, rule: Rule, period: Period) -> _Stretches:
    clause = agreement.clauses.missing_samples
    memory = isinstance(rule, Restoration) or (clause is not None and clause.action == "previous")
    first = agreement.began if memory else period.first
    unit: UnitOfBill = "month" if isinstance(rule, Pool) else rule.unit_of_time
    sections = agreement.of_rule(rule)
    names = [id for section in sections for id in (section.id, *section.inflow)]
    return _Stretches(tuple(units_between(first, period.last, unit)), tuple(dict.fromkeys(names)), rule.quantities)


def _values(
    source: Source,
    wanted: Sequence[_Stretches],
    network: Network,
    law: Regime,
    as_of: int | None,
) -> dict[tuple[str, str, Period], Value]:
    units = sorted({unit for one in wanted if one.quantities for unit in one.units})
    if not units:
        return {}
    table = samples_between(
        source,
        Period(units[0].first, max(unit.last for unit in units)),
        quantities=sorted({of for one in wanted for of in one.quantities}),
        sections=sorted({id for one in wanted for id in one.sections}),
        as_of=as_of,
    )
    values: dict[tuple[str, str, Period], Value] = {}
    for unit in units:
        for (section, of), held in valued(table.within(unit), network, law, unit).items():
            values[section, of, unit] = Value(
                of, held.published, held.unit, held.samples, below=held.below, level=held.level
            )
    return values


def _volumes(
    agreement: Agreement, source: Source, wanted: Sequence[_Stretches], as_of: int | None
) -> dict[tuple[str, Period], Volume]:
    flow = agreement.flow
    declared = {
        (one.section, Period.parse(one.period)): Volume(written(one.value), one.unit, how="declared")
        for one in agreement.volumes
    }
    if flow is not None and flow.source == "declared":
        return declared
    if flow is None and agreement.clauses.flood is None:
        return declared
    units = sorted({unit for one in wanted for unit in one.units})
    if not units:
        return declared
    span = Period(units[0].first, max(unit.last for unit in units))
    at = sorted({section.flow_at or section.id for section in agreement.sections})
    table = samples_between(source, span, quantities=["flow"], sections=at, as_of=as_of)
    measured = {(id, unit): held for unit in units for (id, _), held in table.within(unit).items()}
    return {key: _volume(held, flow, *key) for key, held in measured.items()} | declared


def _volume(samples: Samples, flow: FlowSource | None, at: str, unit: Period) -> Volume:
    """Mean flow times the seconds of the stretch, rounded once as the agreement says; without a rule to whole m3."""
    held = quantity("flow")
    mean = samples.mean("limit") * held.resolution
    written_in, decimals = ("m3", 0) if flow is None else (flow.unit, flow.decimals)
    size = 10_000 if written_in == "1e4 m3" else 1
    text = decimal_text(round_fraction(mean * unit.days * _DAY / size, decimals), decimals)
    largest = max(samples.ticks.tolist()) * held.resolution
    how = f"mean of {len(samples)} readings of flow at {at} x {unit.days} days"
    return Volume(text, written_in, len(samples), Fraction(largest), how)


def _levels(agreement: Agreement, network: Network, law: Regime, period: Period) -> tuple[str, ...]:
    if not any(isinstance(rule, ClassStep) for rule in agreement.rules) or not agreement.sections:
        return ()
    return scale_for(network.station(agreement.sections[0].id), law, period).levels


def _attributed(agreement: Agreement, source: Source, period: Period, as_of: int | None) -> ShareOf:
    """Shares by the agreement's own way of attribution, for the sections and quantities that need any."""
    way = agreement.attribution
    needed = sorted({key for rule in agreement.rules for key in _needing_shares(agreement, rule)})
    if way is None or not needed:
        return {}
    from commonshed.attribute.river.shares import shares

    found: dict[tuple[str, str, str], Mapping[str, Decimal]] = {}
    for of in sorted({of for _, of in needed}):
        sections = [section for section, name in needed if name == of]
        for unit in units_between(period.first, period.last, way.unit_of_time):
            assessed = shares(
                source,
                quantity=of,
                period=unit,
                sections=sections,
                by="jurisdiction",
                gains=way.gains,
                method=way.method,
                beside=(),
                draws=way.draws,
                seed=way.seed,
                as_of=as_of,
            )
            found |= shares_of_records(assessed.records())
    return found


def _needing_shares(agreement: Agreement, rule: Rule) -> Iterator[tuple[str, str]]:
    if not isinstance(rule, LoadPrice | TwoWay | ClassStep) or rule.split != "shares":
        return
    for section in agreement.of_rule(rule):
        fixed = {table.quantity for table in section.shares}
        yield from ((section.id, of) for of in rule.quantities if of not in fixed)
