"""Where pytest looks for doctests: not where only Alembic can load, nor in the room of torch without the extra."""

from importlib.util import find_spec

collect_ignore_glob = ["cvinspect/store/migrations/*"]
if not (find_spec("torch") and find_spec("ultralytics")):
    collect_ignore_glob.append("cvinspect/train/*")
