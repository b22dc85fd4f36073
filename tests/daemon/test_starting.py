"""Cameras start side by side, one that takes long holds up no other, and a stop ends a start at any moment."""

import subprocess
import sys
import threading

from cvinspect.daemon.starting import Start
from cvinspect.errors import DeliveryError

PATIENCE_S = 20.0


def test_one_that_takes_long_holds_up_no_other() -> None:
    others_are_there = threading.Event()
    begun: list[str] = []

    def slow() -> None:
        assert others_are_there.wait(PATIENCE_S)
        begun.append("slow")

    def quick(name: str) -> None:
        begun.append(name)
        if len(begun) == 20:
            others_are_there.set()

    names = [f"cam-{number}" for number in range(20)]
    tasks = {"slow": slow, **{name: lambda name=name: quick(name) for name in names}}

    assert Start(tasks, is_stopping=lambda: False).go() == []
    assert sorted(begun[:-1]) == sorted(names)
    assert begun[-1] == "slow"


def test_those_that_fail_take_no_other_along_and_are_told_in_order() -> None:
    begun: list[str] = []

    def fails() -> None:
        raise DeliveryError("camera a: no")

    def breaks() -> None:
        raise KeyError("x")

    tasks = {"a": fails, "b": breaks, "c": lambda: begun.append("c")}

    told = Start(tasks, is_stopping=lambda: False).go()
    assert told == ["camera a: no", "camera b: a fault of this program: KeyError"]
    assert begun == ["c"]


def test_a_stop_waits_for_none_that_hangs_and_begins_no_other() -> None:
    hangs, is_stopping, begun = threading.Event(), threading.Event(), list[int]()

    def hanging(number: int) -> None:
        begun.append(number)
        is_stopping.set()
        hangs.wait(PATIENCE_S)

    tasks = {str(number): lambda number=number: hanging(number) for number in range(1000)}
    try:
        assert Start(tasks, is_stopping=is_stopping.is_set).go() == []
        assert 1 <= len(begun) < 10
    finally:
        hangs.set()


def test_a_stop_that_is_asked_for_while_the_configuration_is_read_ends_it_there() -> None:
    program = (
        "import os, signal\n"
        "from cvinspect.cli.watch import Signals, keep_watching\n"
        "signals = Signals()\n"
        "def load():\n"
        "    os.kill(os.getpid(), signal.SIGTERM)\n"
        "    print('read on')\n"
        "print(keep_watching(load, None, signals), signals.stopping)\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)

    assert ran.stdout == "True True\n"


def test_a_stop_that_was_asked_for_before_anything_was_read_reads_nothing() -> None:
    program = (
        "import os, signal\n"
        "from cvinspect.cli.watch import Signals, keep_watching\n"
        "signals = Signals()\n"
        "os.kill(os.getpid(), signal.SIGTERM)\n"
        "print(keep_watching(lambda: print('read'), None, signals))\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)

    assert ran.stdout == "True\n"
