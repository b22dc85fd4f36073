"""What could not be written before the end: laid down whole or not at all, and read back as it was."""

import os
from pathlib import Path

import pytest

from cvinspect.errors import DeliveryError
from cvinspect.store import Snapshot
from cvinspect.store.spool import DamagedSpoolError, Spool, Unwritten
from tests.store.ledger_makers import picture, story

PAGES = {
    "gate 北门": Unwritten(tuple(story("inc-1", 3, evidence=(picture("evidence/a.jpg"),))), Snapshot(1, "state")),
    "yard": Unwritten((), Snapshot(1, "another")),
    "lot": Unwritten(tuple(story("inc-2", 1)), None),
}


def test_what_was_kept_is_read_back_as_it_was(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "new" / "ledger.db.unwritten")
    assert spool.kept() == {}
    spool.keep(PAGES)
    kept = spool.kept()
    assert kept == PAGES
    assert [one.record.to_json() for one in kept["gate 北门"].entries] == [
        one.record.to_json() for one in PAGES["gate 北门"].entries
    ]
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["ledger.db.unwritten"]
    spool.remove()
    assert spool.kept() == {}
    spool.remove()


@pytest.mark.parametrize("length", [0, 1, 40, 150, 1000])
def test_a_file_that_is_cut_off_is_told_as_damaged(tmp_path: Path, length: int) -> None:
    spool = Spool(tmp_path / "spool")
    spool.keep(PAGES)
    spool.path.write_bytes(spool.path.read_bytes()[:length])
    with pytest.raises(DamagedSpoolError):
        spool.kept()


@pytest.mark.parametrize("at", [0.3, 0.6, 0.99])
def test_one_wrong_byte_is_told_as_damage(tmp_path: Path, at: float) -> None:
    spool = Spool(tmp_path / "spool")
    spool.keep(PAGES)
    data = bytearray(spool.path.read_bytes())
    data[int(at * len(data))] ^= 1
    spool.path.write_bytes(data)
    with pytest.raises(DamagedSpoolError):
        spool.kept()


@pytest.mark.parametrize("text", ["{}", "[]\n[]", '{"format": "cvinspect.unwritten/2"}\n{}\n', "no JSON"])
def test_what_is_none_of_this_version_is_told(tmp_path: Path, text: str) -> None:
    spool = Spool(tmp_path / "spool")
    spool.path.write_text(text, encoding="ascii")
    with pytest.raises(DamagedSpoolError, match=r"is none of this version|is damaged"):
        spool.kept()


def test_a_damaged_file_is_kept_under_another_name_each_time(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    for number in (1, 2):
        spool.path.write_text(f"damage {number}", encoding="ascii")
        assert spool.set_aside() == tmp_path / f"spool.damaged-{number}"
    assert (tmp_path / "spool.damaged-1").read_text(encoding="ascii") == "damage 1"
    assert not spool.path.exists()


def test_what_cannot_be_laid_down_leaves_what_lay_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = Spool(tmp_path / "spool")
    spool.keep(PAGES)

    def fails(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(DeliveryError, match=r"spool: cannot be written: No space left on device"):
        spool.keep({})
    assert spool.kept() == PAGES
    assert [path.name for path in tmp_path.iterdir()] == ["spool"]
