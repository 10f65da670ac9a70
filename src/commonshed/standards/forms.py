"""A TOML file read into its form: what does not belong there is refused with the file, the key and the mend."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from commonshed.errors import InputError

__all__ = ["Form", "filled"]

P = TypeVar("P", bound=BaseModel)


@dataclass(frozen=True)
class Form:
    """What the messages call a kind of file.

    Attributes
    ----------
    name : str
        With its article: ``a standard``.
    numbers : str or None
        What its numbers are, where they must be exact: ``a number of the law``; none: binary floats may stand in it.
    page : str
        Where the form is explained.
    error : type of InputError
        What is raised.
    """

    name: str
    numbers: str | None
    page: str
    error: type[InputError] = InputError


def filled(model: type[P], content: bytes, file: str, form: Form) -> P:
    """The bytes of a TOML file as a model.

    Raises
    ------
    InputError
        Of the form's own kind: the bytes are no TOML, hold a binary float, or are not of the form; of several problems
        of the form the first, with how many more there are.
    """
    try:
        data = tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise form.error(f"this is not TOML: {error}", file=file) from None
    for key, number in _floats(data, "") if form.numbers is not None else ():
        raise form.error(
            f"{form.numbers} is an integer or a decimal in quotes, never a binary float",
            file=file,
            field=key,
            value=number,
            mend=f'Write "{number}"',
        )
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise _refusal(error, file, form) from None


def _floats(value: object, key: str) -> Iterator[tuple[str, float]]:
    if isinstance(value, float):
        yield key, value
    inner: Iterable[tuple[object, object]] = ()
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    for name, part in inner:
        yield from _floats(part, f"{key}.{name}" if key else str(name))


def _refusal(error: ValidationError, file: str, form: Form) -> InputError:
    first, *others = error.errors(include_url=False)
    said = {
        "extra_forbidden": f"there is no such key in the form of {form.name}",
        "missing": "this key is needed",
        "union_tag_invalid": "there is no such kind",
        "union_tag_not_found": "its kind is missing",
        "string_type": "this is text and stands in quotes",
        "timezone_aware": "a time says how far it is from UTC, such as 2016-06-20T09:40:00+08:00",
    }
    given = first["input"]
    mend = f"The form stands in {form.page}"
    if first["type"] == "union_tag_invalid":
        given, mend = first["ctx"]["tag"], f"Known: {first['ctx']['expected_tags'].replace(chr(39), '')}. {mend}"
    more = f", and {len(others)} more such problems in this file" if others else ""
    return form.error(
        said.get(first["type"], first["msg"].removeprefix("Value error, ")) + more,
        file=file,
        field=".".join(str(step) for step in first["loc"]) or None,
        value=given if isinstance(given, (str, int, float)) else None,
        mend=mend,
    )
