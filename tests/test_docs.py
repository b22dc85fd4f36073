"""The documents say what the program does."""

import re
from pathlib import Path

import pytest

from cvinspect.cli.app import app
from cvinspect.config.site import load_site
from cvinspect.errors import CvinspectError
from cvinspect.records.incident import IncidentRecord
from tests.command_line import cvinspect

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
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


def test_every_field_of_the_record_stands_in_the_readme() -> None:
    fields = {field.alias or name for name, field in IncidentRecord.model_fields.items()}
    section = README.split("## The record, field by field")[1].split("\n## ")[0]
    first_cells = re.findall(r"^\| (`.+?) \|", section, flags=re.MULTILINE)
    assert {name for cell in first_cells for name in re.findall(r"`(\w+)`", cell)} == fields


def test_every_class_of_the_table_stands_in_the_readme() -> None:
    for violation in load_site(None).violations(period_s=0.5):
        assert f"| `{violation.id}` |" in README
        assert f"| {violation.dwell_s:.0f} s |" in README


def test_every_exit_code_that_can_happen_stands_in_the_readme() -> None:
    section = README.split("### Exit codes")[1].split("\n## ")[0]
    documented = {int(code) for code in re.findall(r"^\| (\d+) \|", section, flags=re.MULTILINE)}
    possible = {error.exit_code for error in _family(CvinspectError)} - {CvinspectError.exit_code}
    assert documented == possible | {0, 130}


def test_the_shell_blocks_of_the_readme_name_commands_that_exist() -> None:
    blocks = re.findall(r"```sh\n(.*?)```", README, flags=re.DOTALL)
    words = [line.split("#")[0].split() for block in blocks for line in block.splitlines() if line.strip()]
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    for command in words:
        if command[0] == "make":
            assert command[1] in targets
        else:
            assert command[0] == ".venv/bin/cvinspect"
            assert command[1] in COMMANDS
            assert all((ROOT / word).exists() for word in command if word.startswith("samples/"))


def test_paths_named_in_the_readme_exist() -> None:
    made_by_a_run = {"evidence/", "evidence/original/"}
    for path in set(re.findall(r"`((?:cvinspect|configs|models|samples|tests|docs|benchmarks)/[\w./-]+)`", README)):
        if path not in made_by_a_run and "NAME" not in path:
            assert (ROOT / path).exists(), path


@pytest.mark.parametrize("path", sorted((ROOT / "configs").glob("*.yaml")), ids=lambda path: path.name)
def test_every_shipped_configuration_loads(path: Path) -> None:
    if path.name == "violations.yaml":
        assert len(load_site(None).book.violations) == 12
    else:
        assert load_site(path).violations(period_s=0.5)


def _family(error: type[CvinspectError]) -> set[type[CvinspectError]]:
    return {error}.union(*(_family(child) for child in error.__subclasses__()))
