"""A configuration's sinks, made: each takes what is written for it, and its secret from the environment."""

import ssl
from pathlib import Path

import pytest

from cvinspect.config.site import Site, load_site
from cvinspect.daemon.sinks import SinkCheck, build_sinks, check_sinks
from cvinspect.dispatch import Answer, Sink
from cvinspect.errors import ConfigError
from tests.dispatch.broker import running as running_broker
from tests.dispatch.certificates import certificate
from tests.dispatch.http_server import says, serving
from tests.dispatch.sink_fakes import Clock, an_event

SECRETS = {"PLATFORM_SECRET": "0123456789abcdef", "OPEN311_KEY": "key-311", "MQTT_PASSWORD": "pass-mqtt"}
CODES = "{" + ", ".join(f"{name}: '105'" for name in load_site(None).book.violations) + "}"


def site_of(folder: Path, text: str) -> Site:
    path = folder / "site.yaml"
    path.write_text(text, encoding="utf-8")
    return load_site(path)


def built(site: Site) -> list[Sink]:
    clock = Clock()
    return build_sinks(site, SECRETS, seconds=clock, now=clock.now)


def delivered(site: Site) -> list[Answer]:
    """An event, to each of its sinks."""
    sinks = built(site)
    try:
        return [sink.deliver(an_event(), receipt=None) for sink in sinks]
    finally:
        for sink in sinks:
            sink.close()


def test_lines_go_into_the_file_that_is_named_relative_to_the_configuration(tmp_path: Path) -> None:
    site = site_of(tmp_path, "sinks: [{type: jsonl, name: archive, path: data/incidents.jsonl, sync: system}]")
    assert delivered(site) == [Answer()]
    assert (tmp_path / "data" / "incidents.jsonl").read_bytes() == an_event().structured() + b"\n"


def test_a_webhook_is_signed_with_the_secret_of_its_variable(tmp_path: Path) -> None:
    with serving(says("200 OK")) as server:
        text = f"sinks: [{{type: webhook, name: platform, url: '{server.url}/in', secret_env: PLATFORM_SECRET}}]"
        assert delivered(site_of(tmp_path, text)) == [Answer()]
    assert server.requests[0].headers["webhook-signature"].startswith("v1,")
    assert SECRETS["PLATFORM_SECRET"] not in str(server.requests[0])


def test_a_webhook_trusts_the_authority_of_its_file_and_no_other(tmp_path: Path) -> None:
    made, key = certificate()
    (tmp_path / "city.pem").write_bytes(made.read_bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made, key)
    with serving(says("200 OK"), tls=context) as server:
        text = f"sinks: [{{type: webhook, name: platform, url: '{server.url}/', ca_file: city.pem}}]"
        assert delivered(site_of(tmp_path, text)) == [Answer()]


def test_an_open311_platform_gets_its_codes_key_and_pictures_address(tmp_path: Path) -> None:
    with serving(says("200 OK", b'[{"service_request_id": "7"}]')) as server:
        text = (
            f"sinks: [{{type: open311, name: requests, url: '{server.url}/v2', api_key_env: OPEN311_KEY, "
            f"jurisdiction_id: city.example, attributes: {{SOURCE: video}}, service_codes: {CODES}}}]"
        )
        assert delivered(site_of(tmp_path, text)) == [Answer(receipt="service_request_id=7")]
    body = server.requests[0].body.decode()
    assert server.requests[0].line == "POST /v2/requests.json HTTP/1.1"
    for field in ("api_key=key-311", "jurisdiction_id=city.example", "service_code=105", "attribute%5BSOURCE%5D=video"):
        assert field in body


def test_all_are_made_in_order_under_their_names(tmp_path: Path) -> None:
    text = (
        "sinks:\n"
        "- {type: jsonl, name: archive, path: a.jsonl}\n"
        "- {type: webhook, name: platform, url: 'https://host/in', secret_env: PLATFORM_SECRET}\n"
        "- {type: mqtt, name: room, host: broker, username: me, password_env: MQTT_PASSWORD}\n"
        f"- {{type: open311, name: requests, url: 'https://host/v2', service_codes: {CODES}}}\n"
    )
    sinks = built(site_of(tmp_path, text))
    assert [sink.name for sink in sinks] == ["archive", "platform", "room", "requests"]
    assert not [sink for sink in sinks if "pass-mqtt" in repr(vars(sink))]
    for sink in sinks:
        sink.close()


