from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).parents[1]


def test_imports_go_one_way_and_stages_do_not_know_each_other(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)

    status = lint_imports(config_filename="pyproject.toml", no_cache=True, no_logo=True)
    assert status == EXIT_STATUS_SUCCESS, capsys.readouterr().out


@pytest.mark.parametrize("room", sorted(path.name for path in (ROOT / "cvinspect").iterdir() if path.is_dir()))
def test_a_room_says_what_it_is_for(room: str) -> None:
    if not room.startswith("_"):
        first = (ROOT / "cvinspect" / room / "__init__.py").read_text(encoding="utf-8").splitlines()[0]
        assert first.startswith('"""')


@pytest.mark.parametrize("name", ["utils", "helpers", "common", "misc", "registry"])
def test_there_is_no_room_for_everything(name: str) -> None:
    assert not [*(ROOT / "cvinspect").rglob(f"{name}.py"), *(ROOT / "cvinspect").rglob(name)]
