import threading

from hypothesis import given
from hypothesis import strategies as st

from cvinspect.daemon.turns import Turns


def taken(turns: Turns, count: int) -> list[str | None]:
    names = []
    for _ in range(count):
        name = turns.take(0.0)
        names.append(name)
        if name is not None:
            turns.done(name)
    return names


def test_cameras_come_in_the_order_of_their_news_each_once() -> None:
    turns = Turns()
    for name in ("a", "b", "a", "c", "b"):
        turns.ready(name)
    assert taken(turns, 4) == ["a", "b", "c", None]


def test_a_camera_with_much_news_waits_behind_the_others() -> None:
    turns = Turns()
    for name in ("busy", "quiet"):
        turns.ready(name)
    first = turns.take(0.0)
    turns.ready("busy")
    turns.ready("busy")
    turns.done("busy")
    assert (first, taken(turns, 3)) == ("busy", ["quiet", "busy", None])


def test_nobody_inspects_a_camera_that_another_inspects() -> None:
    turns = Turns()
    turns.ready("a")
    assert turns.take(0.0) == "a"
    turns.ready("a")
    assert turns.take(0.0) is None
    turns.done("a")
    assert turns.take(0.0) == "a"


def test_a_forgotten_camera_has_no_turn_and_is_waited_for() -> None:
    turns = Turns()
    for name in ("a", "b"):
        turns.ready(name)
    assert turns.take(0.0) == "a"
    turns.ready("a")
    assert not turns.forget("a", timeout_s=0.01)
    turns.done("a")
    assert turns.forget("a", timeout_s=0.01)
    assert turns.forget("b", timeout_s=0.01)
    assert turns.take(0.0) is None


def test_whoever_waits_is_let_go_at_the_end() -> None:
    turns, found = Turns(), list[str | None]()
    waiting = threading.Thread(target=lambda: found.append(turns.take(30.0)))
    waiting.start()
    turns.close()
    waiting.join(5.0)
    turns.ready("a")
    assert (found, turns.is_closed, turns.take(0.0)) == ([None], True, None)


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.booleans()), max_size=60))
def test_whoever_had_news_gets_a_turn_after_it(steps: list[tuple[str, bool]]) -> None:
    """Whatever the order of news and turns, no news is left behind and no camera is out twice."""
    turns, owed, out = Turns(), set[str](), list[str]()
    for name, takes in steps:
        turns.ready(name)
        owed.add(name)
        if takes and (taken_now := turns.take(0.0)) is not None:
            assert taken_now not in out
            owed.discard(taken_now)
            out.append(taken_now)
        elif out:
            turns.done(out.pop(0))
    for name in out:
        turns.done(name)
    rest = [name for name in taken(turns, 20) if name is not None]
    assert owed <= set(rest)
