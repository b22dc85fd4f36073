"""What a configuration says of the daemon: every key is real, every mistake is one line, no secret is repeated."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cvinspect.config.camera import CameraConfig
from cvinspect.config.daemon import (
    ApiConfig,
    JsonlSink,
    MqttSink,
    Open311Sink,
    RetentionConfig,
    WatchConfig,
    WebhookSink,
)
from cvinspect.config.site import Login, Site, load_site
from cvinspect.daemon.sinks import check_sinks
from cvinspect.errors import ConfigError
from tests.command_line import cvinspect
from tests.faults.rtsp_server import h264_clip, running

SHIPPED = Path(__file__).parents[2] / "configs" / "site.yaml"
ENVIRON = {"CAMERA_LOGIN": "inspector:pass:word", "PLATFORM_SECRET": "0123456789abcdef", "MQTT_PASSWORD": "m"}


def site_of(tmp_path: Path, text: str) -> Site:
    path = tmp_path / "site.yaml"
    path.write_text(text, encoding="utf-8")
    return load_site(path)


def fault(tmp_path: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        site_of(tmp_path, text)
    assert "\n" not in str(caught.value)
    return str(caught.value).removeprefix(f"{tmp_path}/")


def test_the_shipped_site_holds_three_cameras_two_sinks_and_says_where_all_is() -> None:
    site = load_site(SHIPPED)

    assert [(camera.id, camera.feed, camera.fps) for camera in site.config.cameras] == [
        ("market-street-3", "rtsp://192.0.2.11:554/Streaming/Channels/102", None),
        ("renmin-road-18", "rtsp://192.0.2.12:554/live/main", 1),
        ("yard-north", "rtsp://192.0.2.13:554/stream1", None),
    ]
    assert [(sink.type, sink.name) for sink in site.config.sinks] == [
        ("webhook", "city-platform"), ("mqtt", "control-room"),
    ]  # fmt: skip
    assert site.database == f"sqlite:///{SHIPPED.parent / 'data' / 'ledger.db'}"
    assert site.evidence == SHIPPED.parent / "data"


def test_what_the_shipped_site_writes_out_are_the_defaults() -> None:
    assert load_site(SHIPPED).config.watch == WatchConfig()


def test_each_of_the_12_classes_can_be_raised_by_a_camera_of_the_shipped_site() -> None:
    site = load_site(SHIPPED)
    drawn = [{word for zone in camera.zones for word in (zone.kind, zone.id)} for camera in site.config.cameras]
    violations = site.violations(period_s=0.5)
    raised = [one.id for one in violations if not one.zones or any(set(one.zones) & kinds for kinds in drawn)]
    asked = {kind for one in violations for kind in (*one.outside_zones, *one.exempt_zones, *one.named_zones)}

    assert (len(raised), set(site.config.violations)) == (12, set(raised))
    assert asked <= set.union(*drawn)


def test_what_is_commented_out_in_the_shipped_site_is_real_as_well_and_no_key_is_missing(tmp_path: Path) -> None:
    head, sinks, tail = SHIPPED.read_text(encoding="utf-8").partition("sinks:\n")
    text = head + sinks + re.sub(r"^( *)# ", r"\1", tail, flags=re.MULTILINE)
    site = site_of(tmp_path, text)
    tree = yaml.safe_load(text)

    assert [type(sink) for sink in site.config.sinks] == [WebhookSink, MqttSink, JsonlSink, Open311Sink]
    for data, sink in zip(tree["sinks"], site.config.sinks, strict=True):
        assert data.keys() | {"ca_file", "read_s"} >= type(sink).model_fields.keys()
    assert tree["watch"].keys() == WatchConfig.model_fields.keys()
    assert tree["watch"]["api"].keys() == ApiConfig.model_fields.keys()
    assert tree["watch"]["retention"].keys() == RetentionConfig.model_fields.keys()
    with_stills = {"still", "views"}  # commented out: the files that they name are yet to be taken
    assert {key for camera in tree["cameras"] for key in camera} == CameraConfig.model_fields.keys() - with_stills
    assert all(re.search(rf"^ *# +{key}:", text, flags=re.MULTILINE) for key in with_stills)


def test_the_secrets_of_the_shipped_site_come_from_the_environment() -> None:
    site = load_site(SHIPPED)

    assert site.login("yard-north", ENVIRON) == Login("inspector", "pass:word")
    assert [sink.error for sink in check_sinks(site, ENVIRON)] == [None, None]
    assert [re.sub(r"^.*:\d+: ", "", str(sink.error)) for sink in check_sinks(site, {})] == [
        "sinks.0.secret_env: environment variable PLATFORM_SECRET is not set, or empty",
        "sinks.1.password_env: environment variable MQTT_PASSWORD is not set, or empty",
    ]


def test_a_login_is_shown_nowhere() -> None:
    assert repr(Login("inspector", "secret")) == "Login()"


@pytest.mark.parametrize("held", ["inspector", ":password", "   "])
def test_a_login_that_is_none_is_told_by_key_and_variable_without_repeating_it(held: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_site(SHIPPED).login("yard-north", {"CAMERA_LOGIN": held})
    assert "cameras.2.credentials_env: environment variable CAMERA_LOGIN " in str(caught.value)
    assert "inspector" not in str(caught.value)
    assert ":password" not in str(caught.value)


def test_a_camera_without_credentials_needs_no_login(tmp_path: Path) -> None:
    assert site_of(tmp_path, "cameras: [{id: gate, source: 'rtsp://camera/1'}]").login("gate", {}) is None


def test_a_database_elsewhere_is_left_as_it_is_written(tmp_path: Path) -> None:
    server = site_of(tmp_path, "watch: {database: 'postgresql://ledger@host:5433/city'}")
    file = site_of(tmp_path, "watch: {database: sqlite:////var/lib/cvinspect/ledger.db}")

    assert server.database == "postgresql://ledger@host:5433/city"
    assert file.database == "sqlite:////var/lib/cvinspect/ledger.db"


def test_a_folder_whose_name_would_end_the_databases_address_is_refused(tmp_path: Path) -> None:
    (tmp_path / "what?").mkdir()
    with pytest.raises(ConfigError, match=r"watch\.database: lies in a folder with \? in its name"):
        _ = site_of(tmp_path / "what?", "").database


@pytest.mark.parametrize(
    "written",
    [
        "cameras: [{id: a, source: 'rtsp://me:secret@camera/1'}]",
        "cameras: [{id: a, source: 'rtsp://secret@camera/1'}]",
        "cameras: [{id: a, source: 'rtsp://me:sec/secret@camera/1'}]",
        "cameras: [{id: a, source: 'rtsp://me:secret@[camera/1'}]",
        "cameras: [{id: a, source: 'ftp://me:secret@camera/1'}]",
        "cameras: [{id: a, source: 'rtsp://camera/1?user=me&password=secret'}]",
        "cameras: [{id: a, source: 'rtsp://camera/user=me_password=secret_channel=1'}]",
        "cameras: [{id: a, sub_stream: 'rtsp://me:secret@camera/1'}]",
        "cameras: [{id: a, source: ['rtsp://me:secret@camera/1']}]",
        f"cameras: [{{id: a, source: ['rtsp://me:{'x' * 70}secret@camera/1']}}]",
        "cameras: [{id: 'rtsp://me:secret@camera/1'}]",
        "cameras: [{'rtsp://me:secret@camera/1': a}]",
        'cameras: [{id: a, source: "rtsp://me:secret@camera/\\0"}]',
        'cameras: [{id: a, source: "rtsp://me:my secret@camera/"}]',
        "cameras: [{id: a, source: 'rtsp://c/1', credentials_env: secret}]",
        "cameras: [{id: a, source: 'rtsp://c/1', credentials_env: ['secret']}]",
        "cameras: [{id: a, source: 'rtsp://c/1', password: secret}]",
        "watch: {database: 'postgresql://me:secret@host/city'}",
        "watch: {database: 'postgresql://host/city?password=secret'}",
        "watch: {database: 'mysql://me:secret@host/city'}",
        "watch: {api: {token_env: 'secret!'}}",
        "sinks: [{type: webhook, name: a, url: 'https://me:secret@host/'}]",
        "sinks: [{type: webhook, name: a, url: 'https://host/in?token=secret'}]",
        "sinks: [{type: mqtt, name: a, host: 'me:secret@broker'}]",
        "sinks: [{type: mqtt, name: a, host: h, username: u, password_env: secret}]",
    ],
)
def test_a_secret_in_the_configuration_is_refused_and_not_repeated(tmp_path: Path, written: str) -> None:
    assert "secret@" not in fault(tmp_path, written)
    assert "xsecret" not in fault(tmp_path, written)
    assert "my secret" not in fault(tmp_path, written)
    assert "secret'" not in fault(tmp_path, written)


def test_an_address_with_a_password_is_told_to_be_put_into_the_environment(tmp_path: Path) -> None:
    assert fault(tmp_path, "cameras:\n  - id: a\n    source: rtsp://me:hunter2@camera/1\n") == (
        "site.yaml:3: cameras.0.source: the address holds a user name or password; leave them out and name an "
        "environment variable that holds them"
    )


CLASSES = ", ".join(load_site(None).book.violations)
LIVE = "no such kind of address; allowed: rtsp://, rtsps://, http://, https://, or a file's or folder's path"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("cameras:\n- {id: a, source: 'ftp://camera/1'}", f"2: cameras.0.source: {LIVE}"),
        ("cameras:\n- {id: a, sub_stream: clip.mp4}", "2: cameras.0.sub_stream: is no address; allowed: "
         "rtsp://HOST/PATH and the like"),
        ("cameras:\n- {id: a, source: clip.mp4, credentials_env: CAM}", "2: cameras.0: credentials_env without an "
         "address to log in to; name it in source or sub_stream"),
        ("cameras:\n- {id: a, fps: 0}", "2: cameras.0.fps: Input should be greater than or equal to 0.01; found 0"),
        ("cameras:\n- {id: a, fps: true}", "2: cameras.0.fps: true is no number; allowed: a number"),
        ("cameras:\n- {id: a, transport: quic}", "2: cameras.0.transport: Input should be 'tcp' or 'udp'; "
         "found 'quic'"),
        ("watch:\n  workers: 0", "2: watch.workers: Input should be greater than or equal to 1; found 0"),
        ("watch:\n  careful_share: 0", "2: watch.careful_share: 0 leaves the careful network nothing; to do without it "
         "say careful: none"),
        ("watch:\n  careful_share: 1", "2: watch.careful_share: 1 leaves nothing for the quick network; allowed: more "
         "than 0 and less than 1, like 0.2"),
        ("watch:\n  careful_share: -0.1", "2: watch.careful_share: -0.1 is no part of the cores; allowed: more than 0 "
         "and less than 1, like 0.2"),
        ("watch:\n  database: mysql://host/city", "2: watch.database: is no address of a database; allowed: "
         "sqlite:///FILE, postgresql://HOST/NAME"),
        ("watch:\n  database: 'sqlite://'", "2: watch.database: is no address of a database; allowed: "
         "sqlite:///FILE, postgresql://HOST/NAME"),
        ("watch:\n  database: 'sqlite:///:memory:'", "2: watch.database: is no address of a database; allowed: "
         "sqlite:///FILE, postgresql://HOST/NAME"),
        ("watch:\n  database: postgresql://host:port/city", "2: watch.database: its host or port is none; allowed: "
         "postgresql://HOST:PORT/NAME"),
        ("watch:\n  database: 'postgresql://[::1/city'", "2: watch.database: its host or port is none; allowed: "
         "postgresql://HOST:PORT/NAME"),
        ("watch:\n  api: {host: 0.0.0.0}", "2: watch.api: host '0.0.0.0' can be reached by others; allowed: "
         "127.0.0.1, or with token_env"),
        ("watch:\n  retention:\n    evidence_days: .inf", "3: watch.retention.evidence_days: Input should be less than "
         "or equal to 36500; found inf"),
        ("watch:\n  log: xml", "2: watch.log: Input should be 'text' or 'json'; found 'xml'"),
        ("sinks:\n- {type: jsonl, name: a, path: x}\n- {type: jsonl, name: a, path: y}", "1: the whole file: sink "
         "name 'a' stands here twice; allowed: each once"),
        ("sinks:\n- {name: a}", "2: sinks.0: the key type is needed, which says what the other keys mean"),
        ("sinks:\n- {type: kafka, name: a}", "2: sinks.0: Input tag 'kafka' found using 'type' does not match any of "
         "the expected tags: 'jsonl', 'webhook', 'mqtt', 'open311'"),
        ("sinks:\n- type: webhook\n  name: a\n  urll: x", "4: sinks.0: unknown key 'urll'; allowed: type, name, url, "
         "secret_env, ca_file, read_s, success"),
        ("sinks:\n- type: webhook\n  name: a\n  url: ws://h", "4: sinks.0.url: is no address of a web server; allowed: "
         "https://HOST/PATH, http://HOST/PATH"),
        ("sinks:\n- type: webhook\n  name: a", "2: sinks.0.url: Field required"),
        ("sinks:\n- {type: mqtt, name: a, host: h, password_env: A}", "2: sinks.0: password_env without username; a "
         "broker takes both or none"),
        ("sinks:\n- {type: mqtt, name: a, host: h, ca_file: a.pem, tls: false}", "2: sinks.0: ca_file without tls; "
         "nothing would be checked with it"),
        ("sinks:\n- type: open311\n  name: a\n  url: https://h\n  service_codes: {road: '1'}", "5: "
         f"sinks.0.service_codes.road: no such class; allowed: {CLASSES}"),
        ("sinks:\n- type: open311\n  name: a\n  url: https://h\n  service_codes: {}", "5: sinks.0.service_codes: no "
         f"code for {CLASSES}; give one, or null for what is not for this platform"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_with_its_place_and_what_is_allowed(tmp_path: Path, written: str, said: str) -> None:
    assert fault(tmp_path, written) == f"site.yaml:{said}"


def test_a_configuration_for_recordings_needs_nothing_of_the_daemon(tmp_path: Path) -> None:
    site = site_of(tmp_path, "cameras: [{id: gate, source: gate.mp4}]")

    assert (site.config.watch, site.config.sinks) == (WatchConfig(), ())


def test_a_live_camera_is_never_taken_for_a_recording(tmp_path: Path) -> None:
    site = site_of(tmp_path, "cameras: [{id: live, source: 'rtsp://camera/1'}, {id: gate, source: gate.mp4}]")

    assert site.camera_for(tmp_path / "rtsp:" / "camera" / "1").id == "1"
    assert site.camera_for(tmp_path / "gate.mp4").id == "gate"


def checked(tmp_path: Path, text: str) -> tuple[int, list[str], list[str]]:
    """Exit code, the cells of each camera's row, the errors."""
    path = tmp_path / "site.yaml"
    path.write_text(text, encoding="utf-8")
    outcome = cvinspect("check", path)
    rows = [line for line in outcome.out.splitlines() if line.startswith("│")]
    return outcome.code, ["|".join(cell.strip() for cell in row.split("│")[1:-1]) for row in rows], outcome.errors


