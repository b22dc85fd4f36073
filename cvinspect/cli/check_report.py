"""`cvinspect check`: what was found out of a configuration, as tables or, of many cameras, as a summary."""

import os
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from cvinspect.assembly.eyes import opened
from cvinspect.assembly.masking import opened_masking
from cvinspect.assembly.models import Model
from cvinspect.cli import watch
from cvinspect.cli.check_tables import camera_table, class_list, class_matrix, faulty_groups, summary_lines
from cvinspect.commands.check import CameraCheck, any_footage, check_cameras, configuration_faults, store_zone_maps
from cvinspect.config.site import Site
from cvinspect.errors import CvinspectError
from cvinspect.words import say

_TOLD = 4
"""Errors, and warnings, that are told one by one where only faults are wanted; of more, an error of each cause, and
of warnings the kinds alone: a screen has 40 lines."""


def check_site(site: Site, model: Model, pictures: Path | None, *, only_faults: bool) -> list[CvinspectError]:
    """Try everything and print it; the errors, in the order in which they are to be told.

    `pictures`: the folder for a picture of each camera. Raises ModelError.
    """
    detector, careful = model.detector(), opened(model.careful)
    errors, notes = configuration_faults(site)
    rows = check_cameras(
        site,
        os.environ,
        seconds=time.monotonic,
        now=lambda: datetime.now(UTC),
        model=model,
        detector=detector,
        keeps_frames=pictures is not None,
    )
    masking = opened_masking()
    drawn, undrawn = ([], []) if pictures is None else store_zone_maps(rows, site, detector, pictures, hide=masking)
    shown = rows or ([] if errors else [any_footage(site, model)])
    _print_cameras(shown, site, only_faults=only_faults)
    if not only_faults:
        for picture in drawn:
            print(f"picture {picture}")
    sinks = watch.checked_sinks(site) if site.config.sinks else ()
    for sink in sinks:
        if not only_faults or sink.error is not None:
            print(f"sink {sink.name}  {sink.type}  {sink.place}")
    letters = 16 if only_faults else None  # a line of a terminal is 80
    print(f"model {model.card.name}  sha256 {model.card.sha256[:letters]}")
    if careful is None:
        print("careful none: the quick network looks alone")
    else:
        print(f"careful {careful.card.name}  sha256 {careful.card.sha256[:letters]}")
    print(f"configuration sha256 {site.sha256[:letters]}")
    for note in (*notes, *masking.notes):
        say(f"warning: {note}")
    _warn(rows, only_faults=only_faults)
    of_cameras = _of_cameras(rows, only_faults=only_faults)
    tried = (*errors, *of_cameras, *(sink.error for sink in sinks), *watch.checked_site(site), *undrawn)
    return [error for error in tried if error is not None]


def _print_cameras(rows: Sequence[CameraCheck], site: Site, *, only_faults: bool) -> None:
    if rows and not only_faults:
        camera_table(rows)
    if not only_faults and len(rows) == 1:
        class_list(rows[0], site)
    elif not only_faults and rows:
        class_matrix(rows, site)
    if only_faults or len(rows) > 1:
        for line in summary_lines(rows, site):
            print(line)
    if only_faults:
        faulty_groups(rows)


def _warn(rows: Sequence[CameraCheck], *, only_faults: bool) -> None:
    lines = [f"warning: camera {row.id}: {remark.text}" for row in rows for remark in row.remarks]
    if only_faults and len(lines) > _TOLD:
        lines = [f"warning: {len(lines)} warnings; without --only-faults each is told"]
    for line in lines:
        say(line)


def _of_cameras(rows: Sequence[CameraCheck], *, only_faults: bool) -> list[CvinspectError]:
    """Each camera's error; of more than a few, where only faults are wanted, one of each cause."""
    errors = {row.id: row.error for row in rows if row.error is not None}
    if not only_faults or len(errors) <= _TOLD:
        return list(errors.values())
    first = {row.cause: row.error for row in reversed(rows) if row.error is not None}
    return list(first.values())
