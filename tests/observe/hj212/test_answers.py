"""Answers and requests, word for word as annex C of HJ 212-2017 prints them."""

from __future__ import annotations

import pytest
from tests.observe.hj212.vectors import MN, device, frame

from commonshed.errors import FrameError
from commonshed.observe.hj212 import (
    Answer,
    Framer,
    RawFrame,
    backfill_request,
    clock_request,
    data_ack,
    device_time,
    execution_result,
    notice_ack,
    parse,
    read_answer,
    request,
    request_ack,
    set_clock,
)
from commonshed.periods import Zone

QN = "20160801085857223"
HEAD = f"QN={QN};ST=91;CN={{}};PW=123456;MN={MN};Flag=4;CP=&&{{}}&&"
DATA = frame("DataTime=20160801085857;w01001-Rtd=7.1,w01001-Flag=N", st="32")


def segment(whole: bytes) -> str:
    (raw,) = Framer(strict=True).feed(whole)
    assert isinstance(raw, RawFrame)
    assert raw.crc_right
    assert raw.length_right
    parse(raw.text, strict=True)
    return raw.text.decode()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (data_ack(DATA), HEAD.format("9014", "")),  # table C.14
        (notice_ack(DATA), HEAD.format("9013", "")),  # table C.4
        (request_ack(DATA), HEAD.format("9011", "QnRtn=1")),  # table C.1
        (request_ack(DATA, 3), HEAD.format("9011", "QnRtn=3")),
        (execution_result(DATA), HEAD.format("9012", "ExeRtn=1")),
    ],
)
def test_answers_are_those_of_annex_c(answer: bytes, said: str) -> None:
    assert segment(answer) == said


@pytest.mark.parametrize(("flag", "answered"), [(None, 0), (1, 0), (5, 4), (9, 8), (7, 4)])
def test_an_answer_is_of_the_edition_of_the_question(flag: int | None, answered: int) -> None:
    (raw,) = Framer().feed(data_ack(DATA._replace(flag=flag)))
    assert isinstance(raw, RawFrame)
    assert parse(raw.text).flag == answered


def test_requests_are_those_of_annex_c() -> None:
    one = device(st=("32",))
    head = f"QN={QN};ST=32;CN={{}};PW=123456;MN={MN};Flag=5;CP=&&{{}}&&"
    assert segment(clock_request(one, QN)) == head.format("1011", "")
    assert segment(set_clock(one, QN, 1470013137)) == head.format("1012", "SystemTime=20160801085857")
    # tables C.20 to C.22
    asked = backfill_request("2061", 1470009600, 1470009600, device=one, qn=QN)
    assert segment(asked) == head.format("2061", "BeginTime=20160801080000;EndTime=20160801080000")
    assert segment(request("1062", device=one, qn=QN, cp="RtdInterval=30")) == head.format("1062", "RtdInterval=30")


def test_nothing_but_data_of_the_past_is_asked_for_as_such() -> None:
    with pytest.raises(FrameError, match="no data of the past"):
        backfill_request("2011", 0, 0, device=device(), qn=QN)


def test_what_a_device_answers_is_said_in_words() -> None:
    assert read_answer(frame("QnRtn=1", cn="9011", st="91")) == Answer(QN, "9011", "1", "ready to execute", True)
    refused = read_answer(frame("QnRtn=3", cn="9011", st="91"))
    assert refused is not None
    assert (refused.words, refused.good) == ("PW wrong", False)
    ended = read_answer(frame("ExeRtn=100", cn="9012", st="91"))
    assert ended is not None
    assert (ended.words, ended.good) == ("no data", False)
    assert read_answer(DATA) is None


def test_an_answer_of_2005_has_the_number_of_the_request_among_its_values() -> None:
    found = parse(b"ST=91;CN=9011;PW=123456;MN=88888880000001;Flag=0;CP=&&QN=20040516010101001;QnRtn=1&&")
    answer = read_answer(found)
    assert answer is not None
    assert answer.qn == "20040516010101001"


@pytest.mark.parametrize("cp", ["", "QnRtn=", "QnRtn=77", "ExeRtn=1"])
def test_an_answer_that_says_nothing_known_is_an_error(cp: str) -> None:
    with pytest.raises(FrameError, match="nothing known"):
        read_answer(frame(cp, cn="9011", st="91"))


def test_the_time_of_a_device_is_what_it_says_or_when_it_sent() -> None:
    china = Zone(480)
    assert device_time(frame("SystemTime=20160801085857", cn="1011"), china) == 1470013137
    assert device_time(frame("PolId=w01018;SystemTime=20160801085900", cn="1011"), china) == 1470013140
    assert device_time(DATA, china) == 1470013137
    assert device_time(DATA._replace(qn=""), china) is None
