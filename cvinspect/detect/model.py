"""The model card: what a network file is, what it can see, and what each label rests on."""

import hashlib
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from cvinspect.errors import ModelError

Share = Annotated[float, Field(ge=0, le=1)]
Side = Annotated[int, Field(ge=32, le=4096, multiple_of=32)]


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


class ModelCard(BaseModel):
    """`models/NAME.yaml`, beside `models/NAME.onnx`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_: Literal["cvinspect.model/v1"] = Field(alias="schema")
    name: str
    file: str = Field(pattern=r"^[^\x00]+$", description="the network, beside the card")
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    licence: str
    about: str = ""
    input_shapes: tuple[tuple[Side, Side], ...] = Field(
        min_length=1, description="(height, width) the network may be fed; the best fit to a picture is taken"
    )
    labels: tuple[CardLabel, ...] = Field(min_length=1, description="in the order of the network's output")

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
    def backed(self) -> frozenset[str]:
        """Names of the labels that were trained on something."""
        return frozenset(label.name for label in self.labels if label.backing is not Backing.NONE)

    @property
    def thresholds(self) -> dict[str, float]:
        """Confidence from which on a label counts as seen."""
        return {label.name: label.threshold for label in self.labels}


def load_card(path: Path) -> ModelCard:
    """The card at `path`, its network's hash checked.

    Raises ModelError when either file is missing, unreadable, or when they do not belong together.
    """
    card = _read_card(path)
    network = path.parent / card.file
    try:
        with network.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"{network}: cannot be read: {error.strerror}; {path} names it as its network") from error
    if found != card.sha256:
        raise ModelError(
            f"{network}: sha256 is {found[:12]}…, but its card {path} says {card.sha256[:12]}…: "
            "one of the two was changed; take both from the same release"
        )
    return card


def _read_card(path: Path) -> ModelCard:
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelError(f"{path}: model card cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError: no UTF-8, or a date that is none
        raise ModelError(f"{path}: not a model card: {' '.join(str(error).split())}") from error
    try:
        return ModelCard.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "the whole file"
        raise ModelError(f"{path}: {key}: {first['msg']}; found {first['input']!r:.80}") from error
