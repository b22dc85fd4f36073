"""Which picture files a data set's folders and txt lists name, and where their labels are."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from cvinspect.evaluate.faults import Faults, found, lines_of, read_text, shown
from cvinspect.sources.decoding.files import is_folder
from cvinspect.sources.recorded.pictures import PICTURE_SUFFIXES, natural_key

LABEL_SUFFIX = ".txt"


def pictures_of(entry: Path, faults: Faults, *, named_at: str) -> Iterator[Path]:
    """The pictures of a folder and the folders below it, or of a txt list; what is wrong goes to `faults`.

    A folder's pictures come in natural order of their names, so that neighbours were often taken one after the
    other; hidden files are left out. Lines of a list are relative to its folder. `named_at` is the place, FILE:LINE,
    that names the entry.
    """
    if is_folder(entry):
        yield from _walk(entry, set(), faults)
    elif entry.suffix.lower() == LABEL_SUFFIX and _is_file(entry):
        yield from _listed(entry, faults)
    else:
        there = "is no folder and no txt list" if os.path.lexists(entry) else "is not there"
        faults.add(named_at, f"{shown(entry)} {there}; name a folder of pictures, or a .txt with one picture a line")


def label_path(picture: Path) -> Path:
    """Where YOLO keeps the labels: the last folder `images` becomes `labels`, the suffix .txt.

    >>> label_path(Path("images/street/images/a.b.jpg")).as_posix()
    'images/street/labels/a.b.txt'
    """
    return path_beside(picture, "labels")


def path_beside(picture: Path, folder: str) -> Path:
    """As `label_path`, in a `folder` of another name; beside the picture where no folder is called `images`."""
    folders = list(picture.parent.parts)
    for i in reversed(range(len(folders))):
        if folders[i] == "images":
            folders[i] = folder
            break
    return Path(*folders) / f"{picture.stem}{LABEL_SUFFIX}"


def labels_without_picture(pictures: Iterable[Path], faults: Faults) -> tuple[Path, ...]:
    """Label files beside those of `pictures` that belong to no picture on the disk.

    `classes.txt`, which drawing programs leave there, is none of them.
    """
    folders: dict[Path, set[Path]] = {}
    for picture in pictures:
        folders.setdefault(label_path(picture).parent, set()).add(picture.parent)
    orphans = []
    for labels, homes in sorted(folders.items()):
        if labels in homes or not is_folder(labels):
            continue  # beside their pictures, txt files may be anything
        stems = {Path(name).stem for home in homes for name in _names(home, faults) if _is_picture(Path(name))}
        texts = (Path(name) for name in _names(labels, faults) if name != "classes.txt")
        lone = [labels / path for path in texts if path.suffix == LABEL_SUFFIX and path.stem not in stems]
        orphans += sorted(lone, key=natural_key)
    return tuple(orphans)


def _inside(folder: Path, faults: Faults) -> Iterator[Path]:
    """In natural order of the names."""
    return (folder / name for name in sorted(_names(folder, faults), key=lambda name: natural_key(Path(name))))


def _names(folder: Path, faults: Faults) -> list[str]:
    """Of what is in a folder and not hidden; as text, since a hundred thousand paths would fill the memory."""
    try:
        with os.scandir(folder) as entries:
            return [entry.name for entry in entries if not entry.name.startswith(".")]
    except OSError as error:
        faults.add(folder, f"cannot be read: {error.strerror}")
        return []


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in PICTURE_SUFFIXES


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name too long, a folder on the way that may not be entered
        return False


def _walk(folder: Path, seen: set[str], faults: Faults) -> Iterator[Path]:
    real = os.path.realpath(folder)
    if real in seen:
        faults.add(folder, f"a link to {real}, which is read already; remove the link")
        return
    seen.add(real)
    for path in _inside(folder, faults):
        if is_folder(path):
            yield from _walk(path, seen, faults)
        elif _is_picture(path):
            if _is_file(path):
                yield path
            else:
                faults.add(path, "a link that leads nowhere, a pipe or a device; a picture is needed")


def _listed(entry: Path, faults: Faults) -> Iterator[Path]:
    for number, line in enumerate(lines_of(read_text(entry, faults) or ""), start=1):
        name = line.strip()
        if not name:
            continue
        path = entry.parent / name
        if not _is_picture(path):
            faults.add(
                entry, f"{found(name)} is no picture; allowed: {', '.join(sorted(PICTURE_SUFFIXES))}", line=number
            )
        elif not _is_file(path):
            faults.add(entry, f"there is no such picture: {found(name)}", line=number)
        else:
            yield path
