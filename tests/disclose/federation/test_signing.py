"""A request says who asks, for what, where and when, and nothing of that can be changed."""

from __future__ import annotations

import pytest

from commonshed.disclose.federation.signing import WINDOW, check_request, sign_request
from commonshed.errors import ProofError
from commonshed.keep.log import Signer

ASKER = Signer("commonshed/asker", b"a" * 32)
SAID = {"method": "GET", "target": "/rows/17.parquet?x=%E4%B8%9C", "origin": "commonshed/giver"}
AT = 1_700_000_000


def header(**changed: object) -> str:
    fields = {**SAID, "at": AT, **changed}
    return sign_request(ASKER, **fields)  # type: ignore[arg-type]


def test_a_signed_request_is_known_by_its_key() -> None:
    found = check_request(header(), **SAID, now=AT)
    assert (found.key, found.at) == (ASKER.verifier, AT)


@pytest.mark.parametrize(
    "changed",
    [
        {"method": "HEAD"},
        {"target": "/rows/18.parquet"},
        {"target": "/rows/17.parquet"},
        {"origin": "commonshed/other"},
    ],
)
def test_it_holds_for_this_request_alone(changed: dict[str, str]) -> None:
    with pytest.raises(ProofError, match="not signed by"):
        check_request(header(), **{**SAID, **changed}, now=AT)


@pytest.mark.parametrize("seconds", [-WINDOW, 0, WINDOW])
def test_clocks_may_differ_by_five_minutes(seconds: int) -> None:
    assert check_request(header(), **SAID, now=AT + seconds).at == AT


@pytest.mark.parametrize("seconds", [-WINDOW - 1, WINDOW + 1])
def test_a_signature_is_of_no_use_later(seconds: int) -> None:
    with pytest.raises(ProofError, match="clocks differ"):
        check_request(header(), **SAID, now=AT + seconds)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Bearer abc",
        "Commonshed",
        header().replace("signature", "signatur"),
        header() + ', key="again"',
        header().replace(f'at="{AT}"', 'at="-1"'),
        header().replace(f'at="{AT}"', 'at="１７"'),
        header().replace('at="', 'at="0'),
        header() + " " * 2000,
        header().replace(str(ASKER.verifier), str(ASKER.verifier.witness)),
        header().replace('signature="', 'signature="!'),
        header().replace('signature="', 'signature="AAAA'),
    ],
)
def test_anything_else_is_no_signature(text: str) -> None:
    with pytest.raises(ProofError):
        check_request(text, **SAID, now=AT)


def test_a_line_break_is_never_signed() -> None:
    with pytest.raises(ProofError, match="nothing that can be signed"):
        header(target="/x\nHEAD")