def test_check_tries_live_cameras_for_one_picture_all_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATE_LOGIN", "me:p@ss word")
    monkeypatch.setenv("YARD_LOGIN", "me:hunter2")
    with running() as server:
        server.admit("me", "p@ss word")
        server.mount("/gate", h264_clip(tmp_path / "gate.h264", size=(160, 120)))
        url = server.url("")
        code, rows, errors = checked(
            tmp_path,
            f"cameras: [{{id: gate, source: '{url}/gate', credentials_env: GATE_LOGIN}}, "
            f"{{id: yard, source: '{url}/gate', credentials_env: YARD_LOGIN}}, "
            "{id: away, source: 'rtsp://127.0.0.1:9/1'}]",
        )
    assert code == 3
    assert rows == [
        f"gate|{url}/gate|0|yes|160x120|h264 rtsp tcp|", f"yard|{url}/gate|0|no|||", "away|rtsp://127.0.0.1:9/1|0|no|||",
    ]  # fmt: skip
    assert [line.startswith(f"camera {name}: ") for line, name in zip(errors, ("yard", "away"), strict=True)] == [
        True
    ] * 2
    assert "hunter2" not in "".join(errors)


def test_check_names_every_variable_that_is_not_set_and_tries_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    path.write_text(
        "cameras: [{id: live, source: 'rtsp://127.0.0.1:9/1', credentials_env: NO_SUCH_LOGIN}]\n"
        "sinks:\n"
        "- {type: webhook, name: platform, url: 'https://host/in?site=1', secret_env: NO_SUCH_SECRET}\n"
        "- {type: jsonl, name: archive, path: incidents.jsonl}\n"
        "- {type: mqtt, name: room, host: broker, topic: 'a/+/b'}\n"
    )
    outcome = cvinspect("check", path)

    assert (outcome.code, [line.removeprefix(str(path)) for line in outcome.errors]) == (
        2,
        [
            ":1: cameras.0.credentials_env: environment variable NO_SUCH_LOGIN is not set, or empty",
            ":3: sinks.0.secret_env: environment variable NO_SUCH_SECRET is not set, or empty",
            ":5: sinks.2: room: topic: 'a/+/b' is none to publish to: no wildcards, no $ at its start",
        ],
    )
    assert [line for line in outcome.out.splitlines() if line.startswith("sink ")] == [
        "sink platform  webhook  https://host/in", "sink archive  jsonl  incidents.jsonl",
        "sink room  mqtt  mqtts://broker:8883",
    ]  # fmt: skip


SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12), st.just("x" * 300),
    st.sampled_from(["rtsp://", "://", "sqlite:///", "127.0.0.1", "null", "{camera_id", "{}", "\x00", "../..",
                     "\ud800"]),
    st.dates(), st.datetimes(), st.binary(max_size=4),
)  # fmt: skip
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8) | st.integers(), inner, max_size=3),
    max_leaves=12,
)


Tree = Mapping[Any, object] | list[object] | object
Place = tuple[Any, ...]


def places(tree: Tree, place: Place = ()) -> list[Place]:
    """Every place in the tree, its root first."""
    below = tree.items() if isinstance(tree, Mapping) else enumerate(tree) if isinstance(tree, list) else ()
    return [place, *(found for key, value in below for found in places(value, (*place, key)))]


def changed(tree: Tree, place: Place, value: Tree) -> Tree:
    """A copy with another value at that place."""
    if not place:
        return value
    copy: Any = dict(tree) if isinstance(tree, Mapping) else list(tree) if isinstance(tree, list) else None
    copy[place[0]] = changed(copy[place[0]], place[1:], value)
    return copy


def refusals(path: Path) -> list[str]:
    """What is wrong with the configuration, in every way in which the daemon would find out."""
    try:
        site = load_site(path)
        _ = (site.database, site.evidence, site.sha256, [site.login(one.id, ENVIRON) for one in site.config.cameras])
        return [str(sink.error) for sink in check_sinks(site, ENVIRON) if sink.error is not None]
    except ConfigError as error:
        return [str(error)]