@pytest.mark.parametrize(
    ("sink", "said"),
    [
        ("{type: webhook, name: a, url: 'https://h/', secret_env: NOT_THERE}",
         "1: sinks.0.secret_env: environment variable NOT_THERE is not set, or empty"),
        ("{type: mqtt, name: a, host: h, username: u, password_env: NOT_THERE}",
         "1: sinks.0.password_env: environment variable NOT_THERE is not set, or empty"),
        (f"{{type: open311, name: a, url: 'https://h/', api_key_env: NOT_THERE, service_codes: {CODES}}}",
         "1: sinks.0.api_key_env: environment variable NOT_THERE is not set, or empty"),
        ("{type: webhook, name: a, url: 'https://h/', secret_env: SHORT}",
         "1: sinks.0: a: webhook secret: 5 bytes are too few; allowed: 16 or more"),
        ("{type: webhook, name: a, url: 'https://h/', ca_file: missing.pem}",
         "1: sinks.0: a: missing.pem: holds no certificates that can be read: No such file or directory"),
        ("{type: mqtt, name: a, host: h, tls: false, username: u, password_env: SHORT}",
         "1: sinks.0: a: broker h: the password would be sent in the clear; allowed: TLS"),
        ("{type: mqtt, name: a, host: h, topic: '{house}'}",
         "1: sinks.0: a: topic: unknown field {house}; allowed: {camera_id}, {class_id}, {event}, {incident_id}, "
         "{zone_id}, {grid_code}"),
        ("{type: mqtt, name: a, host: h, topic: '{camera_id:>9999999999}'}",
         "1: sinks.0: a: topic: '{camera_id:>9999999999}': fields stand alone in their braces, without : and !"),
        ("{type: webhook, name: a, url: 'https://xn--/'}",
         "1: sinks.0: a: url: is none: Malformed A-label, no Punycode eligible content found"),
        (f"{{type: open311, name: a, url: 'http://h/', api_key_env: SHORT, service_codes: {CODES}}}",
         "1: sinks.0: a: url: http://h/requests.json would send a secret in the clear; allowed: https://"),
    ],
)  # fmt: skip
def test_what_a_sink_will_not_have_is_one_line_with_its_place(tmp_path: Path, sink: str, said: str) -> None:
    site = site_of(tmp_path, f"sinks: [{sink}]")
    with pytest.raises(ConfigError) as caught:
        build_sinks(site, {"SHORT": "hush!"}, seconds=lambda: 0.0, now=Clock().now)
    assert str(caught.value).replace(f"{tmp_path}/", "") == f"site.yaml:{said}"
    assert "hush!" not in str(caught.value)


def test_a_sink_that_cannot_be_made_leaves_none_of_the_others_open(tmp_path: Path) -> None:
    before = _open_files()
    text = "sinks: [{type: webhook, name: a, url: 'https://h/'}, {type: mqtt, name: b, host: h, topic: '#'}]"
    with pytest.raises(ConfigError, match=r"sinks\.1: b: topic"):
        built(site_of(tmp_path, text))
    assert _open_files() == before


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_a_check_tries_every_sink_and_shows_no_query(tmp_path: Path) -> None:
    text = (
        "sinks: [{type: webhook, name: a, url: 'https://host:444/in?site=1', secret_env: NOT_THERE}, "
        "{type: mqtt, name: b, host: broker, port: 1883, tls: false}]"
    )
    [first, second] = check_sinks(site_of(tmp_path, text), {})
    assert (first.place, str(first.error).rpartition(": ")[2]) == (
        "https://host:444/in", "environment variable NOT_THERE is not set, or empty",
    )  # fmt: skip
    assert second == SinkCheck("b", "mqtt", "mqtt://broker:1883", None)


def test_a_message_reaches_the_broker_that_is_named(tmp_path: Path) -> None:
    with running_broker(tmp_path) as broker:
        text = f"sinks: [{{type: mqtt, name: room, host: 127.0.0.1, port: {broker.port}, tls: false}}]"
        assert delivered(site_of(tmp_path, text)) == [Answer()]
