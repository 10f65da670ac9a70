"""The executor of one machine: threads, because NumPy and Parquet release the interpreter's lock while they work."""

from __future__ import annotations

import os
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Protocol, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

__all__ = ["Executor", "Local"]

Item = TypeVar("Item")
Result = TypeVar("Result")

_SHOW_AFTER = 2.0
"""Seconds of work after which a progress bar is shown."""


class Executor(Protocol):
    """What maps a kernel over its items: `Local`, and a cluster of machines behind the same call."""

    def map(self, function: Callable[[Item], Result], items: Iterable[Item], *, label: str = "") -> Iterator[Result]:
        """Results in the order of the items."""
        ...


class Local:
    """Threads of this machine.

    The pool starts with the first call and stays warm. One executor may serve several threads.

    Parameters
    ----------
    workers : int, optional
        By default the processors this process may use. With one worker everything runs in the calling thread.
    progress : bool, optional
        Whether long work shows a bar on standard error; by default when that is a terminal.
    """

    def __init__(self, workers: int | None = None, *, progress: bool | None = None) -> None:
        self.workers = workers if workers is not None else _processors()
        if self.workers < 1:
            raise ValueError(f"an executor needs at least one worker, not {workers}")
        self._progress = progress
        self._pool: ThreadPoolExecutor | None = None

    def __enter__(self) -> Local:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def map(self, function: Callable[[Item], Result], items: Iterable[Item], *, label: str = "") -> Iterator[Result]:
        """Results of a function, in the order of the items.

        At most a few items per worker are under way at a time, so a long list of large results does not pile up.
        An exception carries a note naming the item it came from; items not yet begun are then left.
        """
        waiting = list(items)
        with _Bar(label, len(waiting), self._wants_bar()) as bar:
            results = self._threaded(function, waiting) if self.workers > 1 and len(waiting) > 1 else None
            for result in results or (_named(function, item) for item in waiting):
                yield result
                bar.advance()

    def close(self) -> None:
        """End the threads."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def _threaded(self, function: Callable[[Item], Result], items: list[Item]) -> Iterator[Result]:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self.workers, thread_name_prefix="commonshed")
        ahead: deque[Future[Result]] = deque()
        try:
            for item in items:
                ahead.append(self._pool.submit(_named, function, item))
                if len(ahead) >= 4 * self.workers:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        finally:
            for future in ahead:
                future.cancel()

    def _wants_bar(self) -> bool:
        return sys.stderr.isatty() if self._progress is None else self._progress


def _processors() -> int:
    """Processors this process may use; where the system cannot say (macOS, Windows), those there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Bar:
    """A progress bar that appears only once the work has lasted a while."""

    def __init__(self, label: str, total: int, wanted: bool) -> None:
        self._label, self._total, self._wanted = label, total, wanted
        self._done = 0
        self._started = time.monotonic()
        self._shown: Progress | None = None

    def __enter__(self) -> _Bar:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown is not None:
            self._shown.stop()

    def advance(self) -> None:
        self._done += 1
        if not self._wanted:
            return
        if self._shown is None and time.monotonic() - self._started > _SHOW_AFTER:
            self._shown = Progress(
                TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
                console=Console(stderr=True, force_terminal=True), transient=True,
            )  # fmt: skip
            self._shown.add_task(self._label, total=self._total)
            self._shown.start()
        if self._shown is not None:
            self._shown.update(self._shown.task_ids[0], completed=self._done)


def _named(function: Callable[[Item], Result], item: Item) -> Result:
    try:
        return function(item)
    except Exception as error:
        error.add_note(f"while working on {getattr(item, 'key', item)!r}")
        raise
