"""What the API takes and answers."""

import re
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from cvinspect.api import examples
from cvinspect.config.strict_yaml import Strict
from cvinspect.domain import ChangeKind, Stage, Status
from cvinspect.records.incident import IncidentRecord
from cvinspect.store.queries import IncidentFilter
from cvinspect.store.site_store import PlatformStatus

_YEARS = range(2000, 2100)
"""No incident lies beyond."""

_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:")
"""A number alone would be taken for seconds since 1970."""

LONGEST_ID = 200
"""Letters; as many as the database keeps."""

_ID_PATTERN = r"^[^\x00]+$"
"""PostgreSQL cannot keep the letter 0."""

_ONE_LINE_PATTERN = r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$"
"""One line that is not blank."""


def _written(moment: object) -> object:
    if isinstance(moment, str) and not _TIME.match(moment):
        raise ValueError("is no date and time; allowed: 2026-11-21T10:00:00Z, 2026-11-21T10:00:00%2B08:00")
    return moment


def _meant(moment: datetime) -> datetime:
    if moment.year not in _YEARS:
        raise ValueError(f"cannot be meant; allowed: years {_YEARS.start} to {_YEARS.stop - 1}")
    return moment


Identifier = Annotated[str, Field(min_length=1, max_length=LONGEST_ID, pattern=_ID_PATTERN)]
When = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_meant)]


class IncidentQuery(BaseModel):
    """Which incidents are asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    status: Status | None = Field(None, description="Where it stands.")
    stage: Stage | None = Field(None, description="How far it has come.")
    class_id: Identifier | None = Field(None, alias="class", description="The violation class.")
    camera: Identifier | None = Field(None, description="The camera's id.")
    since: When | None = Field(None, description="First seen then or later; ISO 8601 with offset, + written %2B.")
    until: When | None = Field(None, description="First seen before; ISO 8601 with offset, + written %2B.")
    limit: int = Field(100, ge=1, le=500, description="How many at most.")
    after: Identifier | None = Field(None, description="`next` of the page before.")

    @model_validator(mode="before")
    @classmethod
    def _known_keys_only(cls, data: Any) -> Any:  # noqa: ANN401
        allowed = [field.alias or name for name, field in cls.model_fields.items()]
        unknown = [key for key in data if key not in allowed]
        if unknown:
            found = {"key": str(unknown[0])[:60], "allowed": ", ".join(allowed)}
            raise PydanticCustomError("unknown_key", "unknown key '{key}'; allowed: {allowed}", found)
        return data

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> Self:
        if self.since is not None and self.until is not None and self.since >= self.until:
            raise PydanticCustomError("no_time", "since is not before until: nothing can lie between")
        return self

    @property
    def wanted(self) -> IncidentFilter:
        """The same as the database's question."""
        return IncidentFilter(self.status, self.stage, self.class_id, self.camera, self.since, self.until)


class StatusWord(Strict):
    """What a platform says of an incident."""

    model_config = ConfigDict(json_schema_extra=examples.shown(examples.WORD))

    status: PlatformStatus = Field(description="What has been done with it.")
    by_whom: str = Field(
        max_length=200, pattern=_ONE_LINE_PATTERN, description="Platform, department or person; one line."
    )
    why: str | None = Field(None, max_length=2000, pattern=r"^[^\x00]*$", description="Reason or remark.")


class Note(BaseModel):
    """What a platform has said of an incident."""

    model_config = ConfigDict(json_schema_extra=examples.shown(examples.NOTE))

    status: PlatformStatus = Field(description="What has been done with it.")
    by_whom: str = Field(description="Platform, department or person.")
    why: str | None = Field(description="Reason or remark.")
    at: AwareDatetime = Field(description="When it was received, UTC.")


class Revision(BaseModel):
    """One line of an incident's history."""

    revision: int = Field(description="0 for a pre-alarm; a violation counts up from 1.")
    event: ChangeKind = Field(description="What brought it about.")
    recorded_at: AwareDatetime = Field(description="When it was recorded, UTC.")


class IncidentAnswer(BaseModel):
    """One incident."""

    model_config = ConfigDict(json_schema_extra=examples.shown(examples.INCIDENT))

    incident: IncidentRecord = Field(description="The latest revision, as it was recorded.")
    history: tuple[Revision, ...] = Field(description="Every revision, the first one first.")
    notes: tuple[Note, ...] = Field(description="What platforms have said of it, in order of receipt.")


