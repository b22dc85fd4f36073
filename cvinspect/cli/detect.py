"""`cvinspect detect`: what the detector sees in pictures."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from cvinspect.cli.loading import load
from cvinspect.cli.options import ModelOption
from cvinspect.cli.streams import print_json
from cvinspect.errors import CvinspectError
from cvinspect.words import say


def detect(
    paths: Annotated[list[Path], typer.Argument(help="Pictures, or folders of them.", readable=False)],
    confidence: Annotated[float, typer.Option(help="Show what is at least this sure.", min=0.0, max=1.0)] = 0.25,
    model: ModelOption = None,
) -> None:
    """Print one JSON line a picture: what the detector sees, in pixels of the picture."""
    from cvinspect.assembly.sources import refuse_addresses
    from cvinspect.sources.decoding.files import is_folder
    from cvinspect.sources.recorded.pictures import pictures_in, read_picture

    refuse_addresses(paths)
    _, loaded = load(None, model)
    detector = loaded.detector(floor=confidence, load_now=False)
    failed: list[CvinspectError] = []
    for path in paths:
        with _collected(failed):
            for picture in pictures_in(path) if is_folder(path) else [path]:
                with _collected(failed):
                    pixels = read_picture(picture)
                    found = [
                        {
                            "label": one.label,
                            "confidence": round(one.confidence, 4),
                            "box": [round(value, 1) for value in one.box.xyxy],
                        }
                        for one in detector.detect(pixels)
                    ]
                    height, width = pixels.shape[:2]
                    print_json({"image": str(picture), "width": width, "height": height, "detections": found})
    if failed:
        raise typer.Exit(failed[0].exit_code)


@contextmanager
def _collected(errors: list[CvinspectError]) -> Iterator[None]:
    """An error of one input is told and kept; the others are still done."""
    try:
        yield
    except CvinspectError as error:
        errors.append(error)
        say(f"error: {error}")
