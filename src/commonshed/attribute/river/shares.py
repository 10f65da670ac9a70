"""Who caused what passes a section: shares of its load by source, sector, jurisdiction or reach, with intervals."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from commonshed.assess import Source
from commonshed.attribute.river.budget import Budget, budget
from commonshed.attribute.river.decay import NONE, Decay
from commonshed.attribute.river.loads import METHODS, Load, LoadAssessment, Method, loads
from commonshed.attribute.river.mean_flow import mean_flows, with_mean_flow
from commonshed.attribute.river.owners import owned_rivers, owned_sources
from commonshed.attribute.river.share_records import records_of
from commonshed.attribute.river.sources import DeclaredSource
from commonshed.attribute.river.split import GAINS, GROUPINGS, By, Gains, Split, split
from commonshed.errors import InputError, UnknownName
from commonshed.periods import Period
from commonshed.places import Network, Rivers

__all__ = ["SectionShares", "ShareAssessment", "shares"]


@dataclass(frozen=True, eq=False)
class SectionShares:
    """The shares of one section, by the method asked for and by the others.

    Attributes
    ----------
    section : str
    split : Split or None
        None: there is no load to share out.
    why_not : str or None
        Why there is none.
    beside : dict of method to Split or None
        What the other methods of estimating loads make of it; none where one cannot answer.
    load : Load or None
    """

    section: str
    split: Split | None
    why_not: str | None
    beside: dict[Method, Split | None]
    load: Load | None


@dataclass(frozen=True, eq=False)
class ShareAssessment:
    """Shares of the loads of some sections in one period.

    Attributes
    ----------
    quantity : str
    period : Period
    by : By
    gains : Gains
    method : Method
        How the loads were estimated.
    decay : Decay
    network : Network
    budget : Budget
        The loads as they fit together.
    sections : tuple of SectionShares
    notes : tuple of str
        What holds for all of them.
    """

    quantity: str
    period: Period
    by: By
    gains: Gains
    method: Method
    decay: Decay
    network: Network
    budget: Budget
    sections: tuple[SectionShares, ...]
    notes: tuple[str, ...]

    def records(self) -> Iterator[dict[str, Any]]:
        """A record for each section and part, `unexplained` last; the shares of a section are one together, exactly."""
        for section in self.sections:
            yield from records_of(self, section)


def shares(
    source: Source,
    *,
    quantity: str,
    period: str | Period,
    sections: Sequence[str] | None = None,
    by: By = "jurisdiction",
    among: Sequence[str] | None = None,
    gains: Gains = "unexplained",
    decay: Decay = NONE,
    declared: Sequence[DeclaredSource] = (),
    method: str | None = None,
    beside: Sequence[Method] = METHODS,
    draws: int = 1000,
    seed: int = 0,
    as_of: int | None = None,
) -> ShareAssessment:
    """Share out the load of sections among those upstream.

    Parameters
    ----------
    source : Source
        With a network that has rivers, readings of the quantity and of flow.
    quantity : str
        A concentration in water.
    period : str or Period
    sections : sequence of str, optional
        Whose loads are shared out; without it those of every section with a load. All measured sections upstream take
        part in any case.
    by : {"jurisdiction", "source", "sector", "reach"}
    among : sequence of str, optional
        Codes of jurisdictions: what lies in a part of one of them, as a county in a prefecture, is the whole's.
    gains : {"unexplained", "section", "length"}
        Whose the load of a stretch is that several jurisdictions share; see `Gains`.
    decay : Decay
        What is lost on the way.
    declared : sequence of DeclaredSource
        Loads somebody answers for; those of other quantities are left aside.
    method : Method, optional
        Which estimate of the loads the published shares rest on; without it the most exact one that has a load for
        every section that has any, and the records say which.
    beside : sequence of Method
        Estimates whose shares stand beside it, so that nobody takes one method's word for certain.
    draws, seed : int
        Of the bootstrap.
    as_of : int, optional
        What a shed knew when its log had this many entries.

    Raises
    ------
    InputError
        No section was sampled in that period.
    RiverError
        The places have no rivers; a section stands off them; a reach says too little for the decay.
    UnknownName
        No such section, jurisdiction, grouping or method.

    Notes
    -----
    A share answers "who brought what passes here". It is *not* what a reduction upstream would change, which stands
    beside it as ``if_removed`` and holds for as long as losses stay of first order.
    """
    _check_names(by, gains, method, beside)
    period = period if isinstance(period, Period) else Period.parse(period)
    network = source.network(as_of)
    rivers = owned_rivers(network, among)
    wanted = _wanted(rivers, sections)
    estimated = loads(
        source,
        quantity=quantity,
        period=period,
        sections=_read(rivers, source, quantity, as_of),
        methods=METHODS if method is None else [method, *(each for each in beside if each != method)],
        draws=draws,
        seed=seed,
        as_of=as_of,
    )
    if not any(load.samples for load in estimated.loads):
        mend = "Ask for a period that was sampled: attribute loads says which"
        raise InputError(f"no section has a sample of {quantity} in {period}", field="period", mend=mend)
    chosen = _named(method) or _most_exact(estimated)
    own = owned_sources((each for each in declared if each.quantity == quantity), network, among)
    flowing: Rivers = rivers
    said: tuple[str, ...] = ()
    if decay.loses:
        flowing, said = with_mean_flow(rivers, mean_flows(_usable(estimated, chosen), period))

    def fitted(by_method: Method) -> Budget:
        return budget(flowing, _usable(estimated, by_method), period=period, declared=own, decay=decay, seed=seed)

    main = fitted(chosen)
    others = {each: fitted(each) for each in beside if each != chosen}
    asked = wanted if wanted is not None else [section.id for section in main.sections]

    def parted(fit: Budget, id: str) -> Split:
        return split(fit, id, by, gains=gains)

    found = tuple(_one(id, parted, chosen, main, others, estimated) for id in asked)
    notes = (*_notes(estimated, chosen, decay), *said)
    return ShareAssessment(quantity, period, by, gains, chosen, decay, network, main, found, notes)


def _check_names(by: str, gains: str, method: str | None, beside: Sequence[str]) -> None:
    if by not in GROUPINGS:
        raise UnknownName("grouping", by, GROUPINGS)
    if gains not in GAINS:
        raise UnknownName("rule for gains", gains, GAINS)
    for each in (*([] if method is None else [method]), *beside):
        if each not in get_args(Method):
            raise UnknownName("method", each, METHODS)


def _named(method: str | None) -> Method | None:
    return next((each for each in METHODS if each == method), None)


def _wanted(rivers: Rivers, sections: Sequence[str] | None) -> list[str] | None:
    if sections is None:
        return None
    known = [mark.id for mark in rivers.of_kind("section")]
    for id in sections:
        if id not in known:
            raise UnknownName("section on the network", id, known)
    return list(dict.fromkeys(sections))


def _read(rivers: Rivers, source: Source, quantity: str, as_of: int | None) -> list[str]:
    """Sections of the network that have readings of the quantity."""
    sections = sorted(mark.id for mark in rivers.of_kind("section"))
    table = source.readings(quantities=[quantity], stations=sections, as_of=as_of)
    return sorted(set(table["station"].to_pylist()))


def _most_exact(estimated: LoadAssessment) -> Method:
    """The last of `METHODS` that answers wherever one of them does."""
    answers = {method: {load.section for load in _usable(estimated, method)} for method in METHODS}
    every = set().union(*answers.values())
    return next((method for method in reversed(METHODS) if answers[method] == every), METHODS[0])


def _how_sure(decay: Decay) -> str:
    if not decay.loses:
        return (
            "If something is, what enters far upstream is overstated and the rest understated, outside the intervals."
        )
    return "The intervals allow for them." if decay.spread else "The intervals take them as certain."


def _usable(estimated: LoadAssessment, method: Method) -> list[Load]:
    return [load for load in estimated.loads if load.method == method and load.why_not is None]


def _one(
    id: str,
    parted: Callable[[Budget, str], Split],
    method: Method,
    main: Budget,
    others: dict[Method, Budget],
    estimated: LoadAssessment,
) -> SectionShares:
    load = next((load for load in estimated.loads if (load.section, load.method) == (id, method)), None)
    if id not in main.number:
        why_not = "no reading of it in the period" if load is None else load.why_not
        return SectionShares(id, None, why_not, dict.fromkeys(others), load)
    whole = parted(main, id)
    if not whole.modelled > 0:
        return SectionShares(id, None, "the load is zero: there is nothing to share out", dict.fromkeys(others), load)
    same = {each: parted(other, id) if _alike(main, other) else None for each, other in others.items()}
    return SectionShares(id, whole, None, same, load)


def _alike(main: Budget, other: Budget) -> bool:
    """Whether a method has a load for every section the main one has: without one its parts are other parts."""
    return main.number.keys() == other.number.keys()


def _notes(estimated: LoadAssessment, method: Method, decay: Decay) -> tuple[str, ...]:
    left = {load.section: load.why_not for load in estimated.loads if load.method == method and load.why_not}
    return (
        f"Loads by the method {method}; what other methods give stands beside.",
        f"Losses on the way: {decay}. {_how_sure(decay)}",
        *(f"Section {section} takes no part: {why_not}." for section, why_not in left.items()),
    )
