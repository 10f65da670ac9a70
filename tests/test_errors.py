"""Errors carry fields for programs and a sentence for people: what is wrong, where, what to do."""

from __future__ import annotations

import inspect
from pathlib import Path

from commonshed import errors
from commonshed.errors import CommonshedError, InputError, MissingExtra, UnknownName


def test_an_input_error_names_file_row_field_value_and_mend() -> None:
    error = InputError(
        "is not a longitude", file=Path("stations.csv"), row=3, field="lon", value="116,4", mend="Write 116.4"
    )
    assert str(error) == "stations.csv, row 3, field lon: is not a longitude (given: '116,4'). Write 116.4"
    assert (error.file, error.row, error.field, error.value) == ("stations.csv", 3, "lon", "116,4")


def test_an_input_error_says_only_what_it_knows() -> None:
    assert str(InputError("nothing to read")) == "nothing to read"
    assert str(InputError("empty", value="")) == "empty (given: '')"


def test_an_unknown_name_offers_the_nearest_or_says_there_are_none() -> None:
    near = UnknownName("regime", "cn-2021", ["cn-2012", "cn-2026", "who-2021"])
    assert str(near).startswith("there is no regime 'cn-2021'. Did you mean cn-20")
    assert str(UnknownName("mapping", "x", [])) == "there is no mapping 'x'. No mapping is declared yet"


def test_a_missing_extra_says_its_name_and_how_to_get_it() -> None:
    error = MissingExtra("plot", "drawing pictures")
    assert str(error) == "drawing pictures needs the extra 'plot': pip install 'commonshed[plot]'"


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    ink = " │├└─"
    lines = [line for line in (errors.__doc__ or "").splitlines() if "── " in line]
    drawn = {line.lstrip(ink).split()[0]: (len(line) - len(line.lstrip(ink))) // 4 - 1 for line in lines}
    declared = {
        name: len([base for base in each.__mro__ if base.__module__ == errors.__name__]) - 1
        for name, each in inspect.getmembers(errors, inspect.isclass)
        if issubclass(each, CommonshedError) and each is not CommonshedError
    }
    assert drawn == declared
