"""Which careful network looks after which quick one, and how often."""

from dataclasses import replace
from pathlib import Path

import pytest

from cvinspect.assembly import eyes
from cvinspect.assembly.eyes import Careful, load_careful, patrol_of
from cvinspect.assembly.models import Model, default_model, load_model
from cvinspect.assembly.pipelines import careful_for
from cvinspect.config.site import Config, Site, load_site
from cvinspect.errors import ModelError
from tests.fakes import ScriptedDetector, camera, violation, zone


def a_site(**given: object) -> Site:
    plain = load_site(None)
    return Site(Config.model_validate(given), plain.book, None)


def quick() -> Model:
    return load_model(load_site(None), None)


@pytest.mark.careful
def test_the_shipped_one_looks_after_the_shipped_one() -> None:
    careful = load_careful(a_site(), quick())
    assert careful is not None
    assert careful.card.name == "street-world-s"
    assert Careful(careful.card, ScriptedDetector([])).named.model_dump() == {
        "name": "street-world-s",
        "sha256": careful.card.sha256,
    }
    assert load_careful(a_site(), quick(), "none") is None
    assert load_careful(a_site(careful="none"), quick()) is None
    assert load_careful(a_site(), Model.at(careful.path)) is None


@pytest.mark.careful
def test_one_that_was_not_named_and_lacks_labels_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    known = quick()
    other = known.card.labels[0].model_copy(update={"name": "lamp_post"})
    strange = replace(known, card=known.card.model_copy(update={"labels": (*known.card.labels, other)}))
    assert load_careful(a_site(), strange) is None
    with pytest.raises(ModelError, match=r"has no lamp_post; allowed: a careful network with every label of"):
        load_careful(a_site(), strange, str(default_model().parent / "street-world-s.yaml"))
    monkeypatch.setattr(eyes, "CAREFUL_MODEL", "models/none.yaml")
    assert load_careful(a_site(), known) is None


def test_one_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"nowhere\.yaml: model card cannot be read"):
        load_careful(a_site(), quick(), str(tmp_path / "nowhere.yaml"))


def test_a_network_that_differs_from_its_card_is_refused(tmp_path: Path) -> None:
    card = default_model().parent / "street-world-s.yaml"
    (tmp_path / "street-world-s.yaml").write_bytes(card.read_bytes())
    (tmp_path / "street-world-s.onnx").write_bytes(b"no network")
    with pytest.raises(ModelError, match="sha256 is"):
        load_careful(a_site(), quick(), str(tmp_path / "street-world-s.onnx"))


def test_patrols_follow_the_shortest_dwell_that_may_come_about() -> None:
    parking, vending = violation(dwell_s=300.0), violation(id="street_vendor", zones=("no_vending",), dwell_s=30.0)
    kerb = camera(zone("no_parking"))
    assert patrol_of(kerb, [parking, vending], is_live=False) == 50.0
    assert patrol_of(camera(zone("no_vending")), [parking, vending], is_live=False) == 5.0
    assert patrol_of(camera(zone("no_vending")), [parking, vending], is_live=True) == 10.0
    assert patrol_of(kerb, [violation(dwell_s=1800.0)], is_live=True) == 60.0


def test_a_camera_may_have_one_eye() -> None:
    site = a_site(cameras=[{"id": "one", "eyes": "quick"}, {"id": "two"}])
    both = object()
    assert careful_for(site, replace(camera(), id="one"), both) is None  # type: ignore[arg-type]
    assert careful_for(site, replace(camera(), id="two"), both) is both  # type: ignore[arg-type,comparison-overlap]
    assert careful_for(site, replace(camera(), id="unknown"), both) is both  # type: ignore[arg-type,comparison-overlap]
