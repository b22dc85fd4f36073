"""Writes model cards."""

from pathlib import Path
from typing import Any

import yaml

from cvinspect.detect.model import ModelCard
from cvinspect.errors import DeliveryError

_HEAD = "# Model card: what the network beside it is, what it can see, and what each label rests on.\n"
_LABELS = """\
# In the order of the network's output. backing: what a label rests on: real pictures, synthetic ones, or none.
# threshold: a detection this confident counts as seen. rule: why it is what it is: "precision", the lowest that
# reaches {precision:g} with a recall of 0.5 or more; "f1", the best F1, where that is out of reach; "default", where
# too few boxes stood behind a choice; "shared", that of the network that this one is another form of. val: scores on
# validation pictures whose source drew the label; precision and recall with Wilson 95 % intervals, counted on pictures
# that had no part in choosing the threshold (a shared one: on all pictures). training: boxes learnt from; drawn: those
# of the real ones that are in pictures in which people drew all of the label, and from how many sources (places) they
# are. agrees: from which confidence on the network agrees with what a quick one has pre-alarmed, on how many boxes of
# val and right detections of the quick one that rests, which share of those it keeps, and precision and recall of what
# both see (cross-fitted).
labels:
"""
_FAMILIES = """\
# Labels that count as one, because sources disagree where one ends and the other begins.
families:
"""


def write_card(path: Path, card: ModelCard, *, precision: float = 0.95) -> None:
    """Write the card to `path`, whole or not at all; `load_card` reads it back equal.

    `precision` in [0, 1] is what the thresholds were chosen for. Raises DeliveryError.
    """
    fields = card.model_dump(mode="json", by_alias=True, exclude_none=True)
    labels, shapes, families = (fields.pop(key, ()) for key in ("labels", "input_shapes", "families"))
    text = _HEAD + yaml.safe_dump(fields, sort_keys=False, allow_unicode=True, width=110)
    text += "# (height, width) pairs the network is fed with; the one that shows a picture largest is taken.\n"
    text += f"input_shapes: {_in_a_line(shapes)}\n"
    text += _LABELS.format(precision=precision) + "".join(map(_item, labels))
    if families:
        text += _FAMILIES + "".join(map(_item, families))
    new = path.with_name(path.name + ".new")
    try:
        new.write_text(text, encoding="utf-8")
        new.replace(path)
    except OSError as error:
        raise DeliveryError(f"{path}: cannot be written: {error.strerror or error}") from error


def _item(fields: dict[str, Any]) -> str:
    lines = [
        f"{key}: {_in_a_line(value) if isinstance(value, dict | list) else value}" for key, value in fields.items()
    ]
    return "  - " + "\n    ".join(lines) + "\n"


def _in_a_line(data: object) -> str:
    return yaml.safe_dump(data, default_flow_style=True, sort_keys=False, allow_unicode=True, width=10_000).strip()
