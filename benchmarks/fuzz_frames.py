"""Millions of broken frames through framer, parser, packets and readings: ``python -m benchmarks.fuzz_frames [N]``.

Inputs grow out of published frames and of the standard's own examples: bits flipped, bytes lost, doubled and moved,
frames spliced, lengths and check sums wrong, and, half of the time, length and check sum made right again so that what
is broken lies deeper. Nothing but a FrameError may come out, nothing may take long, and memory may not grow.
"""

from __future__ import annotations

import csv
import random
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from commonshed.errors import FrameError
from commonshed.observe.hj212 import Device, Framer, Gathered, Packets, RawFrame, encode, parse, read_answer
from commonshed.observe.hj212.frame import whole_frame
from commonshed.observe.hj212.framing import LONGEST

HERE = Path(__file__).resolve().parents[1]
FRAMES = HERE / "tests" / "observe" / "hj212" / "frames.csv"
MN = "010000A8900016F000169DC0"
_TEXTS = (
    ("2011", "DataTime=20160801085857;w01001-Rtd=7.1,w01001-Flag=N;w01018-SampleTime=20160801070000,w01018-Rtd=2.2"),
    ("2051", "DataTime=20160801084000;w00000-Cou=10.5,w00000-Min=16.4,w00000-Avg=17.5,w00000-Max=20.1,w00000-Flag=N"),
    ("2061", "DataTime=20160801080000;L5-Data=53.0;L10-Data=53.0;Leq-Data=50.0;LMx-Data=54.0;LMn-Data=42.0"),
    ("2031", "DataTime=20160801000000;a34004-Avg=35,a34004-Flag=N;a21026-ZsAvg=9.9,a21026-EFlag=A01"),
    ("2021", "DataTime=20160801085857;SB1-RS=1;SB2-RS=0"),
    ("3020", "i11001-Info=超标"),
    ("9011", "QnRtn=1"),
    ("9012", "ExeRtn=100"),
    ("9013", ""),
)
_SPICE = (
    b"##",
    b"#",
    b"&&",
    b"CP=&&",
    b"\r\n",
    b"=",
    b";",
    b",",
    b"%s",
    b"\x00",
    b"\xff\xfe",
    b"9999",
    b"-Rtd=",
    b"PNO=1;",
)
_EVERY = 500  # inputs to one table
_PAUSE = (
    0.01  # s; an input that takes longer is tried again, because the machine or the garbage collector may have paused
)


@dataclass
class Outcome:
    """What millions of inputs came to."""

    inputs: int = 0
    frames: int = 0
    read: int = 0
    readings: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    """One input, through everything; those over 10 ms by themselves, best of three. [s of this thread]"""
    most_pending: int = 0
    grown: float = 0.0
    """Peak memory at the end less that after a tenth of the inputs. [MiB]"""
    crashes: list[str] = field(default_factory=list)


def seeds() -> list[bytes]:
    """Whole frames to start from."""
    with FRAMES.open(encoding="utf-8", newline="") as file:
        found = [row["frame"].encode() + b"\r\n" for row in csv.DictReader(file)]
    for cn, cp in _TEXTS:
        for flag, pnum, pno in ((5, None, None), (7, 2, 1), (7, 2, 2), (8, None, None)):
            qn = "20160801085857223"
            found.append(encode(qn=qn, st="32", cn=cn, pw="123456", mn=MN, flag=flag, cp=cp, pnum=pnum, pno=pno))
    return found


def inputs(count: int, seed: int = 212) -> Iterator[bytes]:
    """Broken frames."""
    chance = random.Random(seed)
    known = seeds()
    for _ in range(count):
        data = bytearray(chance.choice(known))
        for _ in range(1 + int(chance.expovariate(0.7))):
            _break(data, chance, known)
        if chance.random() < 0.5:
            segment = bytes(data[6:-6])[:LONGEST]
            data = bytearray(whole_frame(segment))
        yield bytes(data)


