"""The model card: what a network file is, what it can see, and what each label rests on."""

import hashlib
import reprlib
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from cvinspect.detect.figures import (
    Family,
    Figures,
    Rule,
    SecondLook,
    Share,
    Training,
    TrainingBoxes,
)
from cvinspect.detect.onnx_file import refuse_external_weights
from cvinspect.errors import ModelError
from cvinspect.yaml_loader import BoundedLoader

OPENVINO_SUFFIX = ".xml"
NETWORK_SUFFIXES = (".onnx", OPENVINO_SUFFIX)
"""Of network files, which are known by the card beside them."""

Side = Annotated[int, Field(ge=32, le=4096, multiple_of=32)]
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
FileName = Annotated[str, Field(pattern=r"^[^\x00]+$")]


class Backing(StrEnum):
    """What a label was learnt from."""

    REAL = "real"
    SYNTHETIC = "synthetic"
    NONE = "none"


class CardLabel(BaseModel):
    """One output of the network."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    backing: Backing
    threshold: Share = Field(description="a detection this confident counts as seen")
    rule: Rule | None = None
    training: TrainingBoxes | None = None
    val: Figures | None = None
    agrees: SecondLook | None = Field(default=None, description="a careful network's; none: the default")


class ModelCard(BaseModel):
    """`models/NAME.yaml`, beside `models/NAME.onnx`, or beside `models/NAME.xml` and the weights it needs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_: Literal["cvinspect.model/v1"] = Field(alias="schema")
    name: str
    file: FileName = Field(description="the network, beside the card")
    sha256: Sha256
    weights_file: FileName | None = Field(
        default=None, description="the second file of an OpenVINO network (.xml), whose first holds no weights"
    )
    weights_sha256: Sha256 | None = None
    licence: str
    about: str = ""
    training: Training | None = None
    input_shapes: tuple[tuple[Side, Side], ...] = Field(
        min_length=1, description="(height, width) the network may be fed; the best fit to a picture is taken"
    )
    inner_boxes: bool = Field(
        default=False,
        description="whether a box inside a surer one of its label is a thing of its own; of an end-to-end head it is "
        "an echo",
    )
    labels: tuple[CardLabel, ...] = Field(min_length=1, description="in the order of the network's output")
    families: tuple[Family, ...] = ()

    @model_validator(mode="after")
    def _weights_are_named_where_they_are_a_file_of_their_own(self) -> Self:
        split = self.file.endswith(OPENVINO_SUFFIX)
        if split != (self.weights_file is not None) or split != (self.weights_sha256 is not None):
            needed = "needs both weights_file and weights_sha256" if split else "has its weights in itself"
            raise ValueError(f"{self.file} {needed}")
        return self

    @model_validator(mode="after")
    def _label_names_are_unique(self) -> Self:
        names = [label.name for label in self.labels]
        doubled = sorted({name for name in names if names.count(name) > 1})
        if doubled:
            raise ValueError(f"labels named twice: {', '.join(doubled)}")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """Label names in the order of the network's output."""
        return tuple(label.name for label in self.labels)

    @property
    def thresholds(self) -> dict[str, float]:
        """Confidence from which on a label counts as seen."""
        return {label.name: label.threshold for label in self.labels}

    @property
    def agree_thresholds(self) -> dict[str, float]:
        """Confidence from which on the network agrees with what a quick one has pre-alarmed, for every label.

        Where the card does not say, as sure as to see the thing by itself.
        """
        return {one.name: one.threshold if one.agrees is None else one.agrees.threshold for one in self.labels}


def load_card(path: Path) -> ModelCard:
    """The card at `path`, the hashes of its network's files checked.

    Raises ModelError when a file is missing, unreadable, when they do not belong together, or when the network keeps
    weights in files that no hash covers.
    """
    card = read_card(path)
    _check_hash(path.parent / card.file, card.sha256, card=path)
    if card.weights_file is not None and card.weights_sha256 is not None:
        _check_hash(path.parent / card.weights_file, card.weights_sha256, card=path)
    else:
        refuse_external_weights(path.parent / card.file)
    return card


def _check_hash(file: Path, sha256: str, *, card: Path) -> None:
    try:
        found = sha256_of(file)
    except OSError as error:
        raise ModelError(f"{file}: cannot be read: {error.strerror}; {card} names it as its network") from error
    if found != sha256:
        raise ModelError(
            f"{file}: sha256 is {found[:12]}…, but its card {card} says {sha256[:12]}…: "
            "one of the two was changed; take both from the same release"
        )


def sha256_of(path: Path) -> str:
    """The file's SHA-256 in lower-case hexadecimal; raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_card(path: Path) -> ModelCard:
    """The card at `path`, whether its network is there or not. Raises ModelError."""
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), _CardLoader)  # a SafeLoader that takes less
    except OSError as error:
        raise ModelError(f"{path}: model card cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError: no UTF-8, or a date that is none
        raise ModelError(f"{path}: not a model card: {' '.join(str(error).split())}") from error
    try:
        return ModelCard.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "the whole file"
        raise ModelError(f"{path}: {key}: {first['msg']}; found {reprlib.repr(first['input']):.80}") from error


class _CardLoader(BoundedLoader):
    """Takes no merges, `<<`: versions of PyYAML differ in what they give, and a card is written out whole."""

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        for key, _ in node.value:
            if key.tag == "tag:yaml.org,2002:merge":
                says = "a card takes no merges, '<<'; write out what it merges"
                raise yaml.constructor.ConstructorError(None, None, says, key.start_mark)
        super().flatten_mapping(node)
