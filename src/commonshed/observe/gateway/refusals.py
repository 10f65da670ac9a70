"""Why something a device sent was not taken and what to do about it: words for people, codes of the standard."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["QN_RTN", "REFUSALS", "Refusal"]


class Refusal(NamedTuple):
    """What is wrong, and the mend."""

    problem: str
    mend: str


REFUSALS = {
    "crc": Refusal(
        "the check sum is wrong",
        "Noise on the line, or a logger that computes Modbus's CRC: HJ 212 shifts the register before each byte",
    ),
    "length": Refusal("the length does not count the data segment (strict)", "It counts from QN to the closing &&"),
    "form": Refusal("the frame is not written as the standard says", "The detail names the field"),
    "garbage": Refusal("bytes that belong to no frame", "Check that nothing else speaks on this line"),
    "unknown-mn": Refusal("no device of this MN is registered", "commonshed device add MN"),
    "wrong-password": Refusal("the password is not the registered one", "Set it in the logger, or register anew"),
    "guessing": Refusal(
        "too many wrong passwords for this MN from this address", "Wait a minute, then send the right one"
    ),
    "wrong-st": Refusal(
        "the device is not registered for this system type", "commonshed device add MN --st … --replace"
    ),
    "wrong-version": Refusal(
        "Flag names another edition than is registered (strict)", "commonshed device add MN --version … --replace"
    ),
    "reading": Refusal("a reading was left out of a frame", "The detail names the code; the others were taken"),
    "no-reading": Refusal("no reading of the frame could be taken (strict)", "The detail names the codes"),
    "ahead": Refusal("the data are of the future", "Set the clock of the logger, or its zone in the registration"),
    "flood": Refusal("more frames than a device may send", "Send slower; --most-frames allows more"),
    "slow": Refusal("no whole frame in time", "A connection is for sending: open it when there is a frame"),
    "idle": Refusal("nothing came for too long", "Send at least once an hour"),
    "refusals": Refusal("too many frames in a row were refused", "See the reasons before this one"),
    "unsent": Refusal("the device does not take its answers", "Read from the connection, or set Flag to want none"),
    "too-many-connections": Refusal("too many connections are open", "Raise --most-connections"),
    "too-many-connections-of-address": Refusal(
        "too many connections from one address are open", "Raise --most-per-address"
    ),
}
"""By the name under which they are counted."""

QN_RTN = {
    "flood": 2,
    "wrong-password": 3,
    "guessing": 2,
    "unknown-mn": 4,
    "wrong-st": 5,
    "wrong-version": 6,
    "ahead": 7,
    "no-reading": 2,
}
"""What strict mode answers (QnRtn of HJ 212-2017). The standard has no refusal of data; 9011 is what comes nearest."""
