"""NAME.learnt.txt, beside the card NAME.yaml: the pictures that a network has learnt from, and is not judged by."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from cvinspect.errors import DatasetError, DeliveryError
from cvinspect.evaluate.faults import Faults, found, lines_of, read_text, shown
from cvinspect.evaluate.labelled.labelled_split import LabelledSet
from cvinspect.evaluate.labelled.picture_size import is_there

DIGITS = 16
"""Hexadecimal ones of a file's SHA-256 that are kept: two pictures of a million share them once in 40 million times."""

_SUFFIX = ".learnt.txt"
_HEAD = f"# Pictures that the network has learnt from: the first {DIGITS} digits of each file's SHA-256, in order.\n"
_LINE = re.compile(f"[0-9a-f]{{{DIGITS}}}")


def learnt_path(card: Path) -> Path:
    """Where the list of a card or network file lies, whether it is there or not.

    >>> learnt_path(Path("models/street.yaml")).as_posix()
    'models/street.learnt.txt'
    """
    return card.with_name(card.stem + _SUFFIX)


def learnt_by(card: Path, network: Path) -> frozenset[str]:
    """What the list beside the card says, else that beside the network file it names; empty where there is none.

    Raises DatasetError.
    """
    path = next((path for path in (learnt_path(card), learnt_path(network)) if is_there(path)), None)
    return frozenset() if path is None else read_learnt(path)


def read_learnt(path: Path) -> frozenset[str]:
    """The digits in the file; raises DatasetError for a line that is none."""
    faults = Faults()
    lines = enumerate(lines_of(read_text(path, faults) or ""), start=1)
    listed = {number: line.strip() for number, line in lines if line.strip() and not line.startswith("#")}
    for number, line in listed.items():
        if not _LINE.fullmatch(line):
            what = f"{found(line)} is no picture; allowed: {DIGITS} hexadecimal digits in lower case, or a # comment"
            faults.add(path, what, line=number)
    faults.raise_any()
    return frozenset(listed.values())


def write_learnt(path: Path, digits: Iterable[str]) -> None:
    """Write the list, whole or not at all, in order and each picture once; `digits` may be whole SHA-256s.

    Raises DeliveryError.
    """
    new = path.with_name(path.name + ".new")
    try:
        new.write_text(_HEAD + "".join(f"{one}\n" for one in sorted({one[:DIGITS] for one in digits})), "utf-8")
        new.replace(path)
    except OSError as error:
        raise DeliveryError(f"{path}: cannot be written: {error.strerror or error}") from error


def picture_digits(path: Path) -> str:
    """Of a picture file; raises DatasetError."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()[:DIGITS]
    except OSError as error:
        raise DatasetError(f"{shown(path)}: cannot be read: {error.strerror}") from error


def without_learnt(labelled: LabelledSet, learnt: frozenset[str], *, models: Sequence[str]) -> LabelledSet:
    """The set, its pictures that are learnt from left out; each file is read once. Pictures that are not there stay.

    Raises DatasetError where none remains; `models` are names for that line.
    """
    if not learnt:
        return labelled
    paths = enumerate(picture.path for picture in labelled.pictures)
    left_out = frozenset(place for place, path in paths if is_there(path) and picture_digits(path) in learnt)
    if len(left_out) == len(labelled.pictures):
        who = " or ".join(models)
        raise DatasetError(
            f"{shown(labelled.path)}: model {who} has learnt from all {len(left_out)} pictures of {labelled.split}, so "
            "nothing can be measured on them; give pictures that it has not seen"
        )
    return replace(labelled, left_out=left_out)
