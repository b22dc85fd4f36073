"""What a person sees in the terminal, a progress bar with time left and tables, and how they end it.

Words go to stderr.
"""

import signal
import sys
from types import FrameType, TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, ProgressColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress
from rich.table import Table
from rich.text import Text

from cvinspect.cli.not_judged import not_judged_table, nothing_found, unjudged_lines
from cvinspect.records.summary import InputSummary, RunSummary
from cvinspect.sources import Counts, Source

_NOTHING_SEEN = (
    "没有检测任何画面，不能说明现场没有违规。 Not one frame was inspected, so this says nothing about the street."
)
_INCOMPLETE = "本次运行没有读完全部内容，结果不完整。 This run did not read everything; the results are incomplete."
"""As on the page."""


class Stop:
    """From here on Ctrl-C, a shutdown and a closed terminal are remembered: what is done so far can be written whole.

    A signal that our parent wants ignored stays so.
    """

    def __init__(self) -> None:
        self._asked = False
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._hear)

    def is_asked(self) -> bool:
        """Whether somebody wants an end."""
        return self._asked

    def _hear(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        self._asked = True


class Bar:
    """One task's bar on stderr, with the time left, where stderr is a terminal; else nothing."""

    def __init__(self, done: ProgressColumn, what: str = "", *, visible: bool = True) -> None:
        """`done` says how much is done, `what` of what."""
        self._bar = bar(done)
        self._task = self._bar.add_task(what, total=None, visible=visible)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()


class Progress(Bar):
    """A bar while an input is read."""

    def __init__(self) -> None:
        super().__init__(TextColumn("{task.percentage:>3.0f} %"), visible=False)

    def begins(self, name: str, source: Source) -> None:
        """An input is open and will now be read."""
        self._bar.reset(self._task, total=source.info.duration_s, description=name, visible=True)

    def moves(self, counts: Counts) -> None:
        """Another frame was looked at."""
        self._bar.update(self._task, completed=counts.media_s)

    def ends(self, summary: InputSummary) -> None:  # noqa: ARG002  the closing table tells it
        """An input is done with, whether it could be read or not."""
        self._bar.update(self._task, visible=False)


def bar(done: ProgressColumn) -> RichProgress:
    """A bar on stderr that says how much is `done` and how long the rest takes; nothing where stderr is no terminal."""
    return RichProgress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        done,
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )


def closing_table(summary: RunSummary) -> None:
    """What was read and what came of it, on stdout."""
    table = Table("input", "camera", "state", "read", "sampled", "broken", "x real time", title=None)
    for column in table.columns[3:]:
        column.justify = "right"
    for item in summary.inputs:
        speed = "" if item.speed is None else f"{item.speed:.1f}"
        counts = (str(count) for count in (item.frames_read, item.frames_sampled, item.frames_broken))
        table.add_row(Text(item.name), Text(item.camera), item.state, *counts, speed)
    console = table_console()
    console.print(table)
    raised = Table("class", "类别", "incidents", "pre-alarms")
    for column in raised.columns[2:]:
        column.justify = "right"
    for one in summary.classes:
        if one.incidents or one.pre_alarms:
            raised.add_row(one.id, one.names.zh, str(one.incidents), str(one.pre_alarms))
    if raised.row_count:
        console.print(raised)
    elif summary.totals.frames_sampled:
        console.print(nothing_found(summary))
    else:
        console.print(_NOTHING_SEEN)
    _tell_unjudged(summary, console)
    if summary.state != "done":
        console.print(_INCOMPLETE)


def _tell_unjudged(summary: RunSummary, console: Console) -> None:
    for line in unjudged_lines(summary):
        console.print(Text(line))
    missing = not_judged_table(summary)
    if summary.totals.frames_sampled and missing is not None:
        console.print(missing)


def table_console(width: int = 160) -> Console:
    """Tables are not cut where stdout is no terminal: they have `width` letters."""
    return Console(width=None if sys.stdout.isatty() else width, highlight=False)
