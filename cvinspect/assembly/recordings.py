"""From the inputs of a run to recordings: whose pictures each is, and which files are pieces of one."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from cvinspect.config.site import Site, camera_named_after
from cvinspect.domain import Camera, as_text
from cvinspect.errors import ConfigError
from cvinspect.sources.decoding.files import is_folder
from cvinspect.sources.recorded.pictures import PICTURE_SUFFIXES, has_pictures
from cvinspect.sources.recorded.pieces import (
    Piece,
    Series,
    cameras_among,
    is_untimed,
    one_series,
    series_among,
    videos_in,
)

_WHOLE = "whole-picture"


@dataclass(frozen=True, slots=True)
class Recording:
    """What is inspected as one: a file, a folder of pictures, a picture, or many files of one camera."""

    camera: Camera
    pieces: tuple[Piece, ...]
    notes: tuple[str, ...] = ()
    """What was assumed of it, one line each."""

    @property
    def is_many(self) -> bool:
        """Whether it is of several files."""
        return len(self.pieces) > 1

    @property
    def is_timed(self) -> bool:
        """Whether it is known when its files begin."""
        return any(piece.started_at is not None for piece in self.pieces)


def camera_chooser(
    site: Site, *, camera: str | None = None, is_whole_picture: bool = False
) -> Callable[[Path], Camera]:
    """Says whose pictures an input is: `camera` is what the user says. Raises ConfigError, as does what it returns."""
    if camera is not None and is_whole_picture:
        raise ConfigError("--camera and --whole-picture: one says the opposite of the other; give one of them")
    if camera is not None:
        config = site.config_of(camera)
        if config is None and site.config.cameras:
            raise ConfigError(f"--camera: {site.path} names no camera {camera!r}; allowed: {_names(site)}")
        said = Camera(camera) if config is None else config.camera()
        return lambda _: said

    def chosen(path: Path) -> Camera:
        found = None if is_whole_picture else site.camera_at(path)
        if found is None and site.config.cameras and not is_whole_picture:
            raise ConfigError(
                f"{path}: is the source of no camera in {site.path}, which names {_names(site)}; say whose it is with "
                "--camera ID, or leave zones and addresses out with --whole-picture"
            )
        return found or _unlike_configured(camera_named_after(path), site)

    return chosen


def recordings(
    inputs: Sequence[Path], site: Site, camera_of: Callable[[Path], Camera], *, is_one_camera: bool = False
) -> list[Recording]:
    """The recordings that the inputs are, in the order in which the first file of each was given.

    `is_one_camera`: the user says that all are of one camera, so that all video files are one recording. Raises
    ConfigError where `camera_of` does, and where it is not known in which order the files of one camera are.
    """
    local, found = site.timezone, list[Recording]()
    folders = {path: videos for path in inputs if (videos := _videos_of(path))}
    cameras = {path: camera_of(path) for path in inputs}
    files = [path for path in inputs if path not in folders and _is_video(path)]
    if is_one_camera:
        videos = [file for path in inputs for file in folders.get(path, [path] if path in files else [])]
        found += [_as_recording(cameras[inputs[0]], one_series(videos, local=local))] if videos else []
        files = []
    else:
        for path, videos in folders.items():
            found += _of_folder(videos, cameras[path], site)
        several, files = series_among(_once(files), local=local, key=lambda path: _known(path, site, cameras[path]))
        found += [_as_recording(_camera_of(one, cameras[one.pieces[0].path], site), one) for one in several]
    note = _unordered(files, site)
    taken = {piece.path for one in found for piece in one.pieces} | set(folders)
    for path in inputs:
        if path not in taken:
            notes = note if path in files else _left_out(path)
            found.append(Recording(cameras[path], (Piece(path),), notes))
    order = {path: number for number, path in enumerate(chain.from_iterable(folders.get(p, [p]) for p in inputs))}
    return sorted(found, key=lambda one: min(order[piece.path] for piece in one.pieces))


def _videos_of(path: Path) -> list[Path]:
    return videos_in(path) if is_folder(path) and not has_pictures(path) else []


def _is_video(path: Path) -> bool:
    return not is_folder(path) and path.suffix.lower() not in PICTURE_SUFFIXES


def _once(paths: Sequence[Path]) -> list[Path]:
    """Without those that were given twice, which are read twice."""
    times = Counter(paths)
    return [path for path in paths if times[path] == 1]


def _known(path: Path, site: Site, camera: Camera) -> str | None:
    return None if site.config_of(camera.id) is None or site.camera_at(path) is None else camera.id


def _of_folder(videos: list[Path], camera: Camera, site: Site) -> list[Recording]:
    """One recording, unless its files are of several cameras or some have no time; these are by themselves."""
    several, untimed = cameras_among(videos, local=site.timezone)
    timed = [path for path in videos if path not in untimed]
    if len(several) > 1 and site.config_of(camera.id) is not None:
        several = [one_series(timed, local=site.timezone)]
    if not timed or (len(several) == 1 and not untimed):
        series = one_series(videos, local=site.timezone)
        return [_as_recording(_camera_of(series, camera, site) if len(videos) > 1 else camera, series)]
    found = [_as_recording(_camera_of(one, camera, site), one) for one in several]
    says = "its name holds no time, as others in its folder do: inspected by itself, in no order with them"
    for path in untimed:
        own = camera if site.config_of(camera.id) is not None else _unlike_configured(camera_named_after(path), site)
        found.append(Recording(own, (Piece(path),), (says,)))
    return found


def _camera_of(series: Series, camera: Camera, site: Site) -> Camera:
    """The camera that is configured, else one that is called as its files begin, or as their folder."""
    if site.config_of(camera.id) is not None:
        return camera
    name = series.prefix.strip(" _-.") or series.pieces[0].path.absolute().parent.name
    return _unlike_configured(Camera(as_text(name or camera.id)), site)


def _unlike_configured(camera: Camera, site: Site) -> Camera:
    """What is inspected without zones must not pass for the configured camera of that name."""
    return camera if site.config_of(camera.id) is None else Camera(f"{camera.id}-{_WHOLE}")


def _as_recording(camera: Camera, series: Series) -> Recording:
    if len(series.pieces) < 2:
        return Recording(camera, (Piece(series.pieces[0].path),))
    return Recording(camera, series.pieces, (f"one recording of {len(series.pieces)} files, {series.order}",))


def _unordered(files: Sequence[Path], site: Site) -> tuple[str, ...]:
    untimed = [path for path in files if len(files) > 1 and is_untimed(path, local=site.timezone)]
    if len(untimed) < 2:
        return ()
    says = "neither names nor files say when they were recorded: each is inspected by itself"
    return (f"{says}; if they are one camera's, in this order, --camera ID makes them one recording",)


def _left_out(path: Path) -> tuple[str, ...]:
    count = len(videos_in(path, deep=False)) if is_folder(path) and has_pictures(path) else 0
    if not count:
        return ()
    are, them = ("file in it is", "it by itself") if count == 1 else ("files in it are", "them by themselves")
    return (f"{count} video {are} left out, for it holds pictures: name {them}",)


def _names(site: Site) -> str:
    return ", ".join(camera.id for camera in site.config.cameras)
