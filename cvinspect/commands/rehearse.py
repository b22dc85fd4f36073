"""Recordings as the live cameras of a rehearsal, and a configuration to watch them by."""

import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from cvinspect.config.site import load_site
from cvinspect.domain import as_text
from cvinspect.errors import ConfigError, CvinspectError, DeliveryError
from cvinspect.sources.live.loopback import LoopbackCameras, Recording, read_recording
from cvinspect.taxonomy import Violation

_DWELL_S = 10
"""Short enough for something to happen while somebody looks on."""

_LONGEST_NAME = 60
"""Letters of a file's name in a camera's; a camera's may have 80."""


class Rehearsal:
    """Cameras that show `clips`, one each, until the process ends, and the site that `config` then describes."""

    def __init__(self, config: Path, clips: Sequence[Path], *, port: int) -> None:
        """Nothing is written where anything is wrong.

        `port` 0: any free one. Raises ConfigError where `config` is there already or nobody may listen at the port,
        SourceOpenError for a clip that is no H.264 video, DeliveryError where `config` cannot be written.
        """
        if config.exists() or config.is_symlink():
            raise ConfigError(f"{config}: is there already and stays as it is; remove it, or name another file")
        self.cameras = _named(clips)
        recordings = {clip: read_recording(clip) for clip in dict.fromkeys(clips)}
        served = {name: recordings[clip] for name, clip in self.cameras.items()}
        self.port = _serve(served, port)
        _write(config, _site(config, self.cameras, self.port))


def _named(clips: Iterable[Path]) -> dict[str, Path]:
    """The clips by the ids of their cameras: their names, with a number where one comes again.

    >>> list(_named([Path("a b.mp4"), Path("c/a b.mp4"), Path("集市.mp4")]))
    ['a-b', 'a-b-2', '集市']
    """
    found: dict[str, Path] = {}
    for clip in clips:
        name = numbered = _plain(clip.stem, "camera")
        number = 1
        while numbered in found:
            number += 1
            numbered = f"{name}-{number}"
        found[numbered] = clip
    return found


def _plain(name: str, otherwise: str) -> str:
    """Letters, digits, - and _ of a file's name: what stands for itself in addresses, paths and YAML."""
    return re.sub(r"[^\w]+", "-", as_text(name)).strip("-")[:_LONGEST_NAME] or otherwise


def _serve(recordings: Mapping[str, Recording], port: int) -> int:
    try:
        return LoopbackCameras(recordings, port=port).port
    except OSError as error:
        says = f"127.0.0.1:{port} cannot be listened at: {os.strerror(error.errno or 0)}"  # Python's own is longer
        raise ConfigError(f"--port {port}: {says}; allowed: a free port, or 0 for any") from error


def _write(config: Path, text: str) -> None:
    try:
        with config.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise DeliveryError(f"{config}: cannot be written: {error.strerror}") from error
    try:
        _ = load_site(config).database
    except CvinspectError:
        config.unlink()
        raise


def _site(config: Path, cameras: Mapping[str, Path], port: int) -> str:
    folder = f"{_plain(config.stem, 'rehearsal')}-data"
    shown = _in_comment(str(config))
    return _HEAD.format(config=shown) + "".join(
        (
            "cameras:\n",
            *(_camera(name, clip, port) for name, clip in cameras.items()),
            _ZONES,
            "violations:\n",
            *(_violation(one) for one in load_site(None).violations(period_s=0.5)),
            _TAIL.format(folder=json.dumps(folder, ensure_ascii=False), **_paths(folder)),
        )
    )


def _camera(name: str, clip: Path, port: int) -> str:
    address = f"rtsp://127.0.0.1:{port}/{quote(name)}"
    return f"  - id: {json.dumps(name, ensure_ascii=False)}\n    source: {address}    # {_in_comment(str(clip))}\n"


def _violation(one: Violation) -> str:
    return f"  {one.id}: {{dwell_s: {_DWELL_S}}}    # {one.names.zh}; {one.dwell_s:.0f} by itself\n"


def _paths(folder: str) -> dict[str, str]:
    names = {"database": f"sqlite:///{folder}/ledger.db", "records": f"{folder}/incidents.jsonl"}
    return {key: json.dumps(text, ensure_ascii=False) for key, text in names.items()}


def _in_comment(text: str) -> str:
    """On one line, whatever a file's name holds."""
    return "".join(letter if letter.isprintable() else "?" for letter in as_text(text))


_HEAD = """\
# A rehearsal: recordings as live cameras. They are there for as long as `cvinspect rehearse` runs. Beside it,
#   cvinspect check {config}    tries every camera
#   cvinspect watch {config}    inspects them until Ctrl-C
# configs/site.yaml shows a real site; docs/operations.md tells what each key does. Paths are relative to this file.
timezone: Asia/Shanghai    # of the times in records and pictures

"""

_ZONES = """\
    # Without zones a camera's whole picture is every kind of zone. Corners are [x, y] as shares of the picture's width
    # and height from the top left; `cvinspect check CONFIG --pictures FOLDER` draws them into what the camera shows.
    # zones:
    #   - {id: kerb, kind: no_parking, polygon: [[0.1, 0.5], [0.9, 0.5], [0.9, 1.0], [0.1, 1.0]]}

# How many seconds something must stay before it is a violation: a real site waits for minutes, as behind the #.
"""

_TAIL = """
watch:
  database: {database}    # what is known of each incident
  evidence: {folder}    # the folder of the pictures
  api: {{host: 127.0.0.1, port: 8080}}    # http://127.0.0.1:8080/health; another port where something else has this one

sinks:
  - {{type: jsonl, name: records, path: {records}}}    # one line for each change of an incident
"""
