import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def test_imports_go_one_way_and_stages_do_not_know_each_other() -> None:
    """In a process of its own: import-linter silences every log of the one it runs in."""
    command = (sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache")
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.parametrize("room", sorted(path.name for path in (ROOT / "cvinspect").iterdir() if path.is_dir()))
def test_a_room_says_what_it_is_for(room: str) -> None:
    if not room.startswith("_"):
        first = (ROOT / "cvinspect" / room / "__init__.py").read_text(encoding="utf-8").splitlines()[0]
        assert first.startswith('"""')


@pytest.mark.parametrize("name", ["utils", "helpers", "common", "misc", "registry"])
def test_there_is_no_room_for_everything(name: str) -> None:
    assert not [*(ROOT / "cvinspect").rglob(f"{name}.py"), *(ROOT / "cvinspect").rglob(name)]
