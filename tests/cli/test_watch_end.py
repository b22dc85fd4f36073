"""The program's end, while a network still computes."""

import subprocess
import sys

PROGRAM = """
import atexit, threading
import numpy as np
from cvinspect.assembly.models import Model, default_model
from cvinspect.cli.watch import _end_at_once
detector, looked = Model.at(default_model()).detector(), threading.Event()
def look():
    while True:
        detector.detect(np.zeros((360, 640, 3), np.uint8))
        looked.set()
threading.Thread(target=look, daemon=True).start()
looked.wait()
print("written", flush=False)
atexit.register(_end_at_once, 1)
"""


def test_a_network_that_still_computes_does_not_abort_the_program() -> None:
    ended = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=120, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, "written\n", "")
