"""`summary.json`: what was read, what became of it, and what the model could not have seen."""

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from cvinspect.records import Backing
from cvinspect.records.parts import Confidence, FileName, Instant, NamesPart, Part, Seconds
from cvinspect.taxonomy import Obstacle
from cvinspect.views import Why

State = Literal["done", "incomplete", "failed", "interrupted"]


def speed(media_s: float, elapsed_s: float) -> float | None:
    """Seconds of footage per second of work; None where nothing was measured."""
    return round(media_s / elapsed_s, 2) if elapsed_s > 0 and media_s > 0 else None


class NotJudged(Part):
    """One reason why an input could not raise a class, whatever the street showed."""

    class_id: str = Field(description="The class.")
    reason: Obstacle = Field(description="What stood in the way.")
    found_s: Seconds | None = Field(
        None, description="Seconds that there were, of a stretch or between pictures; null where none count."
    )
    needed_s: Seconds | None = Field(
        None, description="Seconds that it takes: at least of a stretch, at most between pictures."
    )


class Stretch(Part):
    """Some seconds of an input."""

    begin_s: Seconds = Field(description="Second of the recording, as in records, at which it begins.")
    end_s: Seconds = Field(description="Second at which it ends.")


class Unjudged(Part):
    """Time of an input that was not judged, for one reason."""

    reason: Why = Field(description="Why it was not judged.")
    seconds: Seconds = Field(description="How long in all.")
    stretches: tuple[Stretch, ...] = Field((), description="When; of very many, the first ones.")


class ViewSummary(Part):
    """One view that an input shows."""

    id: str = Field(description="Its name, as configured; views that nobody named are numbered.")
    shown_s: Seconds = Field(description="Seconds for which it was shown and could be seen.")
    judged: bool = Field(description="Whether anything is judged in it: zones that were drawn for another do not hold.")


class InputSummary(Part):
    """One file, folder or picture, and how far the reading came."""

    name: FileName = Field(description="File or folder name, as shown to people.")
    path: FileName = Field(description="Path as given.")
    camera: str = Field(description="Id of the camera whose pictures they are.")
    recording: FileName | None = Field(
        None, description="The first file of the recording that it is a piece of; null where it is one by itself."
    )
    begins_s: Seconds | None = Field(None, description="Second of that recording, as in records, at which it begins.")
    kind: Literal["video", "pictures", "picture"] | None = Field(description="Null where it did not open.")
    state: State = Field(description="How the reading ended; incomplete: pictures or its end could not be read.")
    error: FileName | None = Field(None, description="One line: why it failed, or what was not read; null otherwise.")
    width: int | None = Field(None, description="Pixels, as shown; null where it did not open.")
    height: int | None = Field(None, description="Pixels, as shown; null where it did not open.")
    codec: str | None = Field(None, description="The codec's short name; null where it did not open.")
    duration_s: Seconds | None = Field(None, description="Seconds of footage; null where not stated.")
    frames_read: int = Field(0, ge=0, description="Frames decoded, whether used or not.")
    frames_sampled: int = Field(0, ge=0, description="Frames looked at.")
    frames_broken: int = Field(0, ge=0, description="Frames or pictures that could not be decoded.")
    media_s: Seconds = Field(0.0, description="Seconds of footage that were covered.")
    clock: Literal["given", "container", "exif", "name", "file"] | None = Field(
        None, description="What the times rest on; file, the modification time, is a guess."
    )
    started_at: Instant | None = Field(None, description="Capture time of media second 0.")
    elapsed_s: Seconds = Field(0.0, description="Seconds of work it took.")
    notes: tuple[FileName, ...] = Field((), description="One line each: broken pictures, detections that were cut.")
    not_judged: tuple[NotJudged, ...] = Field(
        (), description="Classes that it could not have raised, with each reason: of these, no violation says nothing."
    )
    judged_s: Seconds = Field(0.0, description="Seconds of footage in which a violation could have been raised.")
    unjudged: tuple[Unjudged, ...] = Field((), description="Time in which none could have been, by reason.")
    views: tuple[ViewSummary, ...] = Field((), description="The views that it shows, in the order of their first time.")
    speed: float | None = Field(
        default_factory=lambda values: speed(values["media_s"], values["elapsed_s"]),
        description="Seconds of footage, without pauses in it, per second of work; null where nothing was measured.",
    )


class MeasuredShare(Part):
    """A share of what was counted."""

    value: Confidence | None = Field(description="Null: there was nothing to count.")
    low: Confidence = Field(description="Lower end of its Wilson 95 % interval.")
    high: Confidence = Field(description="Upper end.")


class MeasuredLabel(Part):
    """How well one label of a class is seen in validation pictures, by the cards of the networks that look."""

    label: str = Field(description="The label.")
    by: Literal["quick", "both"] = Field(description="The model alone, or together with a careful network.")
    boxes: int = Field(ge=0, description="Things of it that people drew in those pictures.")
    precision: MeasuredShare | None = Field(description="Right detections of all; null where nothing was measured.")
    recall: MeasuredShare | None = Field(description="Things found of all; null where nothing was measured.")
    on_trial: bool = Field(
        description="Nothing was measured, or recall is surely below 0.3, or too little to choose a threshold by."
    )


