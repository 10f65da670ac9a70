"""A file that is not of its form is refused in the words of that form, with key, value and mend."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, ConfigDict

from commonshed.errors import AgreementError, InputError
from commonshed.standards.forms import Form, filled


class Leaf(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    count: int = 0


FORM = Form("a leaf", "a number of a leaf", "docs/leaf.md", AgreementError)


def refused(text: str) -> InputError:
    with pytest.raises(AgreementError) as told:
        filled(Leaf, text.encode(), "leaf.toml", FORM)
    assert told.value.file == "leaf.toml"
    return told.value


def test_a_file_of_the_form_becomes_its_model() -> None:
    assert filled(Leaf, b'name = "oak"\ncount = 3', "leaf.toml", FORM) == Leaf(name="oak", count=3)


def test_an_unknown_key_is_named_in_the_words_of_the_form() -> None:
    found = refused('name = "oak"\ncolour = "red"')
    assert (found.problem, found.field, found.value) == ("there is no such key in the form of a leaf", "colour", "red")
    assert found.mend == "The form stands in docs/leaf.md"


def test_of_several_problems_the_first_is_told_and_how_many_more() -> None:
    assert (
        refused('colour = "red"\ncount = "many"').problem == "this key is needed, and 2 more such problems in this file"
    )


@pytest.mark.parametrize(("text", "field"), [("count = 1.5", "count"), ("a = [{ b = 2.0 }]", "a.0.b")])
def test_a_binary_float_is_refused_wherever_it_stands(text: str, field: str) -> None:
    found = refused(text)
    assert found.problem == "a number of a leaf is an integer or a decimal in quotes, never a binary float"
    assert found.field == field


def test_what_is_no_toml_or_no_text_is_refused_as_such() -> None:
    assert refused("name = ").problem.startswith("this is not TOML")
    with pytest.raises(AgreementError, match="this is not TOML"):
        filled(Leaf, b"\xff\xfe", "leaf.toml", FORM)


def test_text_without_quotes_is_told_to_stand_in_them() -> None:
    found = refused("name = 2")
    assert (found.problem, found.field, found.value) == ("this is text and stands in quotes", "name", 2)
