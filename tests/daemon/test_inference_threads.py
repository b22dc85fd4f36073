"""A worker goes on, whatever happens in a camera's turn."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from cvinspect.daemon.camera_queue import CameraQueue
from cvinspect.daemon.inference_threads import InferenceThreads
from cvinspect.daemon.watched_camera import WatchedCamera
from tests.fakes import NOON


class FaultyReader:
    """No thread can be started to replace the one that hangs."""

    def take(self) -> None:
        raise RuntimeError("can't start new thread")


class Post:
    """Of a camera at a gate; nothing is inspected there."""

    class camera:  # noqa: N801
        id = "gate"

    looked_away = 0

    def look_away(self) -> None:
        self.looked_away += 1


class Broken:
    """A watched camera that fails as a whole."""

    def turn(self, _: object) -> None:
        raise MemoryError


class Noting:
    """A watched camera that says when it had its turn."""

    def __init__(self) -> None:
        self.had_it = threading.Event()

    def turn(self, _: object) -> None:
        self.had_it.set()


@contextmanager
def a_worker(queue: CameraQueue, **watched_cameras: object) -> Iterator[InferenceThreads]:
    workers = InferenceThreads([cast("Any", object())], queue=queue, watched_cameras=cast("Any", watched_cameras))
    workers.start()
    yield workers
    assert workers.stop(timeout_s=5.0)


def test_a_reader_that_cannot_be_asked_is_a_fault_of_its_camera_only() -> None:
    post = Post()
    parts: Any = {"post": post, "reader": FaultyReader(), "pictures": None, "link": None}
    watched = WatchedCamera(**parts, now=lambda: NOON, seconds=lambda: 0.0, waiting=lambda _: 0)
    watched.turn(cast("Any", object()))
    assert post.looked_away > 0


def test_a_worker_outlives_every_fault_of_a_station() -> None:
    queue, other = CameraQueue(), Noting()
    with a_worker(queue, gate=Broken(), yard=other) as workers:
        queue.ready("gate")
        queue.ready("yard")
        assert other.had_it.wait(5.0)
        assert workers.ended == 0
        assert queue.forget("gate", timeout_s=5.0)
