"""Frames of fixed cameras in which certain things are known to be absent: hard negatives."""

import json
from collections.abc import Iterator
from pathlib import Path

from picture_folder import Sheet

from cvinspect.domain import Pixels
from cvinspect.evaluate.labelled.label_file import LabelledBox
from cvinspect.evaluate.labelled.manifest import Split
from cvinspect.evaluate.labelled.yolo_dataset import LabelledPicture
from cvinspect.geometry import Box
from cvinspect.sources.recorded.video import open_video

NEVER_LEARNT_FROM = frozenset(
    [
        "kerbs_bus_passes",
        "lot_1102_1027",
        "motorway_dense_haze",
        "night_ir_lane",
        "pavement_bag_left",
        "pavement_bag_left_2",
        "kerb_stop",
        "plaza_bicycles",
        "plaza_service_cars",
        "saigon_rain_shops",
        "lot_driver_gets_in",
        "shop_door_balloons",
        "shopping_street_dissolve",
    ]
)
"""Clips on which figures are stated."""

ABSENT = [
    "vendor_stall",
    "banner",
    "graffiti",
    "road_damage",
    "material_pile",
    "hanging_laundry",
    "exposed_garbage",
    "garbage_bag",
    "overflowing_bin",
]
"""What a clip whose truth names none of it does not show. Vehicles, people and bins stand there unlabelled."""

SOURCE = "footage_negatives"
_EVERY_S = 2.0
_WHOLE = {(0, 0), (0, 1), (1, 0), (1, 1)}


def frames(truth: Path, names: tuple[str, ...]) -> Iterator[tuple[str, Pixels, Sheet]]:
    """Name, pixels and marks of frames 2 s apart, of the clips in `truth` whose zones are the whole picture."""
    for clip, said in sorted(json.loads(truth.read_text(encoding="utf-8"))["clips"].items()):
        stem = Path(clip).stem
        if stem in NEVER_LEARNT_FROM or not _is_whole(said.get("zones")):
            continue
        marks = _marks(said, names)
        for number, pixels in enumerate(_apart(truth.with_name(clip))):
            name = f"clip_{stem}_{number:03d}"
            picture = LabelledPicture(Path(f"{name}.jpg"), Split.TRAIN, SOURCE, frozenset(), ())
            yield name, pixels, Sheet(picture, [], frozenset(map(names.index, ABSENT)), list(marks))


def _is_whole(zones: list[dict[str, list[list[float]]]] | None) -> bool:
    return bool(zones) and all({(x, y) for x, y in zone["polygon"]} == _WHOLE for zone in zones or ())


def _marks(said: dict[str, list[dict[str, list[float]]]], names: tuple[str, ...]) -> list[LabelledBox]:
    """Where nothing is to be learnt: of other labels nowhere, of these inside what the truth leaves open."""
    everywhere = [LabelledBox(i, Box(0, 0, 1, 1)) for i, name in enumerate(names) if name not in ABSENT]
    boxes = [Box(*one["box"]) for one in [*said.get("ignore", ()), *said.get("events", ())]]
    return everywhere + [LabelledBox(names.index(label), box) for box in boxes for label in ABSENT]


def _apart(clip: Path) -> Iterator[Pixels]:
    """One frame every two seconds, from the first on."""
    source = open_video(clip, camera=clip.stem, fps=1 / _EVERY_S)
    for frame in source.frames():
        yield frame.pixels
    source.close()
