"""COCO results files: detections that were made before, or elsewhere, read in pieces and written one by one."""

import json
from array import array
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, NoReturn, Self

import numpy as np
from numpy.typing import NDArray

from cvinspect.errors import DatasetError, DeliveryError
from cvinspect.evaluate.detections.matching import Predictions
from cvinspect.evaluate.detections.pairing import Floats
from cvinspect.evaluate.faults import shown
from cvinspect.evaluate.labelled.labelled_split import LabelledSet
from cvinspect.evaluate.labelled.spill_file import Records, SpillFile

_PIECE_CHARACTERS = 400_000
_WANTED = "a list of detections is needed: [{image_id, category_id, bbox: [x, y, width, height], score}, ...]"
_ANOTHER_SET = "are these predictions of another set?"
_SLACK_PX = 1.0
_LARGEST = 10**15
"""JSON's whole numbers know no end, floats do."""


_ROW = np.dtype([("label", np.int16), ("confidence", np.float64), ("xywh", np.float64, 4)])
"""A detection while it waits to be scored."""


class Results:
    """The detections of a results file. In memory stay only the runs of rows of one picture, 12 bytes each."""

    def __init__(self, path: Path, labelled: LabelledSet) -> None:
        """Reads the file whole. Raises DatasetError with the first fault, in one line, or DeliveryError."""
        self._path, self._set = path, labelled
        self._rows = SpillFile(_ROW)
        self._run_pictures, self._run_starts = array("i"), array("q")
        for rows in _pieces(path):
            self._take(rows)
        self._run_starts.append(len(self._rows))
        pictures = np.frombuffer(self._run_pictures, np.int32)
        self._order = np.argsort(pictures, kind="stable").astype(np.int32)
        self._firsts = np.searchsorted(pictures[self._order], np.arange(len(labelled.pictures) + 1)).astype(np.int32)

    def __len__(self) -> int:
        return len(self._rows)

    def of(self, index: int) -> Predictions:
        """Those of the picture with this place in the set; raises DatasetError, SourceOpenError or DeliveryError."""
        runs = self._order[self._firsts[index] : self._firsts[index + 1]]
        parts = [self._rows.part(start := self._run_starts[run], self._run_starts[run + 1] - start) for run in runs]
        rows = np.concatenate([np.zeros(0, _ROW), *parts])
        size, xywh = self._set.size_of(index), rows["xywh"]
        self._check_inside(index, xywh, np.array([size.width_px, size.height_px], np.float64))
        return Predictions(
            self._set.pictures[index].path,
            size.width_px,
            size.height_px,
            rows["label"].astype(np.int64),
            np.ascontiguousarray(rows["confidence"]),
            np.hstack([xywh[:, :2], xywh[:, :2] + xywh[:, 2:]]),
        )

    def _take(self, rows: list[Any]) -> None:
        pictures, labels = self._set.picture_keys, self._set.label_keys
        before, taken = len(self), np.zeros(len(rows), _ROW)
        try:
            places = [pictures[row["image_id"]] for row in rows]
            taken["label"] = [labels[row["category_id"]] for row in rows]
            taken["confidence"] = array("d", [row["score"] for row in rows])
            boxes = array("d")
            for row in rows:
                x, y, width, height = row["bbox"]
                boxes.extend((x, y, width, height))
        except (KeyError, TypeError, ValueError, OverflowError):
            self._fail(before, rows)
        taken["xywh"] = np.frombuffer(boxes, np.float64).reshape(-1, 4)
        self._check(taken, before)
        self._begin_runs(np.array(places, np.int32), before)
        self._rows.add(taken)

    def _begin_runs(self, places: NDArray[np.int32], before: int) -> None:
        """Notes where rows of another picture begin."""
        last = self._run_pictures[-1] if self._run_pictures else -1
        begins = np.flatnonzero(np.diff(places, prepend=np.int32(last)))
        self._run_pictures.frombytes(places[begins].tobytes())
        self._run_starts.frombytes((begins + before).astype(np.int64).tobytes())

    def _fail(self, before: int, rows: list[Any]) -> NoReturn:
        """Says what is wrong with the first of the rows that is."""
        for number, row in enumerate(rows, start=before):
            what = _row_fault(row, self._set)
            if what is not None:
                raise DatasetError(f"{shown(self._path)}: [{number}]: {what}")
        raise DatasetError(f"{shown(self._path)}: [{before}] to [{before + len(rows) - 1}]: {_WANTED}")

    def _check(self, rows: Records, before: int) -> None:
        confidences, boxes = rows["confidence"], rows["xywh"]
        good = (
            (confidences >= 0) & (confidences <= 1) & np.isfinite(boxes).all(axis=1) & (boxes[:, 2:] >= 0).all(axis=1)
        )
        if not good.all():
            first = int(np.argmin(good))
            has = f"score {confidences[first]:g}, bbox {boxes[first].tolist()}"
            allowed = "allowed: a score from 0 to 1, width and height of 0 or more"
            raise DatasetError(f"{shown(self._path)}: [{before + first}]: {has}; {allowed}")

    def _check_inside(self, index: int, xywh: Floats, sides: Floats) -> None:
        centres = xywh[:, :2] + xywh[:, 2:] / 2
        outside = ((centres < -_SLACK_PX) | (centres > sides + _SLACK_PX)).any(axis=1)
        if outside.any():
            box = np.round(xywh[int(np.argmax(outside))], 1).tolist()
            where = (
                f"bbox {box} of {self._set.keys[index]!r:.60} lies outside its {sides[0]:.0f} x {sides[1]:.0f} pixels"
            )
            raise DatasetError(f"{shown(self._path)}: {where}; {_ANOTHER_SET}")


