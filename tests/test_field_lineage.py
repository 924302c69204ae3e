"""Communes through the reform: their parents of a day, whose records they show, and the divided ones that say so."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chamdiem.contest.registry import Link, RegisteredUnit, Registry
from chamdiem.contest.registry_files import shipped_registry
from chamdiem.errors import Refusal
from chamdiem.office.lineage import (
    COMMUNE,
    DISTRICT,
    PROVINCE,
    commune_on,
    into,
    ladder,
    origins,
    place_on,
    records_of,
)
from chamdiem.programmes import library
from chamdiem.programmes.organisations import gone, holders, name_on
from chamdiem.words import say
from field_world import (
    AN_PHU_TAN,
    BA_DINH,
    CHANGE,
    DIEN_BIEN,
    DONG_TAM,
    EVE,
    HOA_TAN,
    HOAN_KIEM,
    TAN_SON,
    TAP_SON,
    TODAY,
    YEN_THE,
    around,
)
from stores import refused

BEFORE = date(2024, 5, 20)
PARENTS = [
    (DONG_TAM, BEFORE, "Xã Đồng Tâm, Huyện Yên Thế, Tỉnh Bắc Giang"),
    (DONG_TAM, EVE, "Xã Đồng Tâm, Huyện Yên Thế, Tỉnh Bắc Giang"),
    (YEN_THE, EVE, "Thị trấn Phồn Xương, Huyện Yên Thế, Tỉnh Bắc Giang"),
    (YEN_THE, CHANGE, "Xã Yên Thế, Tỉnh Bắc Ninh"),
    (TAN_SON, EVE, "Xã Tân Sơn, Huyện Trà Cú, Tỉnh Trà Vinh"),
    (TAP_SON, EVE, "Xã Tập Sơn, Huyện Trà Cú, Tỉnh Trà Vinh"),
    (TAP_SON, CHANGE, "Xã Tập Sơn, Tỉnh Vĩnh Long"),
    (HOA_TAN, EVE, "Xã Hòa Tân, Huyện Cầu Kè, Tỉnh Trà Vinh"),
    (AN_PHU_TAN, CHANGE, "Xã An Phú Tân, Tỉnh Vĩnh Long"),
]
MADE_OF = {
    YEN_THE: {"07260", "07261", "07270", "07288", "07291"},
    TAP_SON: {"29464", "29467", "29470"},
    AN_PHU_TAN: {"29317", "29320"},
}


@pytest.fixture(scope="module")
def seeds() -> Registry:
    """The communes of the seeds, a divided one, and all around them."""
    return Registry(*around(shipped_registry(), (YEN_THE, TAP_SON, AN_PHU_TAN, BA_DINH, HOAN_KIEM)))


@pytest.mark.parametrize(("code", "day", "label"), PARENTS)
def test_what_stands_above_a_commune_is_of_its_day(seeds: Registry, code: str, day: date, label: str) -> None:
    place = place_on(seeds, code, day)
    assert place is not None
    assert place.label == label
    assert (place.at(DISTRICT) is not None) == (day <= EVE)
    assert [level for level in (COMMUNE, DISTRICT, PROVINCE) if place.at(level)] == list(ladder(day))


def test_the_district_is_a_level_until_its_last_day() -> None:
    assert ladder(EVE) == ("commune", "district", "province")
    assert ladder(CHANGE) == ("commune", "province")


@pytest.mark.parametrize("code", MADE_OF)
def test_merged_commune_shows_itself_first_then_all_it_was_made_of(seeds: Registry, code: str) -> None:
    own, *before = origins(seeds, code, TODAY)
    assert (own.unit.code, own.unit.valid_to, own.own) == (code, None, True)
    assert {one.unit.code for one in before} == MADE_OF[code]
    assert {one.unit.valid_to for one in before} == {EVE}
    assert not any(one.own or one.shared_with for one in before)


def test_commune_of_an_earlier_day_shows_nothing_of_later(seeds: Registry) -> None:
    (only,) = origins(seeds, YEN_THE, BEFORE)
    assert (only.unit.name, only.own) == ("Thị trấn Phồn Xương", True)
    assert origins(seeds, DONG_TAM, TODAY) == ()


def test_divided_commune_names_the_other_parts(seeds: Registry) -> None:
    for code in (BA_DINH, HOAN_KIEM):
        part = next(one for one in origins(seeds, code, TODAY) if one.unit.code == DIEN_BIEN)
        assert {one.code for one in part.shared_with} == {"00004", "00070", "00190", "00226"} - {code}
    said = say(part.said())
    assert "Phường Điện Biên (00019)" in said
    assert "đã chia" in said
    assert "Phường Ba Đình (00004)" in said
    assert "30/06/2025" in said or "30/6/2025" in said


def test_records_keep_their_code_and_are_marked_with_whose_they_were(seeds: Registry) -> None:
    """07288 was the town until 30/6/2025 and is the commune since: a code alone would mix the two."""
    records = [
        ("của thị trấn", "07288", EVE), ("của xã mới", "07288", CHANGE), ("của Đồng Tâm", "07260", BEFORE),
        ("ghi sai ngày", "07260", CHANGE), ("của xã khác", "29470", BEFORE),
    ]  # fmt: skip
    read = lambda code, day: [  # noqa: E731
        (kept.record[0], kept.origin.own, kept.origin.unit.name)
        for kept in records_of(seeds, code, day, records, unit=lambda one: one[1], on=lambda one: one[2])
    ]
    assert read(YEN_THE, TODAY) == [
        ("của thị trấn", False, "Thị trấn Phồn Xương"), ("của xã mới", True, "Xã Yên Thế"),
        ("của Đồng Tâm", False, "Xã Đồng Tâm"),
    ]  # fmt: skip
    assert read(YEN_THE, EVE) == [("của thị trấn", True, "Thị trấn Phồn Xương")]
    assert read(DONG_TAM, EVE) == [("của Đồng Tâm", True, "Xã Đồng Tâm")]


def test_records_of_a_divided_commune_stand_with_each_part(seeds: Registry) -> None:
    for code in (BA_DINH, HOAN_KIEM):
        (kept,) = records_of(seeds, code, TODAY, [(DIEN_BIEN, BEFORE)], unit=lambda one: one[0], on=lambda one: one[1])
        assert kept.origin.shared_with


def test_what_a_commune_has_become(seeds: Registry) -> None:
    old = seeds.get(TAN_SON, EVE)
    assert old is not None
    assert into(seeds, old, EVE) == (old,)
    assert [one.code for one in into(seeds, old, TODAY)] == [TAP_SON]
    divided = seeds.get(DIEN_BIEN, EVE)
    assert divided is not None
    assert {one.code for one in into(seeds, divided, TODAY)} == {"00004", "00070", "00190", "00226"}


def test_commune_that_has_ended_is_refused_with_what_it_is_now(seeds: Registry) -> None:
    with pytest.raises(Refusal) as ended:
        commune_on(seeds, TAN_SON, CHANGE)
    assert refused(ended) == ["lineage.ended"]
    assert "Xã Tập Sơn (29467)" in say(ended.value.problems[0].message)
    with pytest.raises(Refusal) as unknown:
        commune_on(seeds, "99999", CHANGE)
    assert refused(unknown) == ["lineage.no_commune"]
    with pytest.raises(Refusal) as district:
        commune_on(seeds, "849", EVE)
    assert refused(district) == ["lineage.no_commune"]
    new = Registry([RegisteredUnit("00001", "Xã Mới", "xa", valid_from=CHANGE)])
    with pytest.raises(Refusal) as early:
        commune_on(new, "00001", EVE)
    assert refused(early) == ["lineage.not_on_day"]


@given(st.data())
def test_every_record_is_with_exactly_those_its_commune_has_become(data: st.DataObject) -> None:
    """Two changes in a row: a record of any unit on any of its days is shown by just what that unit has become."""
    first, second = date(2020, 1, 1), CHANGE
    ages = (None, date(2019, 12, 31)), (first, EVE), (second, None)
    units = [
        RegisteredUnit(f"0000{number}", f"Xã {age}{number}", "xa", valid_from=since, valid_to=until)
        for age, (since, until) in enumerate(ages)
        for number in range(3)
    ]
    codes = [f"0000{number}" for number in range(3)]
    links = [
        Link(old, new, on)
        for on in (first, second)
        for old in codes
        for new in data.draw(st.sets(st.sampled_from(codes), min_size=1))
    ]
    registry = Registry(units, links)
    age = data.draw(st.sampled_from(range(3)))
    day = (date(2018, 3, 1), date(2022, 3, 1), TODAY)[age]
    code = data.draw(st.sampled_from(codes))
    showing = {
        one
        for one in codes
        if records_of(registry, one, TODAY, [(code, day)], unit=lambda record: record[0], on=lambda record: record[1])
    }
    reached = {code}
    for link_day in (first, second)[age:]:
        reached = {link.successor for link in links if link.on == link_day and link.predecessor in reached}
    assert showing == reached


# a programme's own organisations on a day ---------------------------------------------------------------------------


def test_objects_and_recipients_of_a_programme_are_those_of_the_day(seeds: Registry) -> None:
    programme = library.load("do-dau-xa-tra-vinh-2023")
    communes = [one for one in programme.organisations if one.kind == "commune" and one.unit]
    for organisation in communes:
        for day in (BEFORE, EVE, CHANGE, TODAY):
            for holder in holders(programme, organisation.id, day):
                if organisation.from_ is None:
                    assert holder.unit is not None
                    place = place_on(seeds, holder.unit, day)
                    assert place is not None, "the register knows the commune that the programme names on that day"
                    assert place.unit.name.lower().split("xã ")[1] in holder.name.lower()
    old = [each for line in programme.recipients for each in line.who]
    assert gone(programme, old, EVE) == ()
    assert {one.name for one in gone(programme, old, CHANGE)} == {
        "Huyện ủy Trà Cú", "Ủy ban nhân dân huyện Trà Cú", "Huyện ủy Cầu Kè", "Ủy ban nhân dân huyện Cầu Kè",
    }  # fmt: skip
    assert name_on(programme, "ubnd_tan_son", EVE) == "Ủy ban nhân dân xã Tân Sơn"
    assert "xã Tập Sơn" in name_on(programme, "ubnd_tan_son", CHANGE)
    assert "An Phú Tân" in name_on(programme, "xa_hoa_tan", CHANGE)
