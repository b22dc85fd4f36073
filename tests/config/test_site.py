from pathlib import Path

import pytest
import yaml

from cvinspect.config.site import load_site, shipped
from cvinspect.domain import Camera, Location, Zone
from cvinspect.errors import ConfigError

ROOT = Path(__file__).parents[2]
SITE = """\
timezone: Asia/Shanghai
cameras:
  - id: gate
    source: clips/gate.mp4
    location: {lon: 121.47, lat: 31.23, grid_code: "310101001002003", address: 人民路18号}
    device_gbid: "34020000001320000001"
    zones:
      - id: kerb
        kind: no_parking
        polygon: [[0, 0.5], [1, 0.5], [1, 1], [0, 1]]
  - id: yard
    source: clips/yard.mp4
violations:
  illegal_parking_motor:
    dwell_s: 60
    hours: ["07:00-22:00"]
"""
GATE = Camera(
    "gate",
    Location(121.47, 31.23, "人民路18号", "310101001002003"),
    (Zone("kerb", "no_parking", ((0, 0.5), (1, 0.5), (1, 1), (0, 1))),),
    "34020000001320000001",
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "site.yaml"


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def message(path: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        load_site(path)
    assert "\n" not in str(caught.value)
    return str(caught.value).replace(str(path), path.name)


def test_a_camera_is_chosen_by_its_source_which_is_relative_to_the_file(path: Path) -> None:
    site = load_site(written(path, SITE))

    assert site.camera_for(path.parent / "clips" / "gate.mp4") == GATE
    assert site.camera_for(path.parent / "clips" / ".." / "clips" / "yard.mp4") == Camera("yard")


def test_a_source_that_none_of_several_cameras_has_is_a_new_camera_without_zones(path: Path) -> None:
    site = load_site(written(path, SITE))

    assert site.camera_for(Path("elsewhere/gate.mp4")) == Camera("gate")
    assert site.camera_for(Path("pictures")) == Camera("pictures")


def test_the_only_camera_is_taken_for_whatever_is_inspected(path: Path) -> None:
    site = load_site(written(path, SITE[: SITE.index("  - id: yard")]))

    assert site.camera_for(Path("elsewhere/other.mp4")) == GATE


def test_without_a_configuration_a_camera_is_called_by_its_file(tmp_path: Path) -> None:
    site = load_site(None)

    assert site.camera_for(tmp_path / "street.mp4") == Camera("street")
    assert len(site.violations(period_s=0.5)) == 12
    assert str(site.timezone) == "Asia/Shanghai"


def test_what_a_site_sets_changes_its_class_only(path: Path) -> None:
    changed = load_site(written(path, SITE)).violations(period_s=0.5)
    plain = load_site(None).violations(period_s=0.5)

    different = [after.id for before, after in zip(plain, changed, strict=True) if before != after]
    assert different == ["illegal_parking_motor"]


def test_a_table_of_your_own_is_found_beside_the_configuration(path: Path) -> None:
    table = yaml.safe_load(shipped("configs/violations.yaml").read_text(encoding="utf-8"))
    table["violations"] = {"road_damage": table["violations"]["road_damage"]}
    written(path.with_name("own.yaml"), yaml.safe_dump(table, allow_unicode=True))
    site = load_site(written(path, "violations_file: own.yaml\n"))

    assert [one.id for one in site.violations(period_s=0.5)] == ["road_damage"]


def test_the_hash_is_that_of_what_is_configured_not_of_how_it_is_written(path: Path) -> None:
    plain = load_site(written(path, SITE)).sha256
    data = yaml.safe_load(SITE)
    turned = {key: data[key] for key in reversed(data)}
    turned["violations"]["illegal_parking_motor"] = dict(reversed(data["violations"]["illegal_parking_motor"].items()))

    assert load_site(written(path, f"# a comment\n{SITE}\n\n# another\n")).sha256 == plain
    assert load_site(written(path, yaml.safe_dump(turned, sort_keys=False))).sha256 == plain
    assert len(plain) == 64


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("dwell_s: 60", "dwell_s: 61"),
        ("07:00-22:00", "07:00-22:01"),
        ("[0, 0.5]", "[0, 0.51]"),
        ("timezone: Asia/Shanghai", "timezone: UTC"),
        ("lon: 121.47", "lon: 121.48"),
    ],
)
def test_the_hash_changes_with_what_is_configured(path: Path, before: str, after: str) -> None:
    plain = load_site(written(path, SITE)).sha256

    assert load_site(written(path, SITE.replace(before, after, 1))).sha256 != plain


