"""Who may have what: which rule decides, and what is refused as a rule."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.disclose.federation.giver import HEAD, HEBEI, PARTNERS, PM25_IS_PUBLIC, TIANJIN, rule, share
from tests.keep.making import hours, make_shed, source

from commonshed.disclose.federation.audience import PUBLIC, Audience, audience_named
from commonshed.disclose.federation.sharing import (
    ask,
    audiences,
    in_force,
    rule_text,
    set_rule,
    shipped,
    unknown_names,
)
from commonshed.errors import InputError, ShedDamaged, UnknownName
from commonshed.keep import Shed
from commonshed.keep.release import Ruling, read_rule
from commonshed.places import shipped as shipped_network

HEBEI_ASKS, TIANJIN_ASKS = Audience("hebei"), Audience("tianjin")


@pytest.fixture
def beijing(tmp_path: Path) -> Shed:
    shed = make_shed(tmp_path / "shed")
    shed.publish_network(shipped_network("beijing"))
    return shed


def part(id: str, release: str, **fields: str) -> str:
    return "\n".join(
        ["[[rules]]", f'id = "{id}"', f'release = "{release}"', *(f"{k} = {v}" for k, v in fields.items())]
    )


def decides(shed: Shed, station: str, quantity: str) -> str | None:
    decided = in_force(shed).rule_for(station, quantity)
    return None if decided is None else decided.id


def test_without_a_rule_everything_is_internal(beijing: Shed) -> None:
    answer = ask(beijing, station="Dongsi", quantity="pm25", audience=PUBLIC)
    assert (answer.release, answer.grant, answer.decided_by) == ("internal", None, None)


def test_what_no_rule_speaks_of_is_internal(beijing: Shed) -> None:
    share(beijing, PM25_IS_PUBLIC)
    assert ask(beijing, station="Dongsi", quantity="o3", audience=PUBLIC).release == "internal"
    assert ask(beijing, station="Dongsi", quantity="pm25", audience=PUBLIC).release == "public"


def test_a_station_goes_before_its_district_and_a_district_before_its_city(beijing: Shed) -> None:
    share(
        beijing,
        part("station", "internal", stations='["Dongsi"]'),
        part("district", "partner", jurisdictions='["110101"]', partners="{ hebei = {} }"),
        part("city", "public", jurisdictions='["110000"]'),
        part("everywhere", "internal"),
    )
    network = shipped_network("beijing")
    districts = {id: station.jurisdiction for id, station in network.stations.items()}
    beside = next(id for id, code in districts.items() if code == "110101" and id != "Dongsi")
    away = next(id for id, code in districts.items() if code != "110101")
    assert [decides(beijing, id, "pm25") for id in ("Dongsi", beside, away, "elsewhere")] == [
        "station", "district", "city", "everywhere",
    ]  # fmt: skip


def test_a_rule_that_names_the_quantity_goes_before_one_for_all_of_the_same_place(beijing: Shed) -> None:
    share(
        beijing,
        part("named", "public", jurisdictions='["110000"]', quantities='["pm25"]'),
        part("all", "internal", jurisdictions='["110000"]'),
    )
    assert decides(beijing, "Dongsi", "pm25") == "named"
    assert decides(beijing, "Dongsi", "o3") == "all"


def test_the_place_counts_before_the_quantity(beijing: Shed) -> None:
    share(
        beijing,
        part("district", "internal", jurisdictions='["110101"]'),
        part("named", "public", jurisdictions='["110000"]', quantities='["pm25"]'),
    )
    assert decides(beijing, "Dongsi", "pm25") == "district"


def test_of_equally_specific_rules_the_later_decides(beijing: Shed) -> None:
    share(beijing, part("first", "public"), part("second", "internal"))
    answer = ask(beijing, station="Dongsi", quantity="pm25", audience=PUBLIC)
    assert answer.decided_by is not None
    assert (answer.decided_by.id, [each.id for each in answer.overruled]) == ("second", ["first"])
    assert answer.grant is None


def test_a_partner_may_have_on_its_own_terms_what_everybody_has_later(beijing: Shed) -> None:
    early = '{ hebei = { delay = "0 h", use = { en = "joint forecasts", zh = "联合预报" } } }'
    share(beijing, part("late", "public", delay='"24 h"', partners=early))
    public, hebei, tianjin = (
        ask(beijing, station="Dongsi", quantity="pm25", audience=each).grant
        for each in (PUBLIC, HEBEI_ASKS, TIANJIN_ASKS)
    )
    assert public is not None
    assert hebei is not None
    assert (public.delay, hebei.delay) == (86_400, 0)
    assert (public.use, str(hebei.use)) == (None, "joint forecasts")
    assert tianjin == public


def test_what_goes_to_a_partner_goes_to_nobody_else(beijing: Shed) -> None:
    share(beijing, part("ours", "partner", partners="{ hebei = {} }"))
    got = {
        each.name: ask(beijing, station="Dongsi", quantity="o3", audience=each).grant
        for each in audiences(in_force(beijing))
    }
    assert {name: grant is not None for name, grant in got.items()} == {
        "public": False,
        "hebei": True,
        "tianjin": False,
    }


def test_an_audience_is_known_by_its_name_or_its_key(beijing: Shed) -> None:
    share(beijing, PM25_IS_PUBLIC)
    ruling = in_force(beijing)
    assert audience_named("public", ruling) == PUBLIC
    assert audience_named("hebei", ruling) == audience_named(str(HEBEI.verifier), ruling) == HEBEI_ASKS
    with pytest.raises(UnknownName, match="Did you mean hebei"):
        audience_named("heibei", ruling)
    with pytest.raises(InputError, match="copied wrongly"):
        audience_named(str(TIANJIN.verifier).replace("tianjin", "tjanjin"), ruling)


def test_a_rule_of_a_later_day_leaves_the_one_before_in_force(beijing: Shed) -> None:
    share(beijing, PM25_IS_PUBLIC)
    later = HEAD.replace("2016-01-01", "2099-01-01")
    beijing.record("sharing-rule", "sharing.toml", rule(part("none", "internal"), head=later))
    assert decides(beijing, "Dongsi", "pm25") == "fine-dust"
    then = datetime(2099, 1, 1, tzinfo=UTC).timestamp()
    assert in_force(beijing, then).release("Dongsi", "pm25") == "internal"


def test_the_places_in_force_decide_where_a_station_lies(beijing: Shed) -> None:
    share(beijing, part("city", "public", jurisdictions='["110000"]'))
    ruling = in_force(beijing)
    assert ruling.release("Dongsi", "pm25") == "public"
    assert Ruling(ruling.document, ruling.digest, None).release("Dongsi", "pm25") == "internal"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (part("a", "public", quantites='["pm25"]'), "'quantites'. Did you mean quantities"),
        (part("a", "pubic"), "'public', 'partner' or 'internal'"),
        (part("a", "public", delay='"1 week"'), "such as 24 h"),
        (part("a", "public", delay="24"), "such as 24 h"),
        (part("a", "partner"), "needs partners"),
        (part("a", "internal", delay='"1 h"'), "goes to nobody"),
        (part("a", "partner", partners="{ heibei = {} }"), "Did you mean hebei"),
        (part("a", "public", partners="{ hebei = { dealy = '1 h' } }"), "Did you mean delay"),
        (part("a", "public") + "\n" + part("a", "internal"), "two rules are called 'a'"),
        (part("A a", "public"), "rules.0.id"),
        ("rule = 3", "Did you mean rules"),
    ],
)  # fmt: skip
def test_what_is_no_rule_is_refused_with_the_nearest_name_or_the_mend(text: str, says: str) -> None:
    content = rule(text) if text.startswith("[[") else text.encode() + b"\n" + rule()
    with pytest.raises(InputError) as caught:
        read_rule(content, "mine.toml")
    assert says in str(caught.value)
    assert "mine.toml" in str(caught.value)


def test_a_partner_has_a_node_key_of_its_own() -> None:
    for key, says in (
        (str(HEBEI.verifier.witness), "the key of a witness"),
        (str(HEBEI.verifier)[:-2], "no verifier key"),
        (str(TIANJIN.verifier), "the same key"),
    ):
        with pytest.raises(InputError, match=says):
            read_rule((HEAD + PARTNERS.replace(str(HEBEI.verifier), key)).encode(), "mine.toml")
    with pytest.raises(InputError, match="cannot be called public"):
        read_rule((HEAD + PARTNERS.replace("[partners.hebei]", "[partners.public]")).encode(), "mine.toml")


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(InputError, match="how far it is from UTC"):
        read_rule(rule(head=HEAD.replace("+08:00", "")), "mine.toml")


@pytest.mark.parametrize(
    ("names", "says"),
    [
        ({"stations": '["Dongzi"]'}, "Did you mean Dongsi"),
        ({"jurisdictions": '["110199"]'}, "there is no jurisdiction '110199'"),
        ({"quantities": '["pm2_5"]'}, "Did you mean pm25"),
    ],
)
def test_a_misspelt_name_is_refused_when_a_rule_is_set(beijing: Shed, names: dict[str, str], says: str) -> None:
    size = beijing.size
    with pytest.raises(UnknownName, match=says):
        set_rule(beijing, rule(part("a", "internal", **names)), "mine.toml")
    assert beijing.size == size


def test_a_rule_may_name_a_station_that_only_readings_know(beijing: Shed) -> None:
    beijing.seal_import([hours(3, station="trailer")], source=source("a"))
    set_rule(beijing, rule(part("a", "public", stations='["trailer"]')), "mine.toml")
    assert decides(beijing, "trailer", "pm25") == "a"


def test_a_name_that_the_places_lost_is_told(beijing: Shed) -> None:
    beijing.seal_import([hours(3)], source=source("a"))
    share(beijing, part("a", "public", jurisdictions='["110101"]', stations='["gone"]'))
    assert unknown_names(beijing, in_force(beijing)) == ["station gone"]


def test_setting_the_same_rule_again_changes_nothing(beijing: Shed) -> None:
    _, first = set_rule(beijing, rule(PM25_IS_PUBLIC), "mine.toml")
    _, second = set_rule(beijing, rule(PM25_IS_PUBLIC), "mine.toml")
    assert first == second


def test_the_example_of_beijing_gives_everybody_its_six_quantities_at_once(beijing: Shed) -> None:
    assert "beijing" in shipped()
    set_rule(beijing, *rule_text("beijing"))
    for station in shipped_network("beijing").stations:
        for quantity in ("pm25", "pm10", "so2", "no2", "co", "o3"):
            grant = ask(beijing, station=station, quantity=quantity, audience=PUBLIC).grant
            assert grant is not None
            assert grant.delay == 0
    assert ask(beijing, station="Dongsi", quantity="nox", audience=PUBLIC).grant is None


def test_an_unknown_file_or_example_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="Did you mean beijing"):
        rule_text("beijin")
    with pytest.raises(InputError, match="no such file"):
        rule_text(str(tmp_path / "none.toml"))


def test_a_rule_file_that_was_touched_is_damage_and_never_a_rule(beijing: Shed) -> None:
    share(beijing, PM25_IS_PUBLIC)
    [document] = beijing.documents("sharing-rule")
    path = beijing.document_path(document)
    path.write_bytes(path.read_bytes().replace(b"pm25", b"o3"))
    with pytest.raises(ShedDamaged, match="not what entry"):
        in_force(Shed.open(beijing.path))


def test_what_was_entered_and_is_no_rule_shares_nothing(beijing: Shed) -> None:
    share(beijing, PM25_IS_PUBLIC)
    beijing.record("sharing-rule", "sharing.toml", b"kind = 'sharing-rule'\n")
    with pytest.raises(ShedDamaged, match="set a sharing rule anew"):
        in_force(beijing)
