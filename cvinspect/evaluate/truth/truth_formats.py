"""Truth files: our JSON, ActivityNet's JSON, a CSV table."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cvinspect.errors import DatasetError
from cvinspect.evaluate.faults import Faults, found, read_text, shown
from cvinspect.evaluate.truth.truth_checks import WrittenClip, checked
from cvinspect.evaluate.truth.truth_clip import TruthClip
from cvinspect.evaluate.truth.truth_csv import read_table
from cvinspect.evaluate.truth.truth_json import read_activitynet, read_own
from cvinspect.taxonomy import Violation


@dataclass(frozen=True, slots=True)
class Truth:
    """A truth file that was read."""

    path: Path
    sha256: str
    """Of the file's text, lower-case hexadecimal."""
    clips: tuple[TruthClip, ...]
    """Those that somebody labelled, at least one."""
    unlabelled: tuple[str, ...]
    """Names of the clips that nobody labelled: they are not scored."""


def read_truth(path: Path, violations: Iterable[Violation]) -> Truth:
    """The truth at `path`; clips lie relative to its folder.

    A class goes by its id or its Chinese or English name. Whether the clips are there is not looked at. Raises
    DatasetError with a line for each fault: file, key or line, what was found, what is allowed.
    """
    faults = Faults()
    text = read_text(path, faults)
    faults.raise_any()
    text = text or ""
    written = read_table(text, path, faults) if path.suffix.lower() == ".csv" else _read_json(text, path)
    clips = checked(written, _names(violations), faults)
    faults.raise_any()
    if not clips:
        raise DatasetError(f"{shown(path)}: no labelled clip in it; at least one is needed")
    unlabelled = tuple(clip.name for clip in written if clip.events is None)
    return Truth(path, hashlib.sha256(text.encode()).hexdigest(), clips, unlabelled)


def _names(violations: Iterable[Violation]) -> dict[str, str]:
    """The id of each class by every name that it goes by."""
    known = tuple(violations)
    by_name = {name: one.id for one in known for name in (one.names.zh, one.names.en)}
    return by_name | {one.id: one.id for one in known}


def _read_json(text: str, path: Path) -> list[WrittenClip]:
    data = _parsed(text, path)
    if isinstance(data, dict) and "database" in data:
        return read_activitynet(data, path)
    if isinstance(data, dict) and "clips" in data:
        return read_own(data, path)
    raise DatasetError(
        f"{shown(path)}: no truth in it; needed: key `clips` (ours) or `database` (ActivityNet's), or a table in .csv"
    )


def _parsed(text: str, path: Path) -> object:
    try:
        return json.loads(text, object_pairs_hook=_unique)
    except json.JSONDecodeError as error:
        raise DatasetError(f"{shown(path)}:{error.lineno}: no JSON: {error.msg} (column {error.colno})") from error
    except RecursionError as error:
        raise DatasetError(f"{shown(path)}: brackets within brackets without end") from error
    except ValueError as error:
        raise DatasetError(f"{shown(path)}: {error}") from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object; of two equal keys JSON would let the last win in silence."""
    seen: dict[str, Any] = {}
    for key, value in pairs:
        if key in seen:
            raise ValueError(f"key {found(key)} stands there a second time; allowed: each once")
        seen[key] = value
    return seen
