"""One network, loaded once, that several threads run at the same time."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from cvinspect.assembly.models import DEFAULT_MODEL, FASTER_MODEL, load_model
from cvinspect.config.site import load_site, shipped
from cvinspect.detect.openvino_backend import OpenVinoBackend
from tests.fakes import texture


@pytest.mark.parametrize("name", [DEFAULT_MODEL, FASTER_MODEL])
def test_each_thread_gets_the_answers_to_its_own_pictures(name: str) -> None:
    model = load_model(load_site(None), shipped(name))
    pictures = [texture(paint, 320, 192) for paint in range(3)]
    alone = model.detector(floor=0.0)
    expected = [[(one.label, one.confidence) for one in alone.detect(picture)] for picture in pictures]
    assert expected[0] != expected[1] != expected[2]

    def seen(number: int) -> list[list[tuple[str, float]]]:
        detector = shared[number]
        return [[(one.label, one.confidence) for one in detector.detect(pictures[number])] for _ in range(5)]

    shared = model.detectors(3, floor=0.0)
    with ThreadPoolExecutor(3) as threads:
        for number, answers in enumerate(threads.map(seen, range(3))):
            assert answers == [expected[number]] * 5


def test_a_network_is_compiled_once_for_all_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    shapes = []
    opened = OpenVinoBackend._open
    monkeypatch.setattr(OpenVinoBackend, "_open", lambda self, *shape: shapes.append(shape) or opened(self, *shape))
    detectors = load_model(load_site(None), shipped(FASTER_MODEL)).detectors(2)
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda one: one.detect(np.zeros((64, 64, 3), np.uint8)), detectors))

    assert shapes == [(384, 640), (640, 640)]
