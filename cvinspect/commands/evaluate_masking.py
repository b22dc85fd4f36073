"""`cvinspect evaluate masking`: what would be hidden in pictures in which people drew faces and plates."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from cvinspect.assembly.masking import opened_masking
from cvinspect.assembly.models import Model
from cvinspect.assembly.sources import open_source
from cvinspect.config.site import load_site
from cvinspect.detect.model import sha256_of
from cvinspect.domain import Pixels
from cvinspect.errors import DatasetError
from cvinspect.evaluate.faults import shown
from cvinspect.evaluate.labelled.learnt import learnt_by
from cvinspect.evaluate.masking.masking_scores import Judged, judged
from cvinspect.evaluate.masking.masking_truth import DrawnPicture
from cvinspect.sources.recorded.pictures import read_picture

_EVERY_FRAME_FPS = 1000.0
_NEAR_S = 0.02
"""Half a frame of 25 a second: times in the table are rounded."""


class MaskingScoring:
    """Masks the pictures of a truth as `run` would, and holds that against what was drawn."""

    def __init__(self, model: Model, pictures: Sequence[DrawnPicture], folder: Path) -> None:
        """`folder`: what files of the truth are relative to. Raises ModelError, DatasetError for a faulty list."""
        self.masking = opened_masking()
        self._detector = model.detector()
        self.learnt = learnt_by(model.path, model.path.parent / model.card.file)
        self._pictures = pictures
        self._folder = folder

    def results(self, *, is_stopping: Callable[[], bool] = lambda: False) -> Iterator[list[Judged]]:
        """Of each picture what was drawn in it; none once `is_stopping`.

        Raises DatasetError for a picture that is not there or not the one that was drawn in.
        """
        for picture in self._pictures:
            if is_stopping():
                return
            pixels = self._pixels(picture)
            height, width = pixels.shape[:2]
            regions = self.masking(pixels, self._detector.detect(pixels))
            yield judged(picture, regions, width=width, height=height)

    def _pixels(self, picture: DrawnPicture) -> Pixels:
        path = self._folder / picture.file
        try:
            sha256 = sha256_of(path)
        except OSError as error:
            raise DatasetError(f"{shown(path)}: cannot be read: {error.strerror}") from error
        if sha256 != picture.sha256:
            drawn = picture.sha256[:12]
            raise DatasetError(f"{shown(path)}: sha256 is {sha256[:12]}…, but was {drawn}… when boxes were drawn in it")
        return read_picture(path) if picture.at_s is None else _frame(path, picture.at_s)


def _frame(path: Path, at_s: float) -> Pixels:
    source = open_source(path, camera="truth", fps=_EVERY_FRAME_FPS, started_at=None, site=load_site(None))
    try:
        for frame in source.frames():
            if frame.media_s > at_s - _NEAR_S:
                return frame.pixels
    finally:
        source.close()
    raise DatasetError(f"{shown(path)}: ends before second {at_s:g}, in which boxes were drawn")
