"""What is in `deploy/` fits the program: nothing it names is made up."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from cvinspect.cli.app import app
from cvinspect.config.site import load_site

ROOT = Path(__file__).parents[1]
UNIT = (ROOT / "deploy" / "cvinspect.service").read_text(encoding="utf-8")
CONTAINER = (ROOT / "deploy" / "Containerfile").read_text(encoding="utf-8")
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
PROGRAM = "/opt/cvinspect/bin/cvinspect"


def _systemd(*words: str | Path) -> subprocess.CompletedProcess[str]:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("no systemd-analyze on this machine (Debian: systemd)")
    return subprocess.run([program, *words], capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit with a program that is there."""
    path = tmp_path / "cvinspect.service"
    path.write_text(UNIT.replace(PROGRAM, sys.executable), encoding="utf-8")
    return path


def test_systemd_finds_no_fault_in_the_unit(unit: Path) -> None:
    outcome = _systemd("verify", "--man=no", unit)
    assert (outcome.returncode, outcome.stderr) == (0, "")


_KEYS = {
    "Unit": {"Description", "Wants", "After", "StartLimitIntervalSec"},
    "Service": {
        "Type", "ExecStart", "ExecReload", "EnvironmentFile", "User", "Group", "StateDirectory", "StateDirectoryMode",
        "WorkingDirectory", "UMask", "Restart", "RestartSec", "KillMode", "TimeoutStopSec", "LimitNOFILE", "OOMPolicy",
        "LogRateLimitIntervalSec", "LogRateLimitBurst", "NoNewPrivileges", "CapabilityBoundingSet",
        "AmbientCapabilities", "ProtectSystem", "ProtectHome", "PrivateTmp", "PrivateDevices", "PrivateUsers",
        "ProtectClock", "ProtectControlGroups", "ProtectHostname", "ProtectKernelLogs", "ProtectKernelModules",
        "ProtectKernelTunables", "ProtectProc", "RestrictAddressFamilies", "RestrictNamespaces", "RestrictRealtime",
        "RestrictSUIDSGID", "LockPersonality", "RemoveIPC", "SystemCallArchitectures", "SystemCallFilter",
        "SystemCallErrorNumber",
    },
    "Install": {"WantedBy"},
}  # fmt: skip
"""Of systemd.unit(5), systemd.service(5) and systemd.exec(5): a misspelt key would be passed over in silence."""

_MANY_TIMES = {"SystemCallFilter"}


def test_every_line_of_the_unit_is_one_that_systemd_knows() -> None:
    section, found = "", set[str]()
    for line in UNIT.splitlines():
        if line.startswith("["):
            section, found = line.strip("[]"), set()
        elif line and not line.startswith("#"):
            key, sign, _ = line.partition("=")
            assert (key in _KEYS[section], sign, key in found - _MANY_TIMES) == (True, "=", False), line
            found.add(key)
    assert section == "Install"


def test_systemd_calls_the_units_exposure_ok(unit: Path) -> None:
    outcome = _systemd("security", "--offline=yes", "--threshold=20", "--no-pager", unit)
    assert outcome.returncode == 0, outcome.stdout[-200:]


def test_unit_and_container_run_a_command_that_there_is() -> None:
    commands = [command.name or command.callback.__name__ for command in app.registered_commands if command.callback]
    [start] = re.findall(r"^ExecStart=(.*)$", UNIT, flags=re.MULTILINE)
    assert start == f"{PROGRAM} watch /etc/cvinspect/site.yaml"
    assert f'ENTRYPOINT ["{PROGRAM}"]\nCMD ["watch", "/etc/cvinspect/site.yaml"]\n' in CONTAINER
    assert "watch" in commands


def test_the_container_takes_only_what_is_in_the_repository_from_no_named_registry() -> None:
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", CONTAINER, flags=re.MULTILINE)
    assert [name for names in copied for name in names.split() if not (ROOT / name).exists()] == []
    assert {image.split()[0] for image in re.findall(r"^FROM (.+)$", CONTAINER, flags=re.MULTILINE)} == {
        "python:3.11-slim"
    }


def test_the_container_takes_all_that_the_build_needs() -> None:
    whole = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = whole["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {"pyproject.toml", whole["project"]["readme"], *wheel["packages"], *wheel["force-include"]}
    first, _ = CONTAINER.rsplit("\nFROM ", maxsplit=1)
    copied = re.findall(r"^COPY (.+) \S+$", first, flags=re.MULTILINE)
    assert needed <= {name for names in copied for name in names.split()}


def test_every_path_that_the_container_runs_is_made_in_it() -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    [made] = re.findall(r"python -m venv (\S+)", CONTAINER)
    assert f"COPY --from=build {made} {made}\n" in CONTAINER
    run = set(re.findall(rf"{made}/bin/([\w.-]+)", CONTAINER))
    assert run - {"pip", "python"} == {"cvinspect"} <= scripts.keys()
    [user] = re.findall(r"^USER (\w+)$", CONTAINER, flags=re.MULTILINE)
    [home] = re.findall(r"^VOLUME (\S+)$", CONTAINER, flags=re.MULTILINE)
    assert re.search(rf"useradd .*--home-dir {home} --create-home {user}$", CONTAINER, flags=re.MULTILINE)
    assert f"WORKDIR {home}\n" in CONTAINER


def test_the_container_installs_extras_that_there_are() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    [extras] = re.findall(r"'\.\[(.+)\]'", CONTAINER)
    assert set(extras.split(",")) <= project["optional-dependencies"].keys()


def test_the_container_asks_for_health_where_it_is_by_default() -> None:
    api = load_site(None).config.watch.api
    assert api is not None
    assert f"http://{api.host}:{api.port}/health" in CONTAINER


def test_every_command_on_the_page_of_operations_is_one() -> None:
    group = next(one.typer_instance for one in app.registered_groups if one.typer_instance.info.name == "incidents")
    known = {f"incidents {command.name or command.callback.__name__}" for command in group.registered_commands}
    known |= {command.name or command.callback.__name__ for command in app.registered_commands}
    named = set(re.findall(r"cvinspect (incidents \w+|check|watch|run|evaluate)\b", OPERATIONS)) - {"evaluate"}
    assert {f"incidents {word}" for word in ("list", "show", "export", "dead", "replay", "prune")} <= named
    assert named <= known


def test_every_key_on_the_page_of_operations_is_one() -> None:
    config = (ROOT / "configs" / "site.yaml").read_text(encoding="utf-8")
    keys = re.findall(r"`(?:watch\.|retention\.)*(\w+_(?:env|days|gb|stream)|transport|fps|log)\b", OPERATIONS)
    assert len(set(keys)) > 8
    assert [key for key in set(keys) if f"{key}: " not in config] == []