LOCAL = yaml.safe_load(SHIPPED.read_text(encoding="utf-8").replace("192.0.2.1", "127.0.0.1:9/"))
LOCAL["sinks"] += [
    {"type": "jsonl", "name": "archive", "path": "data/incidents.jsonl"},
    {"type": "open311", "name": "requests", "url": "https://h/", "service_codes": dict.fromkeys(LOCAL["violations"])},
]
PLACES = places(LOCAL)


def written(tmp_path: Path, tree: Tree) -> Path:
    path = tmp_path / "site.yaml"
    path.write_text(yaml.safe_dump(tree, allow_unicode=True), "utf-8", errors="surrogatepass")
    return path


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.sampled_from(PLACES), value=TREES)
def test_whatever_stands_at_a_place_it_loads_or_is_refused_in_one_line(
    tmp_path: Path, place: Place, value: Tree
) -> None:
    assert not [said for said in refusals(written(tmp_path, changed(LOCAL, place, value))) if "\n" in said]


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.sampled_from(PLACES), value=TREES)
def test_check_never_ends_in_a_traceback(tmp_path: Path, place: Place, value: Tree) -> None:
    outcome = cvinspect("check", written(tmp_path, changed(LOCAL, place, value)))
    assert outcome.code in (0, 2, 3, 4)
    assert bool(outcome.errors) == (outcome.code != 0)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=60) | st.text(alphabet=":-[]{}&*!|>'\"%@` \nabc0.", max_size=60).map(str.encode))
def test_a_file_of_anything_is_a_configuration_or_refused_in_one_line(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "site.yaml"
    path.write_bytes(data)
    assert not [said for said in refusals(path) if "\n" in said]
