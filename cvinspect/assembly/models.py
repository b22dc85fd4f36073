"""A model's card and network, from the path or the site that names it to ready detectors."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from cvinspect.config.site import Site, shipped
from cvinspect.detect.model import NETWORK_SUFFIXES, Backing, ModelCard, load_card
from cvinspect.detect.onnx_backend import OnnxBackend
from cvinspect.detect.openvino_backend import OpenVinoBackend
from cvinspect.detect.yolo import YoloDetector
from cvinspect.taxonomy import Violation

DEFAULT_MODEL = "models/street-26n.yaml"
FASTER_MODEL = "models/street-26n-int8.yaml"
"""Taken instead where its runtime, OpenVINO, is installed."""

_CONTINUES = 0.1
"""Detections from this confidence on carry a track on; what begins one is the card's threshold."""


@dataclass(frozen=True, slots=True)
class Model:
    """A card with the path it was read from."""

    card: ModelCard
    path: Path
    careful: "Model | None" = None
    """The network that looks again before a ticket; None: this one looks alone."""

    @classmethod
    def at(cls, path: Path) -> "Model":
        """Of a card, or of a network that lies beside its card; raises ModelError."""
        path = path.with_suffix(".yaml") if path.suffix in NETWORK_SUFFIXES else path
        return cls(load_card(path), path)

    def detector(self, *, floor: float = _CONTINUES, budget: int = 100, load_now: bool = True) -> YoloDetector:
        """A detector that tells what is at least `floor` confident, at most `budget` things a picture.

        With `load_now` the network is opened for its first input shape, so that a faulty one is told of before
        anything else is done; else when the first picture comes. Raises ModelError.
        """
        return self.detectors(1, floor=floor, budget=budget, load_now=load_now)[0]

    def detectors(
        self, count: int, *, floor: float = _CONTINUES, budget: int = 100, load_now: bool = True
    ) -> list[YoloDetector]:
        """One for each of so many threads, all on one network, which is opened once. Raises ModelError."""
        backend, card = self._backend(at_once=count), self.card
        if load_now:
            backend.warm_up(*card.input_shapes[0])
        settings: dict[str, Any] = {"labels": card.names, "shapes": card.input_shapes, "inner_boxes": card.inner_boxes}
        return [YoloDetector(backend, **settings, floor=floor, budget=budget) for _ in range(count)]

    def _backend(self, *, at_once: int) -> OnnxBackend | OpenVinoBackend:
        folder, card = self.path.parent, self.card
        match Path(card.file).suffix, card.weights_file:
            case ".xml", str(weights):
                return OpenVinoBackend(folder / card.file, folder / weights, labels=card.names, at_once=at_once)
            case _:
                return OnnxBackend(folder / card.file, labels=card.names)

    def has_any(self, labels: Sequence[str]) -> bool:
        """Whether the network has an output for one of these labels, whatever that rests on."""
        return not set(labels).isdisjoint(self.card.names)

    def backing(self, labels: Sequence[str]) -> Backing:
        """The best that any of these labels rests on, in either network."""
        order = (Backing.REAL, Backing.SYNTHETIC, Backing.NONE)
        eyes = [self] if self.careful is None else [self, self.careful]
        rests = (one.backing for eye in eyes for one in eye.card.labels if one.name in labels)
        return min(rests, key=order.index, default=Backing.NONE)


def default_model() -> Path:
    """The card of the shipped model, in the form that is run quickest by what is installed."""
    return shipped(FASTER_MODEL if find_spec("openvino") is not None else DEFAULT_MODEL)


def load_model(site: Site, given: Path | None) -> Model:
    """The model given, else the site's, else the shipped one; raises ModelError."""
    path = given
    if path is None:
        path = site.resolved(site.config.model) if site.config.model is not None else default_model()
    return Model.at(path)


def unbacked(site: Site, model: Model) -> tuple[Violation, ...]:
    """The classes that no label of the model backs."""
    violations = site.violations(period_s=1.0)
    return tuple(one for one in violations if model.backing(one.labels) is Backing.NONE)
