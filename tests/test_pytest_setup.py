import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).parents[1]

SKIPPING = """
import pytest

@pytest.mark.parametrize("n", range(3))
def test_that_needs_a_broker(n):
    pytest.skip("no mosquitto on this machine (Debian: mosquitto)")

@pytest.mark.skipif(True, reason="the extra `train` is not installed")
def test_that_needs_torch():
    pass

def test_that_needs_footage():
    pytest.skip("needs the real clips in ../shared/footage, which are not here")

@pytest.mark.skipif(True, reason="root may read everything")
def test_that_needs_another_user():
    pass

def test_that_runs():
    pass
"""


def said(folder: Path, tests: str, *options: str) -> str:
    """What pytest says at the end of these tests, under the project's own conftest."""
    (folder / "conftest.py").write_text((ROOT / "conftest.py").read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "test_some.py").write_text(tests, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-c", ROOT / "pyproject.toml", "--rootdir", folder, folder, *options]
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.mark.parametrize("workers", ["0", "2"])
def test_the_end_says_how_many_tests_were_skipped_why_and_what_would_run_them(tmp_path: Path, workers: str) -> None:
    _, _, end = said(tmp_path, SKIPPING, "-n", workers, "--durations=5").partition("skipped tests, and what")

    assert end.splitlines()[1:-1] == [
        "   3  no mosquitto on this machine (Debian: mosquitto): sh tools/system-packages mosquitto",
        "   1  needs the real clips in ../shared/footage, which are not here: put that there",
        "   1  root may read everything: another machine, or another user",
        "   1  the extra `train` is not installed: .venv/bin/pip install -e '.[train]'",
    ]
    assert "6 skipped" in end.splitlines()[-1]


def test_nothing_is_said_where_nothing_is_skipped(tmp_path: Path) -> None:
    assert "skipped" not in said(tmp_path, "def test_that_runs():\n    pass\n", "-n", "0")


def test_a_slow_example_fails_no_test() -> None:
    assert settings().deadline is None
    assert settings.get_profile("ci").deadline is None


def test_the_same_examples_are_tried_each_time_where_the_project_is_tested() -> None:
    assert settings.get_profile("ci").derandomize
