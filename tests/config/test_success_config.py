"""What a webhook's success looks like is a pointer and one value; anything else is one line."""

from pathlib import Path

import pytest

from cvinspect.config.daemon import SuccessConfig, WebhookSink
from cvinspect.config.site import Site, load_site
from cvinspect.daemon.sinks import check_sinks
from cvinspect.errors import ConfigError


def site_with(tmp_path: Path, success: str) -> Site:
    path = tmp_path / "site.yaml"
    sink = f"{{type: webhook, name: platform, url: 'https://host/in', success: {success}}}"
    path.write_text(f"cameras: [{{id: gate, source: 'rtsp://192.0.2.1/x'}}]\nsinks:\n- {sink}\n", encoding="utf-8")
    return load_site(path)


@pytest.mark.parametrize(
    ("written", "pointer", "equals"),
    [
        ("{pointer: /code, equals: 0}", "/code", 0),
        ("{pointer: /result/0/a~1b, equals: SUCCESS}", "/result/0/a~1b", "SUCCESS"),
        ("{pointer: /ok, equals: true}", "/ok", True),
        ("{pointer: '', equals: null}", "", None),
        ("{pointer: /code, equals: 0.5}", "/code", 0.5),
    ],
)
def test_a_pointer_and_a_value_are_kept_as_they_are(tmp_path: Path, written: str, pointer: str, equals: object) -> None:
    site = site_with(tmp_path, written)
    [sink] = site.config.sinks
    assert isinstance(sink, WebhookSink)
    assert sink.success == SuccessConfig(pointer=pointer, equals=equals)
    assert type(sink.success.equals) is type(equals)
    assert [check.error for check in check_sinks(site, {})] == [None]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("{pointer: code, equals: 0}", "sinks.0.*pointer: .*is no JSON pointer.*; allowed: like /code"),
        ("{pointer: /a~2, equals: 0}", "is no JSON pointer"),
        ("{pointer: 7, equals: 0}", "pointer: .*text is needed"),
        ("{pointer: /code}", "equals: "),
        ("{equals: 0}", "pointer: "),
        ("{pointer: /code, equals: [0]}", "equals: .*is no single value; allowed: a number"),
        ("{pointer: /code, equals: {a: 1}}", "is no single value"),
        ("{pointer: /code, equals: .nan}", "is no single value"),
        ("{pointer: /code, equals: 2026-01-01}", "is no single value"),
        ("{pointer: /code, equal: 0}", "unknown key 'equal'; allowed: pointer, equals"),
        ("0", "success: "),
    ],
)
def test_anything_else_is_one_line_that_names_the_key(tmp_path: Path, written: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told) as failure:
        site_with(tmp_path, written)
    assert "\n" not in str(failure.value)