def test_the_hash_changes_with_the_table(path: Path) -> None:
    table = shipped("configs/violations.yaml").read_text(encoding="utf-8")
    written(path, "violations_file: own.yaml\n")
    written(path.with_name("own.yaml"), table)
    plain = load_site(path).sha256
    written(path.with_name("own.yaml"), table.replace("dwell_s: 300", "dwell_s: 301", 1))

    assert load_site(path).sha256 != plain


CLASSES = "out_of_store_operation, street_vendor, exposed_garbage, bagged_garbage, overflowing_bin, "
CLASSES += "illegal_parking_motor, illegal_parking_nonmotor, piled_materials, illegal_advertising, "
CLASSES += "illegal_umbrella, street_drying, road_damage"
KINDS = "shop_front, no_vending, waste_point, no_parking, no_parking_nonmotor, bike_bay, public_ground, "
KINDS += "ad_control, street_facade"
POLYGON = "[[0, 0.5], [1, 0.5], [1, 1], [0, 1]]"
AT = "site.yaml:10: cameras.0.zones.0.polygon"


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        pytest.param(
            "timezone", "timezon",
            "site.yaml:1: the whole file: unknown key 'timezon'; allowed: cameras, violations, violations_file, model, "
            "careful, timezone, watch, sinks", id="unknown key",
        ),
        pytest.param(
            "device_gbid", "gbid",
            "site.yaml:6: cameras.0: unknown key 'gbid'; allowed: id, source, sub_stream, transport, credentials_env, "
            "hosts, fps, sampling, look, eyes, tiles, gate, aspect, location, device_gbid, zones, "
            "still, views",
            id="unknown key of a camera",
        ),
        pytest.param(
            "illegal_parking_motor", "illegal_parking",
            f"site.yaml:14: violations.illegal_parking: no such class; allowed: {CLASSES}", id="unknown class",
        ),
        pytest.param(POLYGON, "[[0, 0], [1, 1]]", f"{AT}: a polygon of 2 points; allowed: 3 or more", id="two points"),
        pytest.param(
            POLYGON, "[[0, 0], [1.2, 0], [1, 1]]",
            f"{AT}.1.0: Input should be less than or equal to 1; found 1.2", id="right of the picture",
        ),
        pytest.param(
            POLYGON, "[[0, 0], [1, -0.1], [1, 1]]",
            f"{AT}.1.1: Input should be greater than or equal to 0; found -0.1", id="above the picture",
        ),
        pytest.param(
            POLYGON, "[[0, 0], [960, 0], [960, 540]]",
            f"{AT}.1.0: Input should be less than or equal to 1; found 960 (and 2 more)", id="pixels",
        ),
        pytest.param(
            POLYGON, "[[0, 0], [1, 1], [1, 0], [0, 1]]",
            f"{AT}: the polygon's edges cross each other; list its corners in order, around the area", id="bow tie",
        ),
        pytest.param(
            POLYGON, "[[0, 0], [.nan, 0], [1, 1]]",
            f"{AT}.1.0: Input should be greater than or equal to 0; found nan", id="not a number",
        ),
        pytest.param(
            POLYGON, "[[0, 0], [0.5, 0.5], [1, 1]]",
            f"{AT}: the polygon's corners lie on one line; allowed: an area", id="a line",
        ),
        pytest.param(POLYGON, "[[0, 0], [1], [1, 1]]", f"{AT}.1.1: Field required", id="half a point"),
        pytest.param(POLYGON, "all", f"{AT}: a list is needed; found 'all'", id="a word"),
        pytest.param(
            "kind: no_parking", "kind: kerb",
            f"site.yaml:9: cameras.0.zones.0.kind: 'kerb' is no kind of zone; allowed: {KINDS}", id="unknown kind",
        ),
        pytest.param(
            "id: yard", "id: gate",
            "site.yaml:1: the whole file: camera id 'gate' stands here twice; allowed: each once",
            id="a camera twice",
        ),
        pytest.param(
            "  - id: yard", f"      - {{id: kerb, kind: no_parking, polygon: {POLYGON}}}\n  - id: yard",
            "site.yaml:3: cameras.0: zone id 'kerb' stands here twice; allowed: each once", id="a zone twice",
        ),
        pytest.param(
            "id: yard", "id: yard\n    id: gate",
            "site.yaml: line 12, column 5: key 'id' stands here a second time", id="a key twice",
        ),
        pytest.param(
            "id: yard", "id: a/b",
            r"site.yaml:11: cameras.1.id: String should match pattern '^[^\x00-\x1f/\\]+$'; found 'a/b'",
            id="a slash in a name",
        ),
        pytest.param(
            "timezone: Asia/Shanghai", "timezone: Mars/Base",
            "site.yaml:1: timezone: 'Mars/Base' is no time zone known here; allowed: names like Asia/Shanghai",
            id="unknown time zone",
        ),
        pytest.param(
            "timezone: Asia/Shanghai", "timezone: ../../etc/passwd",
            "site.yaml:1: timezone: '../../etc/passwd' is no time zone known here; allowed: names like Asia/Shanghai",
            id="a path for a time zone",
        ),
        pytest.param(
            '"310101001002003"', '"31010100100200"',
            "site.yaml:5: cameras.0.location.grid_code: String should match pattern '^[0-9]{15}$'; "
            "found '31010100100200'", id="grid code of 14 digits",
        ),
        pytest.param(
            '"310101001002003"', "310101001002003",
            "site.yaml:5: cameras.0.location.grid_code: text is needed, in quotes where it looks like something else; "
            "found 310101001002003", id="grid code without quotes",
        ),
        pytest.param(
            '"310101001002003"', '"３１０１０１００１００２００３"',
            "site.yaml:5: cameras.0.location.grid_code: String should match pattern '^[0-9]{15}$'; "
            "found '３１０１０１００１００２００３'", id="grid code in wide digits",
        ),
        pytest.param(
            "lon: 121.47", "lon: 221.47",
            "site.yaml:5: cameras.0.location.lon: Input should be less than or equal to 180; found 221.47",
            id="off the earth",
        ),
        pytest.param(
            "dwell_s: 60", "dwell_s: a minute",
            "site.yaml:15: violations.illegal_parking_motor.dwell_s: Input should be a valid number, "
            "unable to parse string as a number; found 'a minute'", id="a word for seconds",
        ),
        pytest.param(
            "dwell_s: 60", "pre_alarm_s: 301",
            "site.yaml:15: violations.illegal_parking_motor.pre_alarm_s: 301 is more than dwell_s, 300; "
            "allowed: at most dwell_s", id="announced after the dwell",
        ),
        pytest.param(
            "07:00-22:00", "7-22 Uhr",
            "site.yaml:16: violations.illegal_parking_motor.hours.0: '7-22 Uhr' is no span of hours; "
            'allowed: like "07:00-22:00"', id="bad hours",
        ),
        pytest.param(
            "dwell_s: 60", "zones: [kerb-2]",
            "site.yaml:15: violations.illegal_parking_motor.zones: 'kerb-2' is neither a kind of zone nor the id of a "
            f"drawn one; allowed kinds: {KINDS}", id="an unknown zone",
        ),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_with_file_place_and_what_is_allowed(
    path: Path, before: str, after: str, said: str
) -> None:
    assert before in SITE

    assert message(written(path, SITE.replace(before, after, 1))) == said


