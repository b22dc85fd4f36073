"""Where pytest looks for doctests: the room of torch cannot be loaded without the extra `train`."""

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("torch") and find_spec("ultralytics") else ["cvinspect/train/*"]