def _break(data: bytearray, chance: random.Random, known: list[bytes]) -> None:
    at = chance.randrange(len(data) + 1)
    upto = min(at + int(chance.expovariate(0.2)) + 1, len(data))
    match chance.randrange(9):
        case 0 if at < len(data):
            data[at] ^= 1 << chance.randrange(8)
        case 1:
            del data[at:upto]
        case 2:
            data[at:at] = data[at:upto]
        case 3:
            data[at:at] = chance.choice(_SPICE)
        case 4:
            data[at:] = chance.choice(known)[at:]
        case 5:
            data[2:6] = b"%04d" % chance.randrange(10_000)
        case 6:
            data[at:upto] = chance.randbytes(upto - at)
        case 7:
            del data[at:]
        case 8:
            data[at:at] = chance.choice(known)


def fuzz(count: int, *, seed: int = 212) -> Outcome:
    """Put broken frames through everything."""
    chance = random.Random(seed + 1)
    outcome = Outcome()
    device = Device(mn=MN, password="123456", station="Mill")
    framers = [(Framer(), False), (Framer(strict=True), True), (Framer(limit=512), False)]
    packets = Packets()
    gathered = Gathered()
    _warm(device)
    began = time.perf_counter()
    early = 0
    for data in inputs(count, seed):
        framer, strict = framers[outcome.inputs % len(framers)]
        cut = chance.randrange(len(data) + 1)
        start = time.thread_time()
        try:
            for piece in (data[:cut], data[cut:]):
                for raw in framer.feed(piece):
                    if isinstance(raw, RawFrame):
                        outcome.frames += 1
                        outcome.readings += _through(raw, packets, gathered, device, start, strict=strict)
                        outcome.read += 1
            if outcome.inputs % _EVERY == 0:
                rows = gathered.table(0).num_rows
                if rows != len(gathered):
                    outcome.crashes.append(f"{rows} rows of {len(gathered)} readings")
                gathered = Gathered(strict=strict)
        except Exception as error:
            outcome.crashes.append(f"{type(error).__name__}: {error} on {data!r}")
            gathered = Gathered()
        spent = time.thread_time() - start
        if spent > max(outcome.slowest, _PAUSE):
            spent = min(spent, _again(data, device, strict=strict))
        outcome.slowest = max(outcome.slowest, spent)
        outcome.most_pending = max(outcome.most_pending, framer.pending)
        outcome.inputs += 1
        if outcome.inputs == count // 10:
            early = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    outcome.seconds = time.perf_counter() - began
    outcome.grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - early) / 1024
    return outcome


def _again(data: bytes, device: Device, *, strict: bool) -> float:
    """The time one input takes by itself, best of three. [s]"""
    times = []
    for _ in range(3):
        framer, gathered = Framer(strict=strict), Gathered(strict=strict)
        start = time.thread_time()
        for raw in framer.feed(data):
            if isinstance(raw, RawFrame):
                _through(raw, Packets(), gathered, device, 0.0, strict=strict)
        gathered.table(0)
        times.append(time.thread_time() - start)
    return min(times)


def _warm(device: Device) -> None:
    """Whatever is loaded at first use is loaded before anything is timed."""
    gathered = Gathered()
    for whole in seeds():
        gathered.add(parse(whole[6:-6]), device)
    gathered.table(0)


def _through(raw: RawFrame, packets: Packets, gathered: Gathered, device: Device, now: float, *, strict: bool) -> int:
    """One frame through parser, packets and readings; how many readings it gave."""
    try:
        frame = packets.add(parse(raw.text, strict=strict), now)
        if frame is None:
            return 0
        read_answer(frame)
        return gathered.add(frame, device, latest=2_000_000_000).taken
    except FrameError:
        return 0


def main() -> int:
    """Fuzz and say what came of it; 1 when something crashed."""
    outcome = fuzz(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
    print(
        f"{outcome.inputs:,} inputs in {outcome.seconds:.0f} s ({outcome.inputs / outcome.seconds:,.0f}/s): "
        f"{outcome.frames:,} frames, {outcome.readings:,} readings, slowest {outcome.slowest * 1000:.1f} ms, "
        f"held back at most {outcome.most_pending:,} bytes, memory grew by {outcome.grown:.1f} MiB"
    )
    for crash in outcome.crashes[:10]:
        print(crash)
    return 1 if outcome.crashes else 0


if __name__ == "__main__":
    sys.exit(main())
