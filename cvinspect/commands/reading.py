"""One recording while it is read: which of its files is open, and which are still to come."""

from collections import deque
from collections.abc import Iterable

from cvinspect.assembly.recordings import Recording
from cvinspect.commands.job import Job
from cvinspect.sources.recorded.pieces import Piece
from cvinspect.sources.recorded.reel import Reel


class Reading:
    """Hands out a recording's files one after the other."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        first = recording.pieces[0]
        self.reel = Reel(first.started_at if recording.is_many else None, first.clock)
        self.waiting = deque(recording.pieces)
        """Files that were not begun."""
        self.piece = recording.pieces[0]
        """The file that was begun last."""
        self.job: Job | None = None
        """The file that was opened last, with the pipeline that all files go through."""
        self.is_told = True
        """Whether it was said what became of the present file."""
        self.began_s = 0.0

    def begin(self, *, at_s: float) -> Piece:
        """The next file; there must be one."""
        self.piece, self.is_told, self.began_s = self.waiting.popleft(), False, at_s
        return self.piece

    @property
    def open_job(self) -> Job | None:
        """The present file, where it is open."""
        return self.job if self.job is not None and self.job.piece is self.piece else None


def pieces_of(recordings: Iterable[Recording]) -> list[tuple[Recording, Piece]]:
    """All files with their recordings, in order."""
    return [(recording, piece) for recording in recordings for piece in recording.pieces]