class ClassSummary(Part):
    """One violation class of the table, and whether this model can see it."""

    id: str = Field(description="The class.")
    names: NamesPart = Field(description="Its names.")
    backing: Backing = Field(description="What its labels rest on in this model; none: on nothing.")
    incidents: int = Field(0, ge=0, description="Violations raised, duplicates not counted.")
    pre_alarms: int = Field(0, ge=0, description="Pre-alarms that never became a violation.")
    judged: bool = Field(True, description="Whether at least one input could have raised it.")
    measured: tuple[MeasuredLabel, ...] = Field(
        (), description="Its labels that the model has, and how well they are seen."
    )

    @property
    def on_trial(self) -> bool:
        """Whether none of its labels is known to be seen well enough."""
        return all(one.on_trial for one in self.measured)


class RunTotals(Part):
    """Sums over the inputs."""

    inputs: int = Field(ge=0, description="Files, folders and pictures given.")
    done: int = Field(ge=0, description="Read to the end.")
    incomplete: int = Field(0, ge=0, description="Read, but for pictures or an end that could not be.")
    failed: int = Field(ge=0, description="Could not be read, or what was found could not be written.")
    interrupted: int = Field(ge=0, description="Stopped by a person, or never begun for that reason.")
    frames_read: int = Field(ge=0, description="Frames decoded.")
    frames_sampled: int = Field(ge=0, description="Frames looked at.")
    frames_broken: int = Field(ge=0, description="Frames that could not be decoded.")
    media_s: Seconds = Field(description="Seconds of footage covered.")
    elapsed_s: Seconds = Field(description="Seconds from start to end of the run.")
    incidents: int = Field(ge=0, description="Violations raised, duplicates not counted.")
    pre_alarms: int = Field(ge=0, description="Pre-alarms that never became a violation.")

    @classmethod
    def over(cls, inputs: Sequence[InputSummary], classes: Sequence[ClassSummary], *, elapsed_s: float) -> "RunTotals":
        """The sums; `elapsed_s` is the run's own, since inputs may be read side by side."""
        states = [item.state for item in inputs]
        return cls(
            inputs=len(inputs),
            done=states.count("done"),
            incomplete=states.count("incomplete"),
            failed=states.count("failed"),
            interrupted=states.count("interrupted"),
            frames_read=sum(item.frames_read for item in inputs),
            frames_sampled=sum(item.frames_sampled for item in inputs),
            frames_broken=sum(item.frames_broken for item in inputs),
            media_s=sum(item.media_s for item in inputs),
            elapsed_s=elapsed_s,
            incidents=sum(item.incidents for item in classes),
            pre_alarms=sum(item.pre_alarms for item in classes),
        )


class ModelSummary(Part):
    """The model that looked."""

    name: str = Field(description="The model's name, as its card says.")
    sha256: str = Field(description="SHA-256 of the model file, lower-case hexadecimal.")


class ConfigSummary(Part):
    """The configuration that held."""

    path: FileName | None = Field(description="Path as given; null where the defaults held.")
    sha256: str = Field(description="SHA-256 of the configuration, lower-case hexadecimal.")


class RunSummary(Part):
    """One run of the program."""

    version: str = Field(description="Version of cvinspect.")
    started_at: Instant = Field(description="When the run began.")
    state: State = Field(description="How the run ended: as its worst input did.")
    model: ModelSummary = Field(description="The model that looked.")
    config: ConfigSummary = Field(description="The configuration that held.")
    inputs: tuple[InputSummary, ...] = Field(description="What was given, in order.")
    classes: tuple[ClassSummary, ...] = Field(description="Every violation class of the table, in its order.")
    unbacked_classes: tuple[str, ...] = Field(
        description="Ids of classes that no label of this model backs and that were not raised."
    )
    totals: RunTotals = Field(description="Sums over the inputs.")

    @classmethod
    def build(
        cls,
        *,
        version: str,
        started_at: Instant,
        state: State,
        model: ModelSummary,
        config: ConfigSummary,
        inputs: Sequence[InputSummary],
        classes: Sequence[ClassSummary],
        elapsed_s: float,
    ) -> "RunSummary":
        """The summary with its sums; `elapsed_s` is the run's, in seconds."""
        raised = {item.id for item in classes if item.incidents or item.pre_alarms}
        open_to = raised | {
            item.id for item in classes for one in inputs if item.backing != "none" and could_raise(one, item.id)
        }
        classes = [item.model_copy(update={"judged": item.id in open_to}) for item in classes]
        return cls(
            version=version,
            started_at=started_at,
            state=state,
            model=model,
            config=config,
            inputs=tuple(inputs),
            classes=tuple(classes),
            unbacked_classes=tuple(item.id for item in classes if item.backing == "none" and item.id not in raised),
            totals=RunTotals.over(inputs, classes, elapsed_s=elapsed_s),
        )

    def to_json(self) -> str:
        """Indented JSON for people and programs."""
        return self.model_dump_json(indent=2) + "\n"


def could_raise(item: InputSummary, class_id: str) -> bool:
    """Whether the input could have raised the class: it was looked at, and nothing stood in the way."""
    return item.frames_sampled > 0 and all(one.class_id != class_id for one in item.not_judged)