class ResultsWriter:
    """Writes a results file beside its final name; `finish` gives it that name. Raises DeliveryError.

    As a context it takes back what was not finished.
    """

    def __init__(self, path: Path, labelled: LabelledSet) -> None:
        self._path, self._set = path, labelled
        self._categories = {label: category for category, label in labelled.label_keys.items()}
        self._part = path.with_name(f".{path.name}.part")
        self._mark = "["
        self._file: IO[str] = self._opened()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """After `finish` nothing is left to do; else an error is on its way, or nobody wants the rest."""
        with suppress(OSError):
            self._file.close()
        self._part.unlink(missing_ok=True)

    def write(self, index: int, predictions: Predictions) -> None:
        """The detections of the picture with this place in the set."""
        columns = (predictions.labels, predictions.confidences, predictions.boxes_xyxy)
        for label, confidence, (x0, y0, x1, y1) in zip(*(column.tolist() for column in columns), strict=True):
            row = {
                "image_id": self._set.keys[index],
                "category_id": self._categories[label],
                "bbox": [x0, y0, x1 - x0, y1 - y0],
                "score": confidence,
            }
            self._put(f"{self._mark}\n{json.dumps(row)}")
            self._mark = ","

    def finish(self) -> None:
        """All is written."""
        self._put("[]\n" if self._mark == "[" else "\n]\n")
        try:
            self._file.close()
            self._part.replace(self._path)
        except OSError as error:
            raise self._not_written(error) from error

    def _opened(self) -> IO[str]:
        try:
            return self._part.open("w", encoding="utf-8")
        except OSError as error:
            raise self._not_written(error) from error

    def _put(self, text: str) -> None:
        try:
            self._file.write(text)
        except OSError as error:
            raise self._not_written(error) from error

    def _not_written(self, error: OSError) -> DeliveryError:
        return DeliveryError(f"{self._path}: cannot be written: {error.strerror or error}")


def _pieces(path: Path) -> Iterator[list[Any]]:
    """The rows of the file, some thousands at a time: a whole one as Python's dictionaries would fill the memory."""
    try:
        with path.open(encoding="utf-8-sig") as file:
            yield from _split(file, path)
    except OSError as error:
        raise DatasetError(f"{shown(path)}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise DatasetError(f"{shown(path)}: not UTF-8 text (byte {error.start}); save it as UTF-8") from error


def _split(file: IO[str], path: Path) -> Iterator[list[Any]]:
    rest, count = file.read(_PIECE_CHARACTERS).lstrip(), 0
    if not rest.startswith("["):
        raise DatasetError(f"{shown(path)}: {_WANTED}; found {rest[:20]!r}")
    rest = rest[1:]
    while more := file.read(_PIECE_CHARACTERS):
        rest += more
        cut = _last_gap(rest)
        if cut is not None:
            yield (rows := _rows(f"[{rest[: cut[0]]}]", path, count))
            rest, count = rest[cut[1] :], count + len(rows)
    yield _rows(f"[{rest}", path, count)


def _last_gap(text: str) -> tuple[int, int] | None:
    """Where the last `}, {` between two rows begins and ends, its braces left outside."""
    at = text.rfind("{")
    while at > 0:
        before = text[:at].rstrip()
        if before.endswith(",") and before[:-1].rstrip().endswith("}"):
            return len(before) - 1, at
        at = text.rfind("{", 0, at)
    return None


def _rows(text: str, path: Path, count: int) -> list[Any]:
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"{shown(path)}: not JSON after [{count}]: {error}") from error
    listed: list[Any] = rows
    return listed


def _row_fault(row: object, labelled: LabelledSet) -> str | None:
    if not isinstance(row, dict):
        return f"{row!r:.60}; {_WANTED}"
    missing = [key for key in ("image_id", "category_id", "bbox", "score") if key not in row]
    if missing:
        return f"no {', '.join(missing)}; {_WANTED}"
    key, category = row["image_id"], row["category_id"]
    if not isinstance(key, int | str) or key not in labelled.picture_keys:
        return f"image_id {key!r:.60} is no picture of {labelled.split} in {shown(labelled.path)}; {_ANOTHER_SET}"
    if not isinstance(category, int) or category not in labelled.label_keys:
        allowed = ", ".join(f"{id_} {labelled.names[label]}" for id_, label in labelled.label_keys.items())
        return f"category_id {category!r:.60}; allowed: {allowed}; {_ANOTHER_SET}"
    box, score = row["bbox"], row["score"]
    if not isinstance(box, list) or len(box) != 4 or not all(map(_is_number, box)):
        return f"bbox {box!r:.60}; allowed: [x, y, width, height] in pixels"
    return None if _is_number(score) else f"score {score!r:.60}; allowed: 0 to 1"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and (isinstance(value, float) or abs(value) < _LARGEST)
