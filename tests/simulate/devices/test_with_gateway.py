"""Made-up devices against the gateway itself: what was acknowledged is in the shed, once."""

from __future__ import annotations

import asyncio
from pathlib import Path

from commonshed.keep import Shed
from commonshed.observe.gateway import Gateway, Registration, Settings, add_device
from commonshed.observe.hj212.frame import moment
from commonshed.periods import Zone
from commonshed.places import Network, Station
from commonshed.simulate.devices import Plan, Tally, simulated_devices
from commonshed.simulate.devices.fleet import playing

ZONE = Zone(480)
PERIODS = {"2011": 0, "2051": 600, "2061": 3600, "2031": 86_400}
FAULTS = frozenset({"garbage", "crc", "cut", "flags", "again", "packets", "late", "gaps", "restart"})


def test_what_was_acknowledged_is_sealed_once(tmp_path: Path) -> None:
    path = tmp_path / "shed"
    shed = Shed.create(path, name="mills", zone=ZONE)
    network = Network({}, {name: Station(name) for name in ("Mill", "Park", "Quay")}, zone=ZONE)
    shed.publish_network(network)
    devices = simulated_devices(("Mill", "Park", "Quay"), 4)
    for device in devices[:3]:
        add_device(path, network, Registration(device))

    async def both() -> Tally:
        async with Gateway(path, Settings(host="127.0.0.1", port=0, seal=False)) as gateway:
            plan = Plan(devices, port=gateway.port, rate=25, seconds=2, step=300, faults=FAULTS, window=8, timeout=0.5)
            return await playing(plan)

    tally = asyncio.run(both())
    shed.seal()
    sealed = shed.readings().to_pylist()
    keys = [
        (row["station"], row["quantity"], row["statistic"], row["start"], row["period"], row["origin"])
        for row in sealed
    ]
    assert len(set(keys)) == len(keys)
    kept = {(row["origin"], row["period"], row["start"]) for row in sealed}
    acknowledged = {(f"device {mn}", PERIODS[cn], _second(time)) for mn, cn, time in tally.acknowledged}
    assert len(acknowledged) > 100
    assert acknowledged <= kept
    assert {origin for origin, _, _ in kept} == {f"device {device.mn}" for device in devices[:3]}


def _second(text: str) -> int:
    found = moment(text)
    assert found is not None
    return ZONE.first_second(found.date()) + found.hour * 3600 + found.minute * 60 + found.second
