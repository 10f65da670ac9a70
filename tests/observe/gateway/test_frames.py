"""Frames are kept as they came, for a declared time, with the password blanked, whatever the power does."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.observe.gateway.making import MN, PASSWORD, Line, frame, make_shed, running, some_hour, tell

from commonshed.errors import ShedDamaged
from commonshed.observe.gateway import kept_frames
from commonshed.observe.gateway.frames import FRAMES, FrameStore, _of_lines, line, sweep

HOUR = 1_772_000_000 // 3600 * 3600


def store(shed: Path, *frames: tuple[int, bytes], keep: int = 86_400) -> None:
    """Keep frames, a commit each."""
    kept = FrameStore(shed, keep=keep)
    for second, whole in frames:
        kept.append(line(second * 1000, whole), second)
    kept.close()


def test_a_frame_comes_back_as_it_came_without_its_password(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "shed")
    whole = frame(some_hour())

    async def story() -> None:
        async with running(shed.path) as gateway:
            end = await Line.to(gateway)
            await end.send(whole)
            await end.acknowledged(1)

    before = int(time.time())
    tell(story())
    (kept,) = kept_frames(shed.path)
    assert kept.whole == whole.strip().replace(PASSWORD.encode(), b"******")
    assert before <= kept.recorded // 1000 <= int(time.time())
    (path,) = (shed.path / FRAMES).iterdir()
    assert oct(path.stat().st_mode)[-3:] == "600"


@given(st.lists(st.binary(max_size=60)))
def test_any_bytes_come_back_but_for_the_line_end(frames: list[bytes]) -> None:
    blob = b"".join(line(7, whole) for whole in frames)
    found = list(_of_lines(blob.split(b"\n")[:-1], b""))
    assert [each.whole for each in found] == [whole.rstrip(b"\r\n") for whole in frames]


def test_frames_are_found_by_when_they_came_and_what_they_hold(tmp_path: Path) -> None:
    store(tmp_path, (HOUR + 10, b"##a;MN=1;"), (HOUR + 20, b"##b;MN=2;"), (HOUR + 3700, b"##c;MN=1;"))
    assert len(list((tmp_path / FRAMES).iterdir())) == 2
    assert [each.whole for each in kept_frames(tmp_path, start=HOUR + 20)] == [b"##b;MN=2;", b"##c;MN=1;"]
    assert [each.whole for each in kept_frames(tmp_path, end=HOUR + 20)] == [b"##a;MN=1;"]
    assert [each.whole for each in kept_frames(tmp_path, holding=b";MN=1;")] == [b"##a;MN=1;", b"##c;MN=1;"]


def test_frames_older_than_declared_go_hour_by_hour(tmp_path: Path) -> None:
    store(tmp_path, (HOUR, b"##old"), (HOUR + 3600, b"##young"), (HOUR + 3 * 3600, b"##new"), keep=3600)
    assert [each.whole for each in kept_frames(tmp_path)] == [b"##new"]
    (tmp_path / FRAMES / "notes.frames").write_text("of a person\n")
    assert sweep(tmp_path / FRAMES, before=HOUR + 10**6) == 1
    assert list(kept_frames(tmp_path)) == []


@pytest.mark.parametrize("cut", range(1, 45, 4))
def test_a_record_the_power_tore_is_left_out_and_those_before_it_stay(tmp_path: Path, cut: int) -> None:
    store(tmp_path, (HOUR, b"##first"), (HOUR + 1, b"##second"))
    (path,) = (tmp_path / FRAMES).iterdir()
    path.write_bytes(path.read_bytes()[:-cut])
    assert [each.whole for each in kept_frames(tmp_path)] == ([b"##first"] if cut < 44 else [])


def test_damage_in_the_midst_of_a_file_is_said(tmp_path: Path) -> None:
    store(tmp_path, (HOUR, b"##first"), (HOUR + 1, b"##second"))
    (path,) = (tmp_path / FRAMES).iterdir()
    content = bytearray(path.read_bytes())
    content[20] ^= 1
    path.write_bytes(content)
    with pytest.raises(ShedDamaged, match="damaged at byte 0"):
        list(kept_frames(tmp_path))


def test_damaged_frames_do_not_keep_the_gateway_from_starting(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "shed")
    now = int(time.time())
    store(shed.path, (now, b"##0000;MN=1;PNO=1;"), (now + 1, b"##second"))
    (path,) = (shed.path / FRAMES).iterdir()
    content = bytearray(path.read_bytes())
    content[20] ^= 1
    path.write_bytes(content)

    async def story() -> None:
        async with running(shed.path) as gateway:
            end = await Line.to(gateway)
            await end.send(frame(some_hour(), number=MN))
            await end.acknowledged(1)

    tell(story())
