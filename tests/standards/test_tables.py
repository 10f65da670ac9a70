"""The law in rows: every number with unit, clause and how sure we are."""

from __future__ import annotations

from datetime import date

import pytest

from commonshed.standards import edition, editions, regime, regimes, tables
from commonshed.standards.compare import changes, laws


def test_a_limit_is_a_row_with_a_column_for_each_level() -> None:
    rows = tables.limit_rows([edition("GB 3095-2012")])
    assert {name: value for name, value in rows[0].items() if value is not None} == {
        "quantity": "SO2",
        "average": "annual mean",
        "I": "20",
        "II": "60",
        "unit": "ug/m3",
        "clause": "GB 3095-2012, table 1",
        "how sure": "verified",
    }


def test_a_number_from_one_source_says_so() -> None:
    rows = tables.limit_rows([edition("GB 3095-2026")], "final")
    assert {row["how sure"] for row in rows if row["quantity"] == "TSP"} == {"single-source"}
    assert {row["phase"] for row in rows} == {"final"}


def test_windows_past_midnight_are_read_as_clock_times() -> None:
    rows = {row["key"]: row for row in tables.statistic_rows([edition("US-EPA-AQI-2024")], "day")}
    assert rows["o3_8h"]["how"] == "largest mean of 8 hours ending 15:00 to 07:00 of the next day"
    assert rows["o3_8h"]["needs"] == "6 of 8 hours, 13 windows"


def test_every_edition_lays_out_in_text() -> None:
    for held in editions().values():
        for rows in (
            tables.force_rows([held]),
            tables.phase_rows([held]),
            tables.reference_rows([held]),
            tables.limit_rows([held]),
            tables.threshold_rows([held]),
            tables.statistic_rows([held], "day"),
            tables.statistic_rows([held], "hour"),
            tables.level_rows([held]),
            tables.index_rows([held]),
            tables.index_rule_rows([held]),
            tables.category_rows([held]),
            tables.assessment_rows([held]),
            tables.note_rows([held]),
            tables.provenance_rows([held]),
        ):
            assert all(value is None or isinstance(value, (str, int)) for row in rows for value in row.values())
            assert all(row["how sure"] in ("verified", "single-source", "unverified") for row in rows)


def test_the_least_sure_comes_first() -> None:
    rows = tables.provenance_rows([edition("HJ 663-2026")])
    order = [str(row["how sure"]) for row in rows]
    assert order == sorted(order, key=["unverified", "single-source", "verified"].index)


def test_the_list_counts_how_sure_we_are() -> None:
    standing = dict.fromkeys(["HJ 663-2026", "UK-WFD-2010", "US-EPA-AQI-2024"], "held in part")
    standing["WHO-AQG-2021"] = "guideline"
    for row, held in zip(tables.edition_rows(list(editions().values())), editions().values(), strict=True):
        counted = [row["verified"], row["single-source"], row["unverified"]]
        assert sum(int(count or 0) for count in counted) == len(held.provenance)
        assert row["status"] == standing.get(held.id)


def test_regimes_name_their_phases() -> None:
    rows = {row["id"]: row for row in tables.regime_rows(list(regimes().values()))}
    assert rows["cn-2026"]["phases"] == "transition, final"
    assert rows["eu-2030"]["phases"] == "2030"
    assert rows["us-2024"]["level"] is None


def test_the_governing_row_names_phase_and_stretch() -> None:
    row = tables.governing_row(regime("cn-2026"), date(2027, 5, 1), "110105")
    assert (row["phase"], row["from"], row["to"]) == ("transition", "2026-03-01", None)


def test_a_change_is_as_sure_as_its_weaker_side() -> None:
    (old,), (new,) = laws("GB 3095-2012"), laws("GB 3095-2026@final")
    rows = {(row["what"], row["of"], row["level"]): row for row in tables.change_rows(changes(old, new))}
    nox = rows["NOx (as NO2)", "annual mean", "II"]
    assert (nox["old"], nox["new"], nox["change"], nox["how sure"]) == ("50", "40", "stricter", "single-source")


@pytest.mark.parametrize("rows", [[], [{"a": None}], [{"a": None, "b": "1"}, {"b": "2"}]])
def test_columns_that_say_nothing_are_left_out(rows: list[dict[str, str | None]]) -> None:
    assert "a" not in tables.without_empty(rows)
