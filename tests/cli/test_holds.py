"""`cvinspect incidents hold` keeps evidence, `release` lets it go, `held` tells what is kept."""

import json
from contextlib import closing
from pathlib import Path

from cvinspect.store.database import Database
from tests.command_line import cvinspect
from tests.incident_makers import CAMERA
from tests.store.ledger_makers import entry, stores


def a_site(folder: Path) -> Path:
    site = folder / "site.yaml"
    site.write_text("cameras: [{id: gate, source: 'rtsp://127.0.0.1:1/x'}]\n", encoding="utf-8")
    (folder / "data").mkdir()
    with closing(Database(f"sqlite:///{folder / 'data' / 'ledger.db'}")) as database:
        stores(database)[0].record(CAMERA.id, [entry("inc-1")])
    return site


def test_an_incident_is_held_told_and_released(tmp_path: Path) -> None:
    site = a_site(tmp_path)
    outcome = cvinspect("incidents", "hold", site, "inc-1", "--why", "案件 7")
    assert (outcome.code, "incident inc-1: its evidence is held" in outcome.err) == (0, True)
    assert "was held already" in cvinspect("incidents", "hold", site, "inc-1").err
    (told,) = map(json.loads, cvinspect("incidents", "held", site).out.splitlines())
    assert (told["incident_id"], told["why"]) == ("inc-1", "案件 7")
    assert cvinspect("incidents", "release", site, "inc-1").code == 0
    assert cvinspect("incidents", "held", site).out == ""


def test_an_incident_that_is_not_known_is_told_in_one_line(tmp_path: Path) -> None:
    outcome = cvinspect("incidents", "hold", a_site(tmp_path), "inc-2")
    assert outcome.code == 2
    assert outcome.err.startswith("error: incident 'inc-2': is not in ")
    assert not (tmp_path / "data" / "holds.jsonl").exists()