def test_a_missing_file_is_named(path: Path) -> None:
    assert message(path) == "site.yaml: cannot be read: No such file or directory"


def test_a_missing_table_is_named(path: Path) -> None:
    written(path, "violations_file: own.yaml\n")

    with pytest.raises(ConfigError) as caught:
        load_site(path)
    assert str(caught.value) == f"{path.with_name('own.yaml')}: cannot be read: No such file or directory"


def test_a_mistake_in_the_table_names_the_table(path: Path) -> None:
    table = shipped("configs/violations.yaml").read_text(encoding="utf-8")
    own = written(path.with_name("own.yaml"), table.replace("dwell_s: 300", "dwell_s: 300\n    pre_alarm_s: 900", 1))
    written(path, "violations_file: own.yaml\n")

    with pytest.raises(ConfigError) as caught:
        load_site(path)
    assert str(caught.value).startswith(f"{own}:")


def test_a_zone_may_be_named_by_its_id(path: Path) -> None:
    site = load_site(written(path, SITE.replace("dwell_s: 60", "zones: [kerb]", 1)))

    assert [one.zones for one in site.violations(period_s=0.5) if one.id == "illegal_parking_motor"] == [("kerb",)]


@pytest.mark.parametrize("name", sorted(file.name for file in (ROOT / "configs").glob("*.yaml")))
def test_every_file_in_configs_loads(path: Path, name: str) -> None:
    data = yaml.safe_load((ROOT / "configs" / name).read_text(encoding="utf-8"))
    if "zone_kinds" in data:  # a table, not a site
        site = load_site(written(path, yaml.safe_dump({"violations_file": str(ROOT / "configs" / name)})))
    else:
        site = load_site(ROOT / "configs" / name)

    assert site.violations(period_s=0.5)