class IncidentsAnswer(BaseModel):
    """Some of the incidents that were asked for."""

    model_config = ConfigDict(json_schema_extra=examples.shown(examples.PAGE))

    total: int = Field(description="All that were asked for, on this page or not.")
    next: str | None = Field(description="Ask with after=… for the next page; null where this is the last one.")
    incidents: tuple[IncidentRecord, ...] = Field(
        description="Latest revisions, the one that was first seen last first."
    )


class StateAnswer(BaseModel):
    """One thing that is so with a camera."""

    state: str = Field(description="Such as up, lagging, frozen.")
    since: AwareDatetime = Field(description="UTC.")
    detail: str | None = Field(description="One line.")


class DurationsAnswer(BaseModel):
    """How long something took, over all times it was done."""

    count: int
    total_s: float
    longest_s: float


class CarefulAnswer(BaseModel):
    """What the careful network does at a camera."""

    cost: DurationsAnswer
    on_patrol: int = Field(description="How many of its looks nobody had asked for.")
    planned_s: float = Field(description="From one patrol to the next, where there is room for all.")
    longest_wait_s: float = Field(description="From one look to the next, in seconds of video.")


class CameraAnswer(BaseModel):
    """One camera at this moment; counts are since the program began."""

    model_config = ConfigDict(json_schema_extra=examples.shown(examples.CAMERA))

    id: str
    states: tuple[StateAnswer, ...] = Field(description="What is so with it, the oldest first.")
    frames_read: int = Field(description="Decoded, whether used or not.")
    frames_sampled: int = Field(description="Became pictures.")
    frames_inspected: int = Field(description="Went through detector and ledger.")
    drops: dict[str, int] = Field(description="Frames that were due and not inspected, by reason.")
    connections: int = Field(description="How often it was connected to.")
    failures: dict[str, int] = Field(description="Failed connections, by reason.")
    lag_s: float | None = Field(description="From capture to the end of inspection of the last frame.")
    drift: float | None = Field(description="How much faster the camera's clock runs than ours, as a share.")
    sampling: str | None = Field(description="Which frames are decoded and why; null before the first one.")
    gate: dict[str, int] = Field(description="Samples that the change gate left out, audited, and missed things in.")
    last_frame_at: AwareDatetime | None = Field(description="When the last inspected frame was captured, UTC.")
    inference: DurationsAnswer = Field(description="Of the detector.")
    careful: CarefulAnswer | None = Field(description="Null where the quick network looks alone.")
    incidents: dict[str, int] = Field(description="Violations opened, by class.")
    doubted: dict[str, int] = Field(description="Pre-alarms that the careful network does not bear out, by class.")
    standing: int = Field(description="Incidents that stand open now.")
    unrecorded: int = Field(description="Revisions that wait for the database.")
    view: str | None = Field(None, description="Which of its views was judged last; null: what it shows is not judged.")
    judged_s: float = Field(0.0, description="Seconds that were judged.")
    unjudged_s: dict[str, float] = Field(
        default_factory=dict,
        description="Seconds that were not, by reason: other_view, covered, black, frozen, moving, moved, blurred, "
        "too_dark, gap.",
    )


class CamerasAnswer(BaseModel):
    """Every camera of the configuration."""

    cameras: tuple[CameraAnswer, ...]


class HealthAnswer(BaseModel):
    """The process works. What is said of single cameras is for those who have the token."""

    model_config = ConfigDict(json_schema_extra=examples.shown(examples.HEALTH))

    status: str = Field(description="Always ok: a process that does not work does not answer.")
    version: str
    uptime_s: float = Field(ge=0, description="Since the daemon began, by the wall clock.")
    camera_states: dict[str, int] = Field(description="In how many cameras each state is so.")
    cameras: dict[str, tuple[str, ...]] | None = Field(description="States by camera; null without the token.")
    trouble: str | None = Field(description="Why the daemon cannot do its work; null when it can.")
    reload_error: str | None = Field(
        description="Why the last changed configuration was refused; null when it was taken, or without the token."
    )
    config_sha256: str | None = Field(description="Of the configuration in force; null without the token.")


class ReadyAnswer(BaseModel):
    """Cameras were started and the database can be written."""

    model_config = ConfigDict(json_schema_extra=examples.shown(examples.READY))

    status: str = Field(description="Always ready.")
