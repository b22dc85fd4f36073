"""Which pictures of a labelled set no network has learnt from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cvinspect.evaluate.faults import Faults, read_text
from cvinspect.evaluate.labelled.learnt import DIGITS, picture_digits
from cvinspect.evaluate.labelled.yolo_dataset import LabelledPicture


@dataclass(frozen=True, slots=True)
class Learnt:
    """What networks have learnt from."""

    names: frozenset[str]
    """Pictures' file names, from `*.moved.txt`."""
    hashes: frozenset[str]
    """First digits of the SHA-256 of pictures' files, from `*.learnt.txt`."""

    def __contains__(self, picture: Path) -> bool:
        if picture.name in self.names:
            return True
        return bool(self.hashes) and picture_digits(picture) in self.hashes


def learnt_by(folders: Iterable[Path]) -> Learnt:
    """What the lists in these folders of models name; a folder without lists adds nothing. Raises DatasetError."""
    names, hashes = set[str](), set[str]()
    faults = Faults()
    for folder in folders:
        for path in sorted(folder.glob("*.moved.txt")):
            names |= set(_lines(path, faults))
        for path in sorted(folder.glob("*.learnt.txt")):
            hashes |= {_hash(line, path, faults) for line in _lines(path, faults)}
    faults.raise_any()
    return Learnt(frozenset(names), frozenset(hashes))


def unlearnt(pictures: Sequence[LabelledPicture], learnt: Learnt) -> list[LabelledPicture]:
    """Those in which some label is drawn completely and which nothing has learnt from, in their order."""
    return [one for one in pictures if one.complete and one.path not in learnt]


def _lines(path: Path, faults: Faults) -> list[str]:
    lines = (line.strip() for line in (read_text(path, faults) or "").split("\n"))
    return [line for line in lines if line and not line.startswith("#")]


def _hash(line: str, path: Path, faults: Faults) -> str:
    digits = line.split(maxsplit=1)[0].lower()
    if len(digits) != DIGITS or set(digits) - set("0123456789abcdef"):
        faults.add(path, f"{line!r:.60}; allowed: {DIGITS} hexadecimal digits of a picture's SHA-256 a line")
    return digits
