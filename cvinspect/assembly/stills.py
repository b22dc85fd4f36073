"""The pictures that somebody gave of a camera's views: how each of them looks."""

import hashlib
from collections.abc import Iterator
from itertools import combinations

import numpy as np

from cvinspect.config.camera import CameraConfig
from cvinspect.config.site import Site
from cvinspect.domain import FIRST_VIEW, Pixels
from cvinspect.errors import ConfigError
from cvinspect.opencv import cv2
from cvinspect.views.known import IS_IT, KnownView
from cvinspect.views.structure import Structure

Keys = tuple[int | str, ...]


def known_views(site: Site, config: CameraConfig | None) -> list[KnownView]:
    """How the views of a camera look, by their stills, in the order of the configuration; nothing without any.

    Raises ConfigError where a still cannot be read, shows nothing, or looks like another one.
    """
    found: list[KnownView] = []
    for view, written, keys in _stills(site, config):
        known = KnownView(view)
        data = _read(site, written, keys)
        structure = Structure.of(_pixels(site, written, data, keys))
        if structure.is_flat:
            raise site.fault(*keys, says=f"{written} shows nothing; allowed: a picture in which there is something")
        known.learn(structure, at_s=None)
        known.still = hashlib.sha256(data).hexdigest()
        found.append(known)
    _refuse_alike(site, config, found)
    return found


def pictured_views(site: Site, config: CameraConfig) -> dict[str, Pixels]:
    """The stills themselves, by view. Raises ConfigError where one cannot be read."""
    return {
        view: _pixels(site, written, _read(site, written, keys), keys) for view, written, keys in _stills(site, config)
    }


def stills_sha256(site: Site, config: CameraConfig) -> list[str]:
    """Of each still: one that was replaced is another view."""
    return [hashlib.sha256(_read(site, written, keys)).hexdigest() for _, written, keys in _stills(site, config)]


def _stills(site: Site, config: CameraConfig | None) -> Iterator[tuple[str, str, Keys]]:
    if config is None:
        return
    number = site.config.cameras.index(config)
    if config.still is not None:
        yield FIRST_VIEW, config.still, ("cameras", number, "still")
    for v, view in enumerate(config.views):
        yield view.id, view.still, ("cameras", number, "views", v, "still")


def _read(site: Site, written: str, keys: Keys) -> bytes:
    try:
        return site.resolved(written).read_bytes()
    except OSError as error:
        says = f"{written} cannot be read: {error.strerror}; `cvinspect views take` keeps one"
        raise site.fault(*keys, says=says) from error


def _pixels(site: Site, written: str, data: bytes, keys: Keys) -> Pixels:
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
    if pixels is None:
        raise site.fault(*keys, says=f"{written} is no picture; allowed: JPEG, PNG and others that OpenCV reads")
    return np.asarray(pixels, np.uint8)


def _refuse_alike(site: Site, config: CameraConfig | None, views: list[KnownView]) -> None:
    for one, other in combinations(views, 2):
        structure = other.structure(is_grey=other.colour is None)
        if structure is not None and one.likeness(structure) >= IS_IT and config is not None:
            raise _alike(site, config, one.id, other.id)


def _alike(site: Site, config: CameraConfig, one: str, other: str) -> ConfigError:
    says = f"{one} and {other} look alike and cannot be told apart; allowed: one view for each picture of the street"
    return site.fault("cameras", site.config.cameras.index(config), "views", says=says)
