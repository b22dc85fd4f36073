"""Logins that a camera takes only in its address have places there, and never stand there themselves."""

from pathlib import Path

import pytest

from cvinspect.config.site import Site, load_site
from cvinspect.errors import ConfigError

XIONGMAI = "rtsp://192.0.2.2:554/user={user}&password={password}&channel=1&stream=0.sdp"
REOLINK = "http://192.0.2.1/flv?app=bcs&stream=channel0_main.bcs&user={user}&password={password}"


def site_of(tmp_path: Path, camera: str, rest: str = "") -> Site:
    path = tmp_path / "site.yaml"
    path.write_text(f"cameras:\n  - {{id: gate, {camera}}}\n{rest}", encoding="utf-8")
    return load_site(path)


@pytest.mark.parametrize("address", [XIONGMAI, REOLINK])
def test_a_place_for_a_login_is_no_login(tmp_path: Path, address: str) -> None:
    site = site_of(tmp_path, f"source: '{address}', credentials_env: GATE")

    assert site.config.cameras[0].feed == address
    login = site.login("gate", {"GATE": "admin:"})
    assert login is not None
    assert (login.user, login.password) == ("admin", "")


@pytest.mark.parametrize(
    ("camera", "says"),
    [
        (f"source: '{XIONGMAI}'", "the address has places for user and password; name credentials_env"),
        (
            "source: 'rtsp://192.0.2.2/user={user}&password=hunter2', credentials_env: A",
            "the address holds a password or another secret, and addresses stand in messages; leave it out, or where a "
            "camera takes it nowhere else write {user} and {password} in its place, and name credentials_env",
        ),
        ("source: 'rtsp://192.0.2.2/password={password}hunter2', credentials_env: A", "the address holds a password"),
        ("source: 'http://192.0.2.2/?pwd=hunter2{password}', credentials_env: A", "the address holds a password"),
        ("source: 'http://192.0.2.2/?token=hunter2&u={user}', credentials_env: A", "the address holds a password"),
        ("source: 'rtsp://{user}.evil.example/', credentials_env: A", "has a place for user or password in its host"),
        ("source: 'rtsp://{user}:{password}@192.0.2.2/', credentials_env: A", "holds a user name or password"),
        ("source: 'rtsp://192.0.2.2/', hosts: ['rtsp://x/y']", "is no host; allowed: HOST or HOST:PORT"),
        ("source: 'rtsp://192.0.2.2/', hosts: ['a@b']", "is no host; allowed: HOST or HOST:PORT"),
    ],
)
def test_what_is_written_elsewhere_is_refused_and_not_repeated(tmp_path: Path, camera: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        site_of(tmp_path, camera)

    assert says in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_only_addresses_of_cameras_are_filled_in(tmp_path: Path) -> None:
    sink = "sinks: [{type: webhook, name: a, url: 'https://host/in?password={password}'}]\n"
    with pytest.raises(ConfigError, match="only addresses of cameras are filled in"):
        site_of(tmp_path, "source: 'rtsp://192.0.2.2/'", sink)


def test_hosts_that_a_camera_may_send_us_to(tmp_path: Path) -> None:
    named = ("relay.example.com", "192.0.2.9:8554", "[2001:db8::1]:554")
    site = site_of(tmp_path, f"source: 'rtsp://192.0.2.2/', hosts: {list(named)}")

    assert site.config.cameras[0].hosts == named
