"""The documents say what the program does."""

import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

from cvinspect.cli.app import app
from cvinspect.config.site import load_site
from cvinspect.errors import CvinspectError
from cvinspect.records.incident import IncidentRecord
from cvinspect.taxonomy import WHOLE_PICTURE, ZONE_KINDS_ZH
from tests.clips import encode
from tests.command_line import cvinspect, latest
from tools.rooms import PACKAGE, arrows_of

ROOT = Path(__file__).parents[1]
KERB_STOP = ROOT / ".." / "shared" / "footage" / "kerb_stop.mp4"


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


README = text_of("README.md")
PAGES = ["README.md", "CONTRIBUTING.md", *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md")))]
MAP_PAGE = "docs/architecture.md"
MAP = text_of(MAP_PAGE)
NO_FILES_OF_OURS = {"evidence/", "evidence/original/", "cvinspect/status"}
"""Folders that a run makes, and a topic of MQTT."""
COMMANDS = [command.name or command.callback.__name__ for command in app.registered_commands if command.callback]
GROUPED = [
    f"{group.typer_instance.info.name} {command.name or command.callback.__name__}"
    for group in app.registered_groups
    if group.typer_instance is not None
    for command in group.typer_instance.registered_commands
    if command.callback
]


@pytest.mark.parametrize("command", [*COMMANDS, *GROUPED])
def test_every_command_has_help_and_stands_in_the_readme(command: str) -> None:
    outcome = cvinspect(*command.split(), "--help")
    assert outcome.code == 0
    assert "Usage" in outcome.out
    assert f"`cvinspect {command} " in README or f"`cvinspect {command}`" in README


def test_the_readme_is_short_enough_to_be_read() -> None:
    assert len(README.splitlines()) <= 160
    assert len(MAP.splitlines()) <= 150


def test_the_readme_shows_a_report_that_loads_quickly() -> None:
    [picture] = re.findall(r"!\[.+?\]\((.+?)\)", README)
    assert 10_000 < (ROOT / picture).stat().st_size < 250_000


def test_every_field_of_the_record_is_explained() -> None:
    fields = {field.alias or name for name, field in IncidentRecord.model_fields.items()}
    section = text_of("docs/output.md").split("## The record, field by field")[1].split("\n## ")[0]
    first_cells = re.findall(r"^\| (`.+?) \|", section, flags=re.MULTILINE)
    assert {name for cell in first_cells for name in re.findall(r"`(\w+)`", cell)} == fields


def test_every_kind_of_zone_is_explained() -> None:
    section = text_of("docs/configuration.md").split("## Zones")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| (\S+) \|", section, flags=re.MULTILINE)
    assert {**dict(rows), WHOLE_PICTURE: ZONE_KINDS_ZH[WHOLE_PICTURE]} == ZONE_KINDS_ZH
    assert [kind for kind, _ in rows] == list(load_site(None).book.zone_kinds)


def test_every_class_of_the_table_stands_in_the_readme() -> None:
    for violation in load_site(None).violations(period_s=0.5):
        assert f"| `{violation.id}` |" in README
        assert f"| {violation.dwell_s:.0f} s |" in README


def test_every_exit_code_that_can_happen_is_explained() -> None:
    section = text_of("docs/output.md").split("## Exit codes")[1].split("\n## ")[0]
    documented = {int(code) for code in re.findall(r"^\| (\d+) \|", section, flags=re.MULTILINE)}
    possible = {error.exit_code for error in _family(CvinspectError)} - {CvinspectError.exit_code} | {0, 130}
    assert documented == possible
    in_short = README.split("Exit code ")[1].split("in full")[0]
    assert {int(code) for code in re.findall(r"\b\d+\b", in_short)} == possible


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_shell_blocks_name_commands_that_exist(page: str) -> None:
    blocks = re.findall(r"```sh\n(.*?)```", text_of(page), flags=re.DOTALL)
    words = [line.split("#")[0].split() for block in blocks for line in block.splitlines() if line.strip()]
    targets = re.findall(r"^([\w-]+):", text_of("Makefile"), flags=re.MULTILINE)
    assert words
    for command in words:
        if command[0] == "make":
            assert set(command[1:]) <= set(targets)
        elif command[0] == ".venv/bin/cvinspect":
            assert command[1] in COMMANDS
        else:
            assert command[0] in {".venv/bin/python", ".venv/bin/ruff"}
        places = [word for word in command if re.match(r"(samples|tests|tools)/", word)]
        assert all((ROOT / place).exists() for place in places)


@pytest.mark.parametrize("page", PAGES)
def test_commands_named_on_a_page_exist(page: str) -> None:
    known = {*COMMANDS, *(group.split()[0] for group in GROUPED)}
    named = re.findall(r"`(?:\.venv/bin/)?cvinspect ([a-z]+)", text_of(page))
    assert set(named) <= known
    groups = {group.split()[0] for group in GROUPED}
    pairs = re.findall(rf"`(?:\.venv/bin/)?cvinspect ((?:{'|'.join(groups)}) [a-z]+)", text_of(page))
    assert set(pairs) <= set(GROUPED)


@pytest.mark.parametrize("page", PAGES)
def test_files_named_on_a_page_exist(page: str) -> None:
    """A path with a folder of ours, and any Python file, which on the map may be told from the package on."""
    quoted = re.findall(r"`([\w./-]+)`", text_of(page))
    folders = ("cvinspect", "configs", "models", "samples", "tests", "docs", "benchmarks", "deploy", "tools")
    paths = {one for one in quoted if one.startswith(tuple(f"{folder}/" for folder in folders)) or one.endswith(".py")}
    if page == MAP_PAGE:
        paths |= {one for one in quoted if "/" in one}
    missing = [
        path for path in paths - NO_FILES_OF_OURS if "NAME" not in path and not _exists(path, inside=page == MAP_PAGE)
    ]
    assert missing == []


@pytest.mark.parametrize("page", PAGES)
def test_links_to_our_own_pages_lead_somewhere(page: str) -> None:
    for target, heading in re.findall(r"\]\(([^):#]+)(?:#([\w-]+))?\)", text_of(page)):
        path = (ROOT / page).parent / target
        assert path.exists(), target
        if heading:
            headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
            assert heading in {re.sub(r"[^\w -]", "", one).strip().lower().replace(" ", "-") for one in headings}


@pytest.mark.parametrize("page", PAGES)
def test_classes_named_on_a_page_exist(page: str) -> None:
    """`CamelCase` of two humps or more."""
    named = set(re.findall(r"`([A-Z][a-z]+(?:[A-Z][a-z]+)+)(?:\.\w+)?`", text_of(page)))
    assert named - _names() == set()


@pytest.mark.parametrize("room", sorted(arrows_of(PACKAGE)))
def test_every_room_stands_on_the_map(room: str) -> None:
    section = MAP.split("## The rooms")[1].split("\n## ")[0]
    assert f"`{room}`" in section


def test_the_map_names_no_room_that_is_none() -> None:
    section = MAP.split("## The rooms")[1].split("\n## ")[0]
    cells = re.findall(r"^\| (`.+?) \|", section, flags=re.MULTILINE)
    assert {name for cell in cells for name in re.findall(r"`(\w+)`", cell)} <= set(arrows_of(PACKAGE))


def test_the_floors_on_the_map_are_those_that_imports_keep_to() -> None:
    contracts = tomllib.loads(text_of("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    [house] = [one for one in contracts if one["containers"] == ["cvinspect"]]
    drawn = MAP.split("```")[1].strip().splitlines()
    assert [re.split(r"\s{2,}", line)[0] for line in drawn] == house["layers"]


def test_the_five_steps_for_a_clip_make_a_configuration_that_loads(tmp_path: Path) -> None:
    """The README's two pieces, one below the other as a reader has them; on any clip at all."""
    encode(tmp_path / "clip.mp4")
    config = _configuration_of_the_steps(tmp_path)
    [camera] = load_site(config).config.cameras
    assert [zone.kind for zone in camera.zones] == ["no_parking"]
    outcome = cvinspect("check", config, "--pictures", tmp_path / "stills")
    assert outcome.code == 0, outcome.err
    assert (tmp_path / "stills" / "my-street.jpg").exists()


@pytest.mark.skipif(not KERB_STOP.exists(), reason=f"needs the real clip {KERB_STOP}, which is not here")
def test_the_five_steps_for_a_clip_find_the_car_that_stops_at_the_kerb(tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").symlink_to(KERB_STOP.resolve())
    config = _configuration_of_the_steps(tmp_path)
    outcome = cvinspect("run", tmp_path / "clip.mp4", "--config", config, "--out", tmp_path / "out")
    assert outcome.code == 0, outcome.err
    assert [(one["class_id"], one["status"]) for one in latest(tmp_path / "out")] == [
        ("illegal_parking_motor", "cleared")
    ]


@pytest.mark.parametrize("path", sorted((ROOT / "configs").glob("*.yaml")), ids=lambda path: path.name)
def test_every_shipped_configuration_loads(path: Path) -> None:
    if path.name == "violations.yaml":
        assert len(load_site(None).book.violations) == 12
    else:
        assert load_site(path).violations(period_s=0.5)


def _family(error: type[CvinspectError]) -> set[type[CvinspectError]]:
    return {error}.union(*(_family(child) for child in error.__subclasses__()))


def _exists(path: str, *, inside: bool) -> bool:
    """From the root on; `inside`: or from the package on."""
    return (ROOT / path).exists() or (inside and (ROOT / "cvinspect" / path).exists())


@cache
def _names() -> set[str]:
    """Of classes, and of what stands at a module's outermost level."""
    files = (
        file for folder in ("cvinspect", "tests", "samples", "benchmarks") for file in (ROOT / folder).rglob("*.py")
    )
    found = (
        re.findall(r"^(?:\s*class )?([A-Z]\w+)\b", file.read_text(encoding="utf-8"), re.MULTILINE) for file in files
    )
    return {name for names in found for name in names}


def _configuration_of_the_steps(folder: Path) -> Path:
    section = README.split("## Your own clip in five steps")[1].split("\n## ")[0]
    pieces = re.findall(r"```yaml\n(.*?)```", section, flags=re.DOTALL)
    assert len(pieces) == 2
    config = folder / "mine.yaml"
    config.write_text("".join(pieces), encoding="utf-8")
    return config
