"""The executor of one machine: order, errors that name their item, and quiet progress."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

import pytest

from commonshed.compute import Local


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_results_come_in_the_order_of_the_items(workers: int) -> None:
    def slow_first(item: int) -> int:
        time.sleep(0.01 if item == 0 else 0)
        return item * item

    with Local(workers) as executor:
        assert list(executor.map(slow_first, range(50))) == [i * i for i in range(50)]
        assert list(executor.map(slow_first, [])) == []


@dataclass
class Item:
    key: str


@pytest.mark.parametrize("workers", [1, 3])
def test_an_error_carries_the_name_of_its_item(workers: int) -> None:
    def fail(item: Item) -> None:
        if item.key == "air/2016-03/001":
            raise ValueError("no")

    items = [Item(f"air/2016-03/{i:03d}") for i in range(4)]
    with Local(workers) as executor, pytest.raises(ValueError, match="no") as caught:
        list(executor.map(fail, items))
    assert caught.value.__notes__ == ["while working on 'air/2016-03/001'"]


def test_an_executor_that_failed_works_again() -> None:
    def fail(_: int) -> None:
        raise RuntimeError

    with Local(2) as executor:
        with pytest.raises(RuntimeError):
            list(executor.map(fail, range(100)))
        assert list(executor.map(str, range(3))) == ["0", "1", "2"]


def test_few_results_pile_up_ahead_of_a_slow_reader() -> None:
    begun = 0
    lock = threading.Lock()

    def count(item: int) -> int:
        nonlocal begun
        with lock:
            begun += 1
        return item

    with Local(2) as executor:
        results = executor.map(count, range(1000))
        next(results)
        time.sleep(0.05)
        assert begun <= 20
        results.close()  # type: ignore[attr-defined]


def test_one_worker_stays_in_the_calling_thread() -> None:
    here = threading.current_thread()
    assert list(Local(1).map(lambda _: threading.current_thread() is here, range(3))) == [True] * 3


def test_no_worker_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least one worker"):
        Local(0)


def test_long_work_shows_a_bar_on_standard_error_only(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("commonshed.compute.local._SHOW_AFTER", 0.0)
    assert list(Local(1, progress=True).map(str, range(3), label="grading days")) == ["0", "1", "2"]
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "grading days" in shown.err
    list(Local(1).map(str, range(3), label="grading days"))
    assert capsys.readouterr().err == ""
