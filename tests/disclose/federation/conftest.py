"""One child looks through files for all tests of pulling: it is a real one, started once."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from commonshed.disclose.federation import pulling
from commonshed.disclose.federation.checking import Checker


@pytest.fixture(scope="session")
def checker() -> Iterator[Checker]:
    with Checker(seconds=60) as found:
        yield found


@pytest.fixture
def one_checker(checker: Checker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulling, "Checker", lambda **_: contextlib.nullcontext(checker))
