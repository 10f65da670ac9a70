"""Journals: durable when append returns, sealed once, adopted when their process is gone."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from tests.keep.making import HOUR, MARCH, current, hours, make_shed, row, table

from commonshed.errors import ReadingsError, ShedDamaged
from commonshed.keep import SealReport, Shed
from commonshed.keep.journal import Journals


@pytest.fixture
def shed(tmp_path: Path) -> Shed:
    return make_shed(tmp_path / "shed")


def files(shed: Shed) -> list[str]:
    return sorted(path.name for path in (shed.path / "journal").iterdir())


def test_readings_of_several_journals_are_sealed_into_one_batch(shed: Shed) -> None:
    with shed.journal() as one, shed.journal() as other:
        assert [one.append(hours(3)), one.append(hours(3, quantity="o3"))] == [1, 2]
        other.append(hours(3, station="guanyuan"))
        assert shed.readings().num_rows == 0, "a reading exists when its segment is in the log"
        assert shed.status().waiting == 9
        assert shed.seal() == SealReport(9, 0, 0, 1, size=1)
        assert shed.entries[0].content["journals"] == {one.name: 2, other.name: 1}
        assert shed.status().waiting == 0
        assert one.append(hours(1, first=MARCH + 5 * HOUR)) == 3
        assert shed.seal().new == 1
    assert shed.readings().num_rows == 10


def test_nothing_to_seal_makes_no_entry_and_known_readings_are_dropped(shed: Shed) -> None:
    with shed.journal() as journal:
        assert shed.seal() == SealReport(0, 0, 0, 0, size=0)
        journal.append(hours(4))
        shed.seal()
        journal.append(hours(4))
        assert shed.seal() == SealReport(0, 4, 0, 0, size=1)
        assert shed.status().waiting == 0


def test_the_journal_of_a_process_that_is_gone_is_adopted_and_removed(shed: Shed) -> None:
    with shed.journal() as living, shed.journal() as gone:
        gone.append(hours(4))
        living.append(hours(2, quantity="o3"))
        names = living.name, gone.name
    with shed.journal() as living:
        assert shed.seal().new == 6
        assert {name.partition(".")[0] for name in files(shed)} == {living.name}
    shed.seal()
    assert files(shed) == []
    assert not set(names) & {living.name}


def test_rows_the_log_has_taken_up_are_not_sealed_twice_when_their_dropping_failed(
    shed: Shed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def died(*_: object) -> None:
        raise KeyboardInterrupt

    with shed.journal() as journal:
        journal.append(hours(4))
        with monkeypatch.context() as patched:
            patched.setattr(Journals, "drop", died)
            with pytest.raises(KeyboardInterrupt):
                shed.seal()
        assert shed.readings().num_rows == 4
        assert shed.status().waiting == 0
        journal.append(table([row(ticks=77)]))
        assert shed.seal() == SealReport(0, 0, 1, 1, size=2)
    assert current(shed.readings())["dongsi", "pm25", "mean", MARCH, HOUR][0] == 77


def test_what_is_no_reading_is_refused_before_it_is_kept(shed: Shed) -> None:
    with shed.journal() as journal, pytest.raises(ReadingsError, match="lack a column"):
        journal.append(hours(3).drop_columns(["ticks"]))
    assert shed.seal().new == 0


def test_a_journal_is_sealed_in_rounds_of_bounded_size(shed: Shed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("commonshed.keep.journal._MOST_BYTES", 1)
    with shed.journal() as journal:
        for i in range(5):
            journal.append(hours(2, first=MARCH + 2 * i * HOUR))
        assert shed.seal() == SealReport(10, 0, 0, 5, size=5)


def test_a_damaged_journal_is_named(shed: Shed) -> None:
    with shed.journal() as journal:
        journal.append(hours(3))
        path = journal.path
    connection = sqlite3.connect(path)
    connection.execute("UPDATE received SET batch = x'00'")
    connection.commit()
    connection.close()
    with pytest.raises(ShedDamaged, match="batch 1 cannot be read"):
        shed.seal()
    path.write_bytes(b"no database" * 100)
    with pytest.raises(ShedDamaged, match="the journal is damaged"):
        shed.seal()
