import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "cvinspect"
ROOMS = [path.parent for path in PACKAGE.rglob("__init__.py") if path.parent != PACKAGE]
"""Wings are rooms too."""


def test_imports_go_one_way_and_stages_do_not_know_each_other() -> None:
    """In a process of its own: import-linter silences every log of the one it runs in."""
    command = (sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache")
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.parametrize("room", sorted(ROOMS), ids=lambda room: str(room.relative_to(PACKAGE)))
def test_a_room_says_what_lives_there_and_what_does_not(room: Path) -> None:
    docstring = ast.get_docstring(ast.parse((room / "__init__.py").read_text(encoding="utf-8"))) or ""
    what, *others = [line for line in docstring.splitlines() if line]
    assert what
    assert others


@pytest.mark.parametrize("name", ["utils", "helpers", "common", "misc", "registry"])
def test_there_is_no_room_for_everything(name: str) -> None:
    assert not [*(ROOT / "cvinspect").rglob(f"{name}.py"), *(ROOT / "cvinspect").rglob(name)]
