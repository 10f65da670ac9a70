"""HJ 212 on one core: from bytes to readings and acknowledgements, and a million broken frames.

Frames are those of made-up air stations: six readings, some 290 bytes. Best of several rounds of each step by itself,
and of the whole way as a gateway goes it: framed, read, gathered, acknowledged, one table for every 500 frames.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).parents[1]))
from benchmarks.fuzz_frames import fuzz
from benchmarks.measurement import Measurement, show

from commonshed.observe.hj212 import Device, Frame, Framer, Gathered, RawFrame, crc16, data_ack, parse
from commonshed.observe.hj212.crc import crc16_bitwise, crc16_by_table
from commonshed.simulate.devices import Plan, Tally, simulated_devices
from commonshed.simulate.devices.logger import Logger

FRAMES = 20_000
DEVICES = 50
ROUNDS = 5
BATCH = 500
FUZZED = 1_000_000
ASKED_FRAMES = 30_000  # three times what the gateway is asked for, whose disk and sockets need the rest
ASKED_SLOWEST_MS = 100.0
ASKED_GROWTH_MIB = 32.0


def run() -> list[Measurement]:
    """Measure."""
    devices = {device.mn: device for device in simulated_devices(("Mill",), DEVICES)}
    stream = b"".join(_frames(list(devices.values())))
    note = f"{FRAMES:,} frames of six readings, {len(stream) // FRAMES} bytes each, of {DEVICES} devices"
    raws = _cut(stream)
    read = [parse(raw.text) for raw in raws]
    segments = [raw.text for raw in raws]
    whole = _best(lambda: _whole_way(stream, devices))
    return [
        Measurement("bytes to readings and acknowledgements, frames a second", ASKED_FRAMES, whole, "/s", "more", note),
        Measurement("framing with check sums", None, _best(lambda: _cut(stream)), "/s", "more", note),
        Measurement("reading data segments", None, _best(lambda: [parse(each) for each in segments]), "/s", "more"),
        Measurement("gathering readings", None, _best(lambda: _gather(read, devices)), "/s", "more"),
        Measurement("writing acknowledgements", None, _best(lambda: [data_ack(each) for each in read]), "/s", "more"),
        Measurement("check sums, folded", None, _sums(crc16, segments), "/s", "more", "the way in use"),
        Measurement("check sums by table", None, _sums(crc16_by_table, segments), "/s", "more"),
        Measurement("check sums bit by bit", None, _sums(crc16_bitwise, segments), "/s", "more", "as annex A has it"),
        *_fuzzed(),
    ]


def _fuzzed() -> list[Measurement]:
    outcome = fuzz(FUZZED)
    rate = outcome.inputs / outcome.seconds
    note = f"{outcome.inputs:,} inputs, {outcome.frames:,} frames in them, {rate:,.0f} inputs/s"
    for crash in outcome.crashes[:5]:
        print(crash, file=sys.stderr)
    slowest = outcome.slowest * 1000
    return [
        Measurement("broken frames: crashes", 0, len(outcome.crashes), "", "less", note),
        Measurement("broken frames: slowest input", ASKED_SLOWEST_MS, slowest, "ms", "less", "time of the processor"),
        Measurement(
            "broken frames: memory grown", ASKED_GROWTH_MIB, outcome.grown, "MiB", "less", "after the first tenth"
        ),
    ]


def _frames(devices: list[Device]) -> list[bytes]:
    loggers = [Logger(device, Plan(devices=(device,)), Tally(), 1_772_294_400) for device in devices]
    found: list[bytes] = []
    while len(found) < FRAMES:
        for logger in loggers:
            logger.advance()
            found.append(logger.queue[0].whole)
            logger.queue.clear()
    return found[:FRAMES]


def _cut(stream: bytes) -> list[RawFrame]:
    framer = Framer()
    found = [each for at in range(0, len(stream), 65_536) for each in framer.feed(stream[at : at + 65_536])]
    return [each for each in found if isinstance(each, RawFrame) and each.crc_right]


def _gather(read: list[Frame], devices: dict[str, Device]) -> int:
    rows = 0
    for at in range(0, len(read), BATCH):
        gathered = Gathered()
        for frame in read[at : at + BATCH]:
            gathered.add(frame, devices[frame.mn])
        rows += gathered.table(0).num_rows
    return rows


def _whole_way(stream: bytes, devices: dict[str, Device]) -> int:
    framer, gathered, rows, answers = Framer(), Gathered(), 0, []
    for at in range(0, len(stream), BATCH * 300):
        for raw in framer.feed(stream[at : at + BATCH * 300]):
            assert isinstance(raw, RawFrame)
            frame = parse(raw.text)
            gathered.add(frame, devices[frame.mn])
            answers.append(data_ack(frame))
        rows += gathered.table(0).num_rows
        gathered = Gathered()
    assert rows == 6 * len(answers) == 6 * FRAMES
    return rows


def _sums(way: Callable[[bytes], int], segments: list[bytes]) -> float:
    return _best(lambda: [way(each) for each in segments])


def _best(work: Callable[[], object]) -> float:
    """Frames a second in the best round."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return FRAMES / min(times)


if __name__ == "__main__":
    show(run())
