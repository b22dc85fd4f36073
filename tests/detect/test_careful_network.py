"""The shipped careful network, whose head leaves suppression to us."""

import numpy as np
import pytest

from cvinspect.assembly.models import load_model
from cvinspect.config.site import load_site, shipped
from cvinspect.detect.model import ModelCard, load_card
from cvinspect.detect.onnx_backend import OnnxBackend
from cvinspect.errors import ModelError
from tests.fakes import texture

CARD = shipped("models/street-world-s.yaml")


@pytest.fixture(scope="module")
def card() -> ModelCard:
    return load_card(CARD)


@pytest.fixture(scope="module")
def backend(card: ModelCard) -> OnnxBackend:
    return OnnxBackend(CARD.parent / card.file, labels=card.names)


def test_rows_come_as_from_an_end_to_end_head(backend: OnnxBackend, card: ModelCard) -> None:
    rows = backend.infer(np.full((1, 3, 640, 640), 0.5, np.float32))

    assert (rows.shape[1], rows.dtype) == (6, np.dtype(np.float32))
    assert len(rows) <= 300
    assert np.isfinite(rows).all()
    assert set(rows[:, 5].tolist()) <= set(range(len(card.labels)))


def test_it_has_one_size(backend: OnnxBackend) -> None:
    with pytest.raises(ModelError, match=r"street-world-s\.onnx: the network failed"):
        backend.infer(np.zeros((1, 3, 384, 640), np.float32))


def test_it_sees_with_the_same_labels_as_the_quick_one_and_runs_from_its_card(card: ModelCard) -> None:
    assert card.names == load_card(shipped("models/street-26n.yaml")).names
    detector = load_model(load_site(None), CARD).detector(floor=0.01)

    assert all(one.label in card.names for one in detector.detect(texture(3, 640, 360)))
