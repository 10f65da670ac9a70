"""Data segments are read, lenient and strict, and written so that they read the same."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.observe.hj212.vectors import MN, frame, published, whole

from commonshed.errors import FrameError
from commonshed.observe.hj212 import Framer, RawFrame, blanked, encode, parse
from commonshed.observe.hj212.frame import moment

EXAMPLE = b"QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&"
WORD = st.text("ABCabc019.", max_size=12)


def test_the_example_of_annex_a_is_read_field_by_field() -> None:
    found = parse(EXAMPLE, strict=True)
    assert found._asdict() == {
        "qn": "20160801085857223",
        "st": "32",
        "cn": "1062",
        "pw": "100000",
        "mn": MN,
        "flag": 5,
        "pnum": None,
        "pno": None,
        "cp": "RtdInterval=30",
    }
    assert (found.version, found.wants_answer, found.fields) == (1, True, {"RtdInterval": "30"})


@pytest.mark.parametrize("row", published(), ids=lambda row: row["declared_crc"])
def test_published_frames_are_read(row: dict[str, str]) -> None:
    found = parse(row["frame"][6:-4].encode())
    assert (found.st, found.cn) == (row["st"], row["cn"])
    assert "DataTime" in found.fields or row["cn"] == "1062"


def test_items_come_with_their_values_by_suffix() -> None:
    found = frame("DataTime=20160801085857;w01018-Rtd=2.2,w01018-Flag=N,w01018-EFlag=A01;SB1-RS=1")
    assert found.items == (
        ("DataTime", {"": "20160801085857"}),
        ("w01018", {"Rtd": "2.2", "Flag": "N", "EFlag": "A01"}),
        ("SB1", {"RS": "1"}),
    )


def test_a_frame_of_2005_has_neither_request_number_nor_flag() -> None:
    found = parse(b"ST=32;CN=2011;PW=123456;MN=LD130133000015;CP=&&DataTime=20160824003817;011-Rtd=231.0&&")
    assert (found.qn, found.flag, found.version, found.wants_answer) == ("", None, 0, False)


def test_the_request_number_may_stand_later() -> None:
    found = parse(b"ST=32;QN=20160801085857223;CN=2011;PW=123456;MN=LD130133000015;Flag=8;CP=&&&&")
    assert (found.qn, found.st, found.version) == ("20160801085857223", "32", 2)


def test_chinese_text_may_be_in_the_old_encoding_unless_strict() -> None:
    text = "QN=20160801085857223;ST=32;CN=3020;PW=123456;MN=010000A8900016F000169DC0;Flag=5;CP=&&i11001-Info=超标&&"
    assert parse(text.encode("gb18030")).fields == {"i11001-Info": "超标"}
    assert parse(text.encode(), strict=True).fields == {"i11001-Info": "超标"}
    with pytest.raises(FrameError, match="not UTF-8"):
        parse(text.encode("gb18030"), strict=True)
    with pytest.raises(FrameError, match="neither UTF-8 nor GB 18030"):
        parse(b"ST=22;CN=2011;MN=1;CP=&&\xff\xff&&")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("CP=&&RtdInterval=30&&", "", "no CP"),
        ("CP=&&RtdInterval=30&&", "CP=&&RtdInterval=30", "no CP"),
        ("MN=010000A8900016F000169DC0;", "", "field MN: a field is missing"),
        ("CN=1062", "CN=", "field CN: a field is missing"),
        ("ST=32", "ST=32;ST=33", "field ST: a field is given twice"),
        ("Flag=5", "Flag=x", "field Flag: a field is no number"),
        ("ST=32", "32", "no name with a value"),
    ],
)
def test_what_cannot_be_read_says_what_is_wrong(old: str, new: str, complaint: str) -> None:
    with pytest.raises(FrameError, match=re.escape(complaint)):
        parse(EXAMPLE.decode().replace(old, new).encode())


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("QN=20160801085857223;", "", "QN has 17 characters"),
        ("QN=20160801085857223", "QN=20161301085857223", "QN is no time"),
        ("ST=32", "ST=321", "ST has 2 characters"),
        ("PW=100000", "PW=1000001", "PW has 6 characters"),
        ("MN=010000A8900016F000169DC0", "MN=LD130133000015", "MN has 24 characters"),
        ("Flag=5;", "", "field Flag: a field is missing"),
        ("Flag=5", "Flag=500", "no such edition"),
        ("Flag=5", "Flag=7", "Flag and PNUM with PNO disagree"),
        ("Flag=5", "Flag=5;PNUM=2;PNO=1", "Flag and PNUM with PNO disagree"),
        ("Flag=5", "Flag=7;PNUM=2;PNO=3", "no such packet"),
        ("ST=32;CN=1062", "CN=1062;ST=32", "not in the standard's order"),
        ("ST=32", "ST=32;XX=1", "no such field"),
        ("RtdInterval=30", "RtdInterval=30" + "0" * 940, "at most 1024 characters, CP 950"),
    ],
)
def test_strict_asks_what_the_standard_asks(old: str, new: str, complaint: str) -> None:
    text = EXAMPLE.decode().replace(old, new).encode()
    parse(text)
    with pytest.raises(FrameError, match=re.escape(complaint)):
        parse(text, strict=True)


def test_the_resend_mark_of_2025_is_known_in_frames_of_2025_alone() -> None:
    later = EXAMPLE.decode().replace("Flag=5", "Flag=9;RF=1")
    assert parse(later.encode(), strict=True).version == 2
    with pytest.raises(FrameError, match="field RF: the standard has no such field"):
        parse(later.replace("Flag=9", "Flag=5").encode(), strict=True)


def test_no_complaint_shows_a_password() -> None:
    for text in ("PW=12345678", "PW=12345678;X", "PW=12345678;CN=1;CN=2"):
        with pytest.raises(FrameError) as caught:
            parse(EXAMPLE.decode().replace("PW=100000", text).encode(), strict=True)
        assert "1234" not in str(caught.value)


def test_a_packet_of_several_is_read_with_its_number() -> None:
    found = parse(whole("DataTime=20160801080000;w01001-Avg=7.5", cn="2061", flag=7, pnum=2, pno=1)[6:-6], strict=True)
    assert (found.pnum, found.pno, found.wants_answer) == (2, 1, True)


@given(WORD, WORD, st.dictionaries(st.sampled_from(["DataTime", "a34004-Rtd", "a34004-Flag"]), WORD))
def test_what_is_written_reads_the_same(qn: str, pw: str, cp: dict[str, str]) -> None:
    text = ";".join(f"{name}={value}" for name, value in cp.items())
    (raw,) = Framer(strict=True).feed(encode(cn="2011", mn=MN, st="22", pw=pw, qn=qn, flag=5, cp=text))
    assert isinstance(raw, RawFrame)
    found = parse(raw.text)
    assert (found.qn, found.pw, found.mn, found.flag, found.cp, found.fields) == (qn, pw, MN, 5, text, cp)


def test_a_frame_longer_than_four_digits_can_say_is_not_written() -> None:
    with pytest.raises(FrameError, match="too long"):
        encode(cn="2011", mn=MN, st="22", cp="x" * 10_000)


def test_a_password_is_blanked_in_place() -> None:
    text = whole("NewPW=654321", cn="1072")
    blank = blanked(text)
    assert len(blank) == len(text)
    assert b"PW=******;" in blank
    assert b"NewPW=******&&" in blank
    assert b"123456" not in blank
    assert blanked(b"##0010PW=secret") == b"##0010PW=******"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("20160801085857", "2016-08-01 08:58:57"),
        ("20160801085857223", "2016-08-01 08:58:57"),
        ("20160230000000", "None"),
        ("2016080108585", "None"),
        ("２０１６０８０１０８５８５７", "None"),
    ],
)
def test_moments_are_fourteen_or_seventeen_digits(text: str, said: str) -> None:
    assert str(moment(text)) == said


@pytest.mark.parametrize("said", [b"PW=SECRET", b"pw=SECRET", b"PW =SECRET", b"PWSECRET", b"NewPW=SECRET"])
def test_a_password_is_blanked_however_it_is_written(said: bytes) -> None:
    frame = b"QN=1;ST=22;CN=2011;" + said + b";MN=1;Flag=5;CP=&&x&&"
    assert b"SECRET" not in blanked(b"##0050" + frame)
    with pytest.raises(FrameError) as refused:
        parse(frame.replace(b"ST=22", b"ST"), strict=True)
    assert "SECRET" not in str(refused.value)
