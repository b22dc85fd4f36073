import threading

from hypothesis import given
from hypothesis import strategies as st

from cvinspect.daemon.camera_queue import CameraQueue


def taken(queue: CameraQueue, count: int) -> list[str | None]:
    names = []
    for _ in range(count):
        name = queue.take(0.0)
        names.append(name)
        if name is not None:
            queue.done(name)
    return names


def test_cameras_come_in_the_order_of_their_news_each_once() -> None:
    queue = CameraQueue()
    for name in ("a", "b", "a", "c", "b"):
        queue.ready(name)
    assert taken(queue, 4) == ["a", "b", "c", None]


def test_a_camera_with_much_news_waits_behind_the_others() -> None:
    queue = CameraQueue()
    for name in ("busy", "quiet"):
        queue.ready(name)
    first = queue.take(0.0)
    queue.ready("busy")
    queue.ready("busy")
    queue.done("busy")
    assert (first, taken(queue, 3)) == ("busy", ["quiet", "busy", None])


def test_nobody_inspects_a_camera_that_another_inspects() -> None:
    queue = CameraQueue()
    queue.ready("a")
    assert queue.take(0.0) == "a"
    queue.ready("a")
    assert queue.take(0.0) is None
    queue.done("a")
    assert queue.take(0.0) == "a"


def test_a_forgotten_camera_has_no_turn_and_is_waited_for() -> None:
    queue = CameraQueue()
    for name in ("a", "b"):
        queue.ready(name)
    assert queue.take(0.0) == "a"
    queue.ready("a")
    assert not queue.forget("a", timeout_s=0.01)
    queue.done("a")
    assert queue.forget("a", timeout_s=0.01)
    assert queue.forget("b", timeout_s=0.01)
    assert queue.take(0.0) is None


def test_whoever_waits_is_let_go_at_the_end() -> None:
    queue, found = CameraQueue(), list[str | None]()
    waiting = threading.Thread(target=lambda: found.append(queue.take(30.0)))
    waiting.start()
    queue.close()
    waiting.join(5.0)
    queue.ready("a")
    assert (found, queue.is_closed, queue.take(0.0)) == ([None], True, None)


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.booleans()), max_size=60))
def test_whoever_had_news_gets_a_turn_after_it(steps: list[tuple[str, bool]]) -> None:
    """Whatever the order of news and queue, no news is left behind and no camera is out twice."""
    queue, owed, out = CameraQueue(), set[str](), list[str]()
    for name, takes in steps:
        queue.ready(name)
        owed.add(name)
        if takes and (taken_now := queue.take(0.0)) is not None:
            assert taken_now not in out
            owed.discard(taken_now)
            out.append(taken_now)
        elif out:
            queue.done(out.pop(0))
    for name in out:
        queue.done(name)
    rest = [name for name in taken(queue, 20) if name is not None]
    assert owed <= set(rest)
