"""What files of detections call the pictures of a YOLO folder: found by hashes, since names would fill the memory."""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import overload

import numpy as np
from numpy.typing import NDArray

from cvinspect.evaluate.labelled.yolo_dataset import LabelledPicture

Key = int | str
"""An image_id of a results file."""


def ultralytics_key(path: Path) -> Key:
    """What `yolo val save_json` calls a picture (ultralytics models/yolo/detect/val.py, pred_to_json).

    >>> ultralytics_key(Path("a/000012.jpg")), ultralytics_key(Path("a/kerb.jpg"))
    (12, 'kerb')
    """
    return int(path.stem) if path.stem.isascii() and path.stem.isdecimal() else path.stem


class PictureKeys(Mapping[Key, int]):
    """What detections may call a picture, and its place in the set, from 0.

    That is the key which we write ourselves, else the file's name with or without suffix; a name that two pictures
    have means none of them.
    """

    def __init__(self, pictures: Sequence[LabelledPicture]) -> None:
        self._pictures = pictures
        names = [array("q"), array("q"), array("q")]
        for picture in pictures:
            for hashes, name in zip(names, _names(picture.path), strict=True):
                hashes.append(hash(name))
        self._called, self._named, self._stemmed = map(_Hashes, names)
        self._last: tuple[Key | None, int] = None, 0

    def __getitem__(self, key: Key) -> int:
        if self._last[0] != key:  # a file's rows mostly come picture by picture
            self._last = key, self._place(key)
        return self._last[1]

    def __iter__(self) -> Iterator[Key]:
        for place in range(len(self._pictures)):
            own, *others = self.own_key(place), *_names(self._pictures[place].path)
            yield from dict.fromkeys([own, *(name for name in others if self.get(name) == place)])

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def own_key(self, place: int) -> Key:
        """The name without suffix, a number where it is one, as Ultralytics has it; the path where two have that."""
        path = self._pictures[place].path
        key = ultralytics_key(path)
        return key if len(self._called.places(key)) == 1 else path.as_posix()

    def _place(self, key: Key) -> int:
        """Raises KeyError. A hash that fits proves nothing: the picture has to be called so."""
        for number, hashes in enumerate((self._called, self._named, self._stemmed)):
            places = hashes.places(key)
            if len(places) == 1 and _names(self._pictures[places[0]].path)[number] == key:
                return places[0]
        for place in self._named.places(Path(key).name) if isinstance(key, str) else ():
            if self.own_key(place) == key:
                return place
        raise KeyError(key)


class OwnKeys(Sequence[Key]):
    """What detections that we write call each picture."""

    def __init__(self, keys: PictureKeys, count: int) -> None:
        self._keys, self._count = keys, count

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, place: int) -> Key: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Key, ...]: ...
    def __getitem__(self, place: int | slice) -> Key | tuple[Key, ...]:
        if isinstance(place, slice):
            return tuple(self[i] for i in range(self._count)[place])
        return self._keys.own_key(range(self._count)[place])


class _Hashes:
    """Of one kind of name: which pictures may have it."""

    def __init__(self, hashes: "array[int]") -> None:
        listed: NDArray[np.int64] = np.frombuffer(hashes, np.int64)
        self._order = np.argsort(listed, kind="stable").astype(np.int32)
        self._sorted = listed[self._order]

    def places(self, name: Key) -> list[int]:
        """Of every picture whose name has this hash."""
        wanted = np.int64(hash(name))
        first, last = (int(np.searchsorted(self._sorted, wanted, side=side)) for side in ("left", "right"))
        return [int(place) for place in self._order[first:last]]


def _names(path: Path) -> tuple[Key, str, str]:
    return ultralytics_key(path), path.name, path.stem
