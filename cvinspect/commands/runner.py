"""Runs over recorded footage: every input is read, what it shows is pictured and written down, failures are told.

Only here are the program's own errors caught: one input's failure stops no other, and what was recorded stays.
"""

import math
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

from cvinspect.assembly.recordings import Recording
from cvinspect.commands.job import Job, Watcher
from cvinspect.commands.read_so_far import lack_of, read_so_far
from cvinspect.commands.reading import Reading, pieces_of
from cvinspect.commands.recorder import Recorder
from cvinspect.commands.time_judged import TimeJudged, within
from cvinspect.domain import Camera, Detection, Frame, Incident, Track, as_text
from cvinspect.errors import CvinspectError, DeliveryError, SourceError
from cvinspect.evidence.masking import HiddenParts
from cvinspect.pipeline import Onlooker
from cvinspect.records.summary import InputSummary, NotJudged, State
from cvinspect.sources.recorded.pieces import Piece
from cvinspect.views.unjudged import Span


def shown_name(path: Path) -> str:
    """What an input is called in records and on the page: the file's or folder's own name, as text."""
    return as_text(path.name or path.resolve().name)


class Run:
    """One run over many inputs, one after the other."""

    def __init__(
        self,
        *,
        recorder: Recorder,
        open_job: Callable[[Reading], Job],
        recordings_of: Callable[[Sequence[Path]], Sequence[Recording]],
        seconds: Callable[[], float],
        watcher: Watcher,
        not_judged: Callable[[Camera, Job | None], Sequence[NotJudged]] = lambda *_: (),
        spans: Callable[[Camera, Job], Sequence[Span]] = lambda *_: (),
    ) -> None:
        """`seconds` is a clock that only goes forward.

        `not_judged` says what a camera could not have raised in a job; None: the input did not open. `spans` says which
        time of its recording was judged.
        """
        self._not_judged = not_judged
        self._spans = spans
        self._recorder = recorder
        self._open_job = open_job
        self._recordings_of = recordings_of
        self._seconds = seconds
        self._watcher = watcher
        self.inputs: list[InputSummary] = []
        self.errors: list[CvinspectError] = []
        """What kept inputs from being read, or from being read whole."""
        self.interrupted = False

    @property
    def state(self) -> State:
        """How the run ended: as its worst input did, unless somebody broke off."""
        states = {one.state for one in self.inputs}
        order: tuple[State, ...] = ("failed", "incomplete")
        return "interrupted" if self.interrupted else next((one for one in order if one in states), "done")

    @property
    def exit_code(self) -> int:
        """0 where every input was read whole; what ended the run goes before what one input lacked."""
        ended = (error for error in self.errors if isinstance(error, DeliveryError))
        error = next(ended, self.errors[0] if self.errors else None)
        return 0 if error is None else error.exit_code

    def over(self, inputs: Sequence[Path], *, is_stopping: Callable[[], bool] = lambda: False) -> None:
        """Inspect each input, until `is_stopping` says that the user wants no more; it is asked before every frame.

        Whatever goes wrong with an input is told in its summary. A folder that cannot be written to any more, or
        the user's interrupt, ends the run; inputs that were never begun are told as interrupted.
        """
        recordings = self._recordings_of(inputs)
        for number, recording in enumerate(recordings):
            reading = Reading(recording)
            try:
                while reading.waiting:
                    self._inspect(reading, is_stopping)
            except (DeliveryError, KeyboardInterrupt) as ended:
                self.interrupted = isinstance(ended, KeyboardInterrupt)
                left = [(recording, piece) for piece in reading.waiting]
                self._leave([*left, *pieces_of(recordings[number + 1 :])])
                return
            finally:
                self._judge(reading)

    def _inspect(self, reading: Reading, is_stopping: Callable[[], bool]) -> None:
        """Read a recording to its end, or until its pipeline fails: then its next file begins another run."""
        try:
            self._read(reading, is_stopping)
        except CvinspectError as error:
            self._fail(reading, error)
            if isinstance(error, DeliveryError):
                raise
        except KeyboardInterrupt:
            self._tell(reading, "interrupted", None)
            raise
        else:
            self._conclude(reading)

    def _read(self, reading: Reading, is_stopping: Callable[[], bool]) -> None:
        """Read one recording to its end; what stands when the reading breaks off is told as it is then."""
        frames = self._frames(reading, is_stopping)
        try:
            first = next(frames, None)
            if reading.job is None:
                return
            pipeline = reading.job.pipeline
            for change in pipeline.incidents(chain(() if first is None else (first,), frames), self._onlooker(reading)):
                self._recorder.record(change, reading.job)
        finally:
            frames.close()
            if reading.job is not None:
                self._round_off(reading.job)

    def _frames(self, reading: Reading, is_stopping: Callable[[], bool]) -> Generator[Frame, None, None]:
        """The frames of all files; of those that cannot be read, all but the last are told and passed over."""
        while reading.waiting:
            reading.begin(at_s=self._seconds())
            _go_on(is_stopping)
            try:
                job = reading.job = self._open_job(reading)
                self._watcher.begins(reading.piece.path.name, job.source)
                yield from _until(is_stopping, job.source.frames())
            except SourceError as error:
                if not reading.waiting:
                    raise
                self._fail(reading, error)
            if reading.waiting:
                self._conclude(reading)

    def _conclude(self, reading: Reading) -> None:
        """A file was read to its end."""
        job = reading.open_job
        if job is None:
            return
        job.source.close()
        if job.annotated is not None:
            job.annotated.close()
        if reading.is_told:
            return
        lack = lack_of(reading.piece.path, job.source)
        if lack is not None:
            self.errors.append(lack)
        self._tell(reading, "done" if lack is None else "incomplete", None if lack is None else str(lack))

    def _fail(self, reading: Reading, error: CvinspectError) -> None:
        if reading.open_job is None and not reading.recording.is_timed:
            reading.reel.skip()
        self.errors.append(error)
        self._tell(reading, "failed", str(error))

    def _round_off(self, job: Job) -> None:
        """Tell what stands, and finish the annotated video even where that cannot be told any more."""
        job.source.close()
        try:
            for change in job.pipeline.settle():
                self._recorder.record(change, job)
        finally:
            if job.annotated is not None:
                job.annotated.close()

    def _onlooker(self, reading: Reading) -> Onlooker:
        def look(
            frame: Frame, detections: Sequence[Detection], tracks: Sequence[Track], standing: Sequence[Incident]
        ) -> None:
            job = reading.job
            if job is None:
                return
            pipeline = job.pipeline
            self._recorder.hidden = HiddenParts(
                lambda picture: pipeline.everywhere(picture, pipeline.detector, frame, detections), self._recorder.hide
            )
            self._watcher.moves(job.source.counts)
            if (view := pipeline.present) is not None:
                if view not in job.seen:
                    job.seen[view] = job.sample_times()
                job.seen[view].note(frame.media_s, frame.captured_at)
            if job.annotated is not None:
                shown = None if pipeline.present is None else job.camera.showing(pipeline.present)
                drawn = shown or replace(job.camera, zones=(), views=())
                job.annotated.add(frame, tracks, standing, drawn, hidden=self._recorder.hidden(frame))

        return look

    def _leave(self, pieces: Sequence[tuple[Recording, Piece]]) -> None:
        for recording, piece in pieces:
            self._add(recording, piece, None, "interrupted", None, elapsed_s=0.0)

    def _tell(self, reading: Reading, state: State, error: str | None) -> None:
        if reading.is_told:
            return
        reading.is_told = True
        elapsed_s = self._seconds() - reading.began_s
        self._add(reading.recording, reading.piece, reading.open_job, state, error, elapsed_s=elapsed_s)

    def _lacking(self, recording: Recording, job: Job | None) -> tuple[NotJudged, ...]:
        return tuple(self._not_judged(recording.camera, job))

    def _judge(self, reading: Reading) -> None:
        """What the files of a recording could have raised is known once all were seen."""
        if not reading.recording.is_many or reading.job is None:
            return
        camera = reading.recording.camera
        lacking, spans = self._lacking(reading.recording, reading.job), self._spans(camera, reading.job)
        paths = {str(one.path) for one in reading.recording.pieces}
        numbers = [
            number
            for number, one in enumerate(self.inputs)
            if one.recording is not None and one.path in paths and one.frames_sampled
        ]
        begins_s = [self.inputs[number].begins_s or 0.0 for number in numbers]
        for number, begin_s, end_s in zip(numbers, begins_s, [*begins_s[1:], math.inf], strict=True):
            of_piece = TimeJudged.of(list(within(spans, begin_s, end_s)), camera)
            update = {"not_judged": lacking, **_as_fields(of_piece)}
            self.inputs[number] = self.inputs[number].model_copy(update=update)

    def _add(
        self,
        recording: Recording,
        piece: Piece,
        job: Job | None,
        state: State,
        error: str | None,
        *,
        elapsed_s: float,
    ) -> None:
        path = piece.path
        summary = InputSummary(
            name=shown_name(path),
            path=str(path),
            camera=recording.camera.id,
            recording=shown_name(recording.pieces[0].path) if recording.is_many else None,
            state=state,
            error=error,
            elapsed_s=elapsed_s,
            not_judged=() if recording.is_many and job is not None else self._lacking(recording, job),
            **(read_so_far(job, elapsed_s) if job is not None else {"kind": None}),
            **(_as_fields(self._time_judged(recording, job)) if job is not None else {}),
        )
        self.inputs.append(summary)
        self._watcher.ends(summary)

    def _time_judged(self, recording: Recording, job: Job) -> TimeJudged:
        return (
            TimeJudged() if recording.is_many else TimeJudged.of(self._spans(recording.camera, job), recording.camera)
        )


def _as_fields(judged: TimeJudged) -> dict[str, Any]:
    return {"judged_s": judged.judged_s, "unjudged": judged.unjudged, "views": judged.views}


def _until(is_stopping: Callable[[], bool], frames: Iterable[Frame]) -> Iterator[Frame]:
    """The frames, as long as nobody wants to stop: between two of them all that was found is written."""
    for frame in frames:
        _go_on(is_stopping)
        yield frame


def _go_on(is_stopping: Callable[[], bool]) -> None:
    if is_stopping():
        raise KeyboardInterrupt
