"""What is hidden in pictures that leave: the networks that find faces and plates, put together with the rule."""

import threading
from collections.abc import Sequence

from cvinspect.config.site import shipped
from cvinspect.detect.faces import FaceFinder
from cvinspect.detect.model import ModelCard, load_card
from cvinspect.detect.onnx_backend import OnnxLayers
from cvinspect.detect.plates import LABEL as PLATE
from cvinspect.detect.plates import PlateFinder
from cvinspect.domain import Detection, Pixels
from cvinspect.evidence.masking import hidden, persons_in, vehicles_in
from cvinspect.geometry import Box

FOLDER = "models/masking"
NETWORKS = ("faces", "plates")
"""The cards in it that are wanted."""

FACE_FLOOR = 0.2
"""Confidence from which on a face at a person counts; its makers' default."""

_WITHOUT = {
    "faces": "faces are masked only as heads of the persons that the detector sees",
    "plates": "number plates are not masked",
}


class Masking:
    """Says which parts of a picture are hidden. For many threads, one at a time: a look takes 120 MB and more."""

    def __init__(
        self, faces: FaceFinder | None = None, plates: PlateFinder | None = None, notes: Sequence[str] = ()
    ) -> None:
        """Without its network, faces or plates are not looked for; `notes` say so, one line each."""
        self._faces = faces
        self._plates = plates
        self._looking = threading.Lock()
        self.notes = tuple(notes)

    def __call__(self, pixels: Pixels, detections: Sequence[Detection]) -> list[Box]:
        """The parts to hide, in pixels of the picture, of which the detector said `detections`. Raises ModelError."""
        vehicles = vehicles_in(detections)
        with self._looking:
            faces = self._faces.find(pixels) if self._faces is not None else []
            plates = self._plates.find(pixels, vehicles) if self._plates is not None and vehicles else []
        return hidden(persons_in(detections), faces, plates)


def opened_masking() -> Masking:
    """With the shipped networks; where one is not there, a note says what is not masked then. Raises ModelError."""
    notes, cards = [], {}
    for name in NETWORKS:
        path = shipped(f"{FOLDER}/{name}.yaml")
        if path.exists():
            cards[name] = load_card(path)
        else:
            notes.append(f"{path} is not there: {_WITHOUT[name]}")
    faces = plates = None
    if (card := cards.get("faces")) is not None:
        faces = FaceFinder(_layers(card), shapes=card.input_shapes, floor=FACE_FLOOR)
    if (card := cards.get("plates")) is not None:
        plates = PlateFinder(_layers(card), side=card.input_shapes[0][0], floor=card.thresholds[PLATE])
    return Masking(faces, plates, notes)


def _layers(card: ModelCard) -> OnnxLayers:
    return OnnxLayers(shipped(f"{FOLDER}/{card.file}"), labels=card.names)
