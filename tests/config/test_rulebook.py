from datetime import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from cvinspect.config.rulebook import RuleBook, RuleOverride, read_rule_book, resolve
from cvinspect.config.site import shipped
from cvinspect.errors import ConfigError
from cvinspect.taxonomy import Anchor, Code, Hours, Names, Violation

TABLE = """\
zone_kinds: [kerb, bay]
violations:
  parking:
    names: {zh: 停车, en: Parking}
    code: {major: "05", minor: "05"}
    labels: [car]
    zones: [kerb]
    dwell_s: 300
  rubbish:
    names: {zh: 垃圾, en: Rubbish}
    labels: [bag, litter]
    codes: {bag: {major: "01", minor: "021"}}
    dwell_s: 900
    yields_to: [parking]
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "violations.yaml"


def book(path: Path, text: str = TABLE) -> RuleBook:
    path.write_text(text, encoding="utf-8")
    return read_rule_book(path)


def resolved(path: Path, *, period_s: float = 0.5, **override: object) -> Violation:
    """Parking, with what a site sets of it."""
    given = {"parking": RuleOverride.model_validate(override)}
    return resolve(book(path), given, period_s=period_s, path=path)[0]


def message(path: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        book(path, text)
    assert "\n" not in str(caught.value)
    return str(caught.value).replace(str(path), path.name)


def test_what_a_table_leaves_out_follows_from_the_dwell(path: Path) -> None:
    assert resolved(path) == Violation(
        id="parking",
        names=Names("停车", "Parking"),
        code=Code("05", "05"),
        codes=(),
        labels=("car",),
        zones=("kerb",),
        outside_zones=(),
        exempt_zones=(),
        exempt_hours=(),
        named_zones=(),
        hours=(),
        anchor=Anchor.GROUND,
        dwell_s=300.0,
        pre_alarm_s=60.0,
        clear_s=60.0,
        gap_s=30.0,
        seen_share=0.25,
        min_size_share=0.0,
        whole=False,
        second_picture_s=60.0,
        reach=0.0,
        unless_with=(),
        yields_to=(),
        yield_reach=0.0,
        joins=(),
        recurrence_days=7.0,
    )


@pytest.mark.parametrize(
    ("dwell_s", "pre_alarm_s", "clear_s", "second_picture_s"),
    [(0, 0, 1.5, 1), (1, 0.2, 1.5, 1), (10, 2, 2, 5), (100, 20, 20, 50), (300, 60, 60, 60), (1800, 360, 60, 60)],
)
def test_announcement_clearing_and_second_picture_follow_the_dwell(
    path: Path, dwell_s: float, pre_alarm_s: float, clear_s: float, second_picture_s: float
) -> None:
    found = resolved(path, dwell_s=dwell_s)

    assert found.pre_alarm_s == pytest.approx(pre_alarm_s)
    assert (found.clear_s, found.second_picture_s) == (pytest.approx(clear_s), second_picture_s)


@pytest.mark.parametrize(("period_s", "gap_s"), [(0.5, 30), (15, 30), (20, 40), (100, 200)])
def test_the_grace_for_gaps_is_at_least_two_sampling_periods(path: Path, period_s: float, gap_s: float) -> None:
    assert resolved(path, period_s=period_s).gap_s == gap_s


@pytest.mark.parametrize(
    "given",
    [
        {"dwell_s": 60.0, "pre_alarm_s": 60.0},
        {"clear_s": 0.0},
        {"gap_s": 3.0},
        {"second_picture_s": 2.0},
        {"seen_share": 0.0},
        {"min_size_share": 0.1},
        {"zones": ()},
        {"zones": ("bay",), "outside_zones": ("kerb",), "exempt_zones": ("kerb",)},
        {"whole": True},
        {"reach": 0.5},
        {"recurrence_days": 0.0},
        {"hours": (Hours(time(7), time(22)),)},
        {"exempt_hours": (Hours(time(22), time(6)), Hours(time(12), time(13)))},
    ],
    ids=" ".join,
)
def test_what_a_site_sets_is_what_holds(path: Path, given: dict[str, Any]) -> None:
    found = resolved(path, **given)

    assert {key: getattr(found, key) for key in given} == given


def test_hours_that_a_site_sets_hold_as_hours(path: Path) -> None:
    [hours] = resolved(path, hours=["22:00-06:00"]).hours

    assert [moment in hours for moment in (time(21, 59), time(22), time(3), time(6))] == [False, True, True, False]


def test_what_one_class_is_given_leaves_the_others_alone(path: Path) -> None:
    given = {"parking": RuleOverride(dwell_s=5.0)}

    changed = resolve(book(path), given, period_s=0.5, path=path)
    assert [one.dwell_s for one in changed] == [5.0, 900.0]
    assert changed[1] == resolve(book(path), {}, period_s=0.5, path=path)[1]


def test_a_label_may_have_a_code_of_its_own(path: Path) -> None:
    rubbish = resolve(book(path), {}, period_s=0.5, path=path)[1]

    assert (rubbish.code_of("bag"), rubbish.code_of("litter")) == (Code("01", "021"), None)


@pytest.mark.parametrize(
    ("written", "inside", "outside"),
    [
        ("07:00-22:00", time(7), time(22)),
        ("07:00 - 22:00", time(21, 59, 59), time(6, 59, 59)),
        ("22:00-06:00", time(0), time(12)),
        ("18:00-24:00", time(23, 59, 59), time(0)),
        ("00:00-24:00", time(0), None),
        ("07:30:15-08:00", time(7, 30, 15), time(7, 30, 14)),
    ],
)
def test_hours_begin_with_their_first_minute_and_end_before_their_last(
    path: Path, written: str, inside: time, outside: time | None
) -> None:
    [hours] = resolved(path, hours=[written]).hours

    assert inside in hours
    assert outside is None or outside not in hours


def test_an_announcement_after_the_dwell_of_the_table_is_refused_where_the_site_says_so(path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        resolved(path, dwell_s=30.0, pre_alarm_s=40.0)

    assert "violations.parking.pre_alarm_s: 40 is more than dwell_s, 30; allowed: at most dwell_s" in str(caught.value)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        pytest.param(
            "labels: [car]",
            "labels: []",
            "violations.yaml:6: violations.parking.labels: Tuple should have at least 1 item after validation, not 0; "
            "found []",
            id="no labels",
        ),
        pytest.param(
            '{major: "05"', "{major: 5", "violations.yaml:5: violations.parking.code.major: text is needed, in quotes "
            "where it looks like something else; found 5", id="a code without quotes",
        ),
        pytest.param(
            'minor: "05"', 'minor: "5"',
            "violations.yaml:5: violations.parking.code.minor: String should match pattern '^[0-9]{2,3}$'; found '5'",
            id="a short code",
        ),
        pytest.param("    dwell_s: 300\n", "",
            "violations.yaml:3: violations.parking.dwell_s: Field required", id="no dwell"),
        pytest.param(
            "dwell_s: 300", "dwell_s: .nan",
            "violations.yaml:8: violations.parking.dwell_s: Input should be greater than or equal to 0; found nan",
            id="not a number",
        ),
        pytest.param(
            "dwell_s: 300", "dwell_s: 300\n    pre_alarm_s: 301",
            "violations.yaml:3: violations.parking: pre_alarm_s: 301 is more than dwell_s, 300; "
            "allowed: at most dwell_s",
            id="announced after the dwell",
        ),
        pytest.param(
            "yields_to: [parking]", "yields_to: [park]",
            "violations.yaml:1: the whole file: violations.rubbish names an unknown class 'park'",
            id="yields to an unknown class",
        ),
        pytest.param(
            "zones: [kerb]",
            "joins: [rubbish]",
            "violations.yaml:1: the whole file: these yield to or join each other in a circle: "
            "parking > rubbish > parking",
            id="a circle",
        ),
        pytest.param(
            "codes: {bag:", "codes: {bags:",
            "violations.yaml:1: the whole file: violations.rubbish.codes names 'bags', which is none of its labels",
            id="a code for an unknown label",
        ),
        pytest.param(
            "zones: [kerb]", "hours: ['7 to 9']",
            "violations.yaml:7: violations.parking.hours.0: '7 to 9' is no span of hours; "
            'allowed: like "07:00-22:00"', id="bad hours",
        ),
        pytest.param(
            "zones: [kerb]", "hours: ['07:00-07:00']",
            "violations.yaml:7: violations.parking.hours.0: '07:00-07:00' ends when it starts; "
            'allowed: like "07:00-22:00", all day is "00:00-24:00"',
            id="empty hours",
        ),
        pytest.param(
            "zones: [kerb]", "hours: ['07:00+08:00-09:00']",
            "violations.yaml:7: violations.parking.hours.0: '07:00+08:00-09:00' is no span of hours; "
            'allowed: like "07:00-22:00"',
            id="hours with an offset",
        ),
        pytest.param(
            "zones: [kerb]", "hours: [7]",
            "violations.yaml:7: violations.parking.hours.0: 7 is no span of hours; allowed: like \"07:00-22:00\"",
            id="a number for hours",
        ),
        pytest.param(
            "zones: [kerb]", "anchor: top",
            "violations.yaml:7: violations.parking.anchor: Input should be 'ground' or 'centre'; found 'top'",
            id="unknown anchor",
        ),
    ],
)  # fmt: skip
def test_a_mistake_in_the_table_is_named(path: Path, before: str, after: str, said: str) -> None:
    assert before in TABLE
    assert message(path, TABLE.replace(before, after, 1)) == said


CODES = {
    "out_of_store_operation": ("店外经营", ("05", "04"), 600),
    "street_vendor": ("无照经营游商（占道经营）", ("05", "01"), 180),
    "exposed_garbage": ("暴露垃圾", ("01", "02"), 300),
    "bagged_garbage": ("打包垃圾", ("01", "02"), 900),
    "overflowing_bin": ("垃圾满溢", ("03", "05"), 300),
    "illegal_parking_motor": ("机动车乱停放", ("05", "05"), 300),
    "illegal_parking_nonmotor": ("非机动车乱停放", ("05", "06"), 600),
    "piled_materials": ("乱堆物堆料", ("05", "07"), 1800),
    "illegal_advertising": ("违规广告、乱涂写张贴", ("02", "02"), 1800),
    "illegal_umbrella": ("违规撑伞", None, 600),
    "street_drying": ("沿街晾挂", ("05", "11"), 1800),
    "road_damage": ("道路破损", ("01", "10"), 300),
}
"""The twelve classes of the domain: name, code of GB/T 30428.2, dwell."""


def test_the_shipped_table_holds_the_twelve_classes_with_their_codes_and_dwells() -> None:
    path = shipped("configs/violations.yaml")

    found = resolve(read_rule_book(path), {}, period_s=0.5, path=path)
    assert {
        one.id: (one.names.zh, None if one.code is None else (one.code.major, one.code.minor), one.dwell_s)
        for one in found
    } == CODES
    assert [one.code_of("graffiti") for one in found if "graffiti" in one.labels] == [Code("02", "01")]


def test_the_shipped_table_asks_only_for_zones_that_it_names() -> None:
    path = shipped("configs/violations.yaml")
    table = read_rule_book(path)

    asked = {
        kind
        for one in resolve(table, {}, period_s=0.5, path=path)
        for kind in (*one.zones, *one.outside_zones, *one.exempt_zones)
    }
    assert asked <= {*table.zone_kinds}


def test_the_shipped_table_says_what_its_comments_say_of_defaults() -> None:
    path = shipped("configs/violations.yaml")
    written = yaml.safe_load(path.read_text(encoding="utf-8"))["violations"]

    for one in resolve(read_rule_book(path), {}, period_s=0.5, path=path):
        assert "pre_alarm_s" in written[one.id] or one.pre_alarm_s == pytest.approx(one.dwell_s / 5)
        assert "clear_s" in written[one.id] or one.clear_s == min(max(one.dwell_s / 5, 1.5), 60)
        assert "second_picture_s" in written[one.id] or one.second_picture_s == min(max(one.dwell_s / 2, 1), 60)
