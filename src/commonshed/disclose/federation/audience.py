"""Who asks: everybody, or a partner whose key the sharing rule names and who signed the request with it."""

from __future__ import annotations

from dataclasses import dataclass

from commonshed.disclose.federation.signing import check_request
from commonshed.errors import InputError, ProofError, UnknownName
from commonshed.keep.log.notes import Verifier
from commonshed.keep.release import Ruling

__all__ = ["PUBLIC", "Audience", "audience_named", "audience_of"]


@dataclass(frozen=True)
class Audience:
    """Who may be given something.

    Attributes
    ----------
    partner : str or None
        Id in the sharing rule; None: everybody.
    """

    partner: str | None = None

    @property
    def name(self) -> str:
        """``public`` or the partner's id."""
        return self.partner or "public"


PUBLIC = Audience()


def audience_of(
    header: str | None, ruling: Ruling, *, method: str, target: str, origin: str, now: float | None = None
) -> Audience:
    """Who sent a request. A key the sharing rule does not name is everybody's.

    Parameters
    ----------
    header : str or None
        ``Authorization`` as it came.
    target : str
        Path below the address of this node, with its query, as it came.
    origin : str
        Of our log.

    Raises
    ------
    ProofError
        The signature does not hold, or is too old.
    """
    if header is None:
        return PUBLIC
    signed = check_request(header, method=method, target=target, origin=origin, now=now)
    return Audience(ruling.partner_of(signed.key))


def audience_named(name: str, ruling: Ruling) -> Audience:
    """The audience of a name (or verifier key) that a person gave.

    Raises
    ------
    UnknownName
        The sharing rule names no such partner.
    InputError
        The key is none.
    """
    declared = {} if ruling.document is None else ruling.document.partners
    if name == "public":
        return PUBLIC
    if name in declared:
        return Audience(name)
    if "+" in name:
        try:
            return Audience(ruling.partner_of(Verifier.parse(name)))
        except ProofError as error:
            raise InputError(str(error), field="--for") from None
    raise UnknownName("audience", name, ["public", *declared], field="--for")
