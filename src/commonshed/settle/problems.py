"""Every problem of an agreement is found before any figure is given: nothing is half settled."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from commonshed.errors import AgreementError, InputError

__all__ = ["Problems"]


class Problems:
    """Collects what is wrong and refuses once, with all of it.

    Parameters
    ----------
    file : str or Path, optional
        The agreement's file, for the message.
    """

    def __init__(self, file: str | Path | None = None) -> None:
        self.file = file
        self._found: dict[str, InputError] = {}

    def add(self, problem: str, *, field: str | None = None, value: object = None, mend: str | None = None) -> None:
        """Note one problem; the same twice is one."""
        self._note(AgreementError(problem, field=field, value=value, mend=mend))

    @contextmanager
    def noted(self, field: str | None = None) -> Iterator[None]:
        """Note an error of the input raised within, and go on."""
        try:
            yield
        except InputError as error:
            self._note(error if field is None else _placed(error, field))

    def refuse(self, file: str | Path | None = None) -> None:
        """Stop if anything was noted.

        Raises
        ------
        AgreementError
            One problem with its field, value and mend; of several the sentence lists all.
        """
        found = list(self._found.values())
        if not found:
            return
        file = self.file if file is None else file
        first = found[0]
        if len(found) == 1:
            raise AgreementError(first.problem, file=file, field=first.field, value=first.value, mend=first.mend)
        listed = "".join(f"\n  - {error}" for error in found)
        raise AgreementError(
            f"{len(found)} things keep this agreement from being settled, so no figure is given:{listed}", file=file
        )

    def _note(self, error: InputError) -> None:
        self._found.setdefault(str(error), error)


def _placed(error: InputError, field: str) -> InputError:
    """The error with its place in the agreement; one that names a whole path has its place already."""
    if error.field is not None and "." in error.field:
        return error
    where = field if error.field is None else f"{field}.{error.field}"
    return AgreementError(error.problem, field=where, value=error.value, mend=error.mend)
