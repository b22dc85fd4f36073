"""The table of violation classes: `configs/violations.yaml` and what a site overrides of it."""

from datetime import time
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from cvinspect.config.strict_yaml import Number, Strict, line_of, read_yaml, validated
from cvinspect.errors import ConfigError
from cvinspect.taxonomy import Anchor, Code, Hours, Names, Violation

_DERIVED_SHARE = 0.2
_CLEAR_S = (1.5, 60.0)
_SECOND_PICTURE_S = (1.0, 60.0)
_GAP_S = 30.0
_SEEN_SHARE = 0.25
"""A parked car in plain view is surely detected in as few as a third of the frames by a small network."""


def _hours(value: Any) -> Any:
    """`"07:00-22:00"` as Hours; 24:00 means the end of the day."""
    if isinstance(value, Hours):
        return value
    try:
        start, end = (_time_of_day(part.strip()) for part in str(value).split("-"))
    except ValueError as error:
        raise ValueError(f'{value!r} is no span of hours; allowed: like "07:00-22:00"') from error
    if start == end:
        raise ValueError(f'{value!r} ends when it starts; allowed: like "07:00-22:00", all day is "00:00-24:00"')
    return Hours(start, end)


def _time_of_day(text: str) -> time:
    if text == "24:00":
        return time.max
    found = time.fromisoformat(text)
    if found.tzinfo is not None:
        raise ValueError("hours are in the site's time zone")
    return found


HoursSpan = Annotated[Hours, BeforeValidator(_hours)]
Seconds = Annotated[Number, Field(ge=0, le=30 * 86400, allow_inf_nan=False)]
Share = Annotated[Number, Field(ge=0, le=1)]
Reach = Annotated[Number, Field(ge=0, le=10)]
Words = tuple[Annotated[str, Field(min_length=1)], ...]


class NamesEntry(Strict):
    """What people call a class."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


class CodeEntry(Strict):
    """Event code; text in quotes, since leading zeros count."""

    major: str = Field(pattern=r"^[0-9]{2}$")
    minor: str = Field(pattern=r"^[0-9]{2,3}$")


class RuleOverride(Strict):
    """What a site may set for a class; what is left out stays as in the table."""

    dwell_s: Seconds | None = Field(None, description="how long it must stay to be a violation")
    pre_alarm_s: Seconds | None = Field(None, description="when it is first announced; a fifth of dwell_s")
    clear_s: Seconds | None = Field(None, description="how long its place must be seen empty; a fifth of dwell_s")
    gap_s: Seconds | None = Field(None, description="grace for lost detections; 30 s")
    second_picture_s: Seconds | None = Field(None, description="from the first to the second picture")
    seen_share: Share | None = Field(None, description="share of frames in which it must have been detected")
    min_size_share: Share | None = Field(None, description="smallest size as a share of the picture's")
    hours: tuple[HoursSpan, ...] | None = Field(None, description="when the rule holds; empty: always")
    zones: Words | None = Field(None, description="zone kinds or ids it must lie in; empty: anywhere")
    outside_zones: Words | None = Field(None, description="zone kinds or ids it must lie outside of")
    exempt_zones: Words | None = Field(None, description="zone kinds or ids in which it is allowed")
    exempt_hours: tuple[HoursSpan, ...] | None = Field(None, description="when it is allowed there; empty: always")
    whole: bool | None = Field(None, description="things cut off by the picture's edge do not count")
    reach: Reach | None = Field(None, description="things this near are one violation, in sizes")
    recurrence_days: Annotated[Number, Field(ge=0, le=3650)] | None = Field(None)


class RuleEntry(RuleOverride):
    """A class in the table."""

    names: NamesEntry
    code: CodeEntry | None = Field(None, description="none: a local extension")
    codes: dict[str, CodeEntry] = Field(default={}, description="per label, where they differ")
    labels: Words = Field(min_length=1, description="detector labels, the most typical first")
    dwell_s: Seconds
    named_zones: Words = Field((), description="zone kinds that the record names where it lies in one")
    anchor: Anchor = Anchor.GROUND
    unless_with: Words = ()
    yields_to: Words = ()
    yield_reach: Reach = 0.0
    joins: Words = ()

    @model_validator(mode="after")
    def _is_announced_first(self) -> Self:
        if self.pre_alarm_s is not None and self.pre_alarm_s > self.dwell_s:
            raise ValueError(
                f"pre_alarm_s: {self.pre_alarm_s:g} is more than dwell_s, {self.dwell_s:g}; allowed: at most dwell_s"
            )
        return self


class RuleBook(Strict):
    """The whole table."""

    zone_kinds: Words
    violations: dict[str, RuleEntry] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_what_it_holds(self) -> Self:
        for name, entry in self.violations.items():
            strange = sorted({*entry.yields_to, *entry.joins} - self.violations.keys())
            if strange:
                raise ValueError(f"violations.{name} names an unknown class {strange[0]!r}")
            zones = (
                *(entry.zones or ()),
                *(entry.outside_zones or ()),
                *(entry.exempt_zones or ()),
                *entry.named_zones,
            )
            strange = sorted({*zones} - {*self.zone_kinds})
            if strange:
                raise ValueError(f"violations.{name} names {strange[0]!r}, which is none of zone_kinds")
            strange = sorted({*entry.codes} - {*entry.labels})
            if strange:
                raise ValueError(f"violations.{name}.codes names {strange[0]!r}, which is none of its labels")
        try:
            TopologicalSorter({name: {*one.yields_to, *one.joins} for name, one in self.violations.items()}).prepare()
        except CycleError as error:  # each would wait for the other, and none would ever be reported
            raise ValueError(f"these yield to or join each other in a circle: {' > '.join(error.args[1])}") from error
        return self


def read_rule_book(path: Path) -> RuleBook:
    """The table at `path`; raises ConfigError."""
    return validated(RuleBook, read_yaml(path), path)


def resolve(
    book: RuleBook, overrides: dict[str, RuleOverride], *, period_s: float, path: Path
) -> tuple[Violation, ...]:
    """Every class with what the site overrode and what follows from the rest.

    `period_s` is the time between two samples. Raises ConfigError, naming `path`, for values that contradict
    each other.
    """
    resolved = []
    for name, entry in book.violations.items():
        override = overrides.get(name, RuleOverride())
        given = {key: value for key, value in override if value is not None}
        resolved.append(_violation(name, entry.model_copy(update=given), period_s, path))
    return tuple(resolved)


def _violation(name: str, entry: RuleEntry, period_s: float, path: Path) -> Violation:
    derived_s = _DERIVED_SHARE * entry.dwell_s
    pre_alarm_s = derived_s if entry.pre_alarm_s is None else entry.pre_alarm_s
    if pre_alarm_s > entry.dwell_s:
        line = line_of(path, "violations", name, "pre_alarm_s")
        raise ConfigError(
            f"{path}{line}: violations.{name}.pre_alarm_s: {pre_alarm_s:g} is more than dwell_s, {entry.dwell_s:g}; "
            "allowed: at most dwell_s"
        )
    return Violation(
        id=name,
        names=Names(entry.names.zh, entry.names.en),
        code=_code(entry.code),
        codes=tuple((label, Code(code.major, code.minor)) for label, code in entry.codes.items()),
        labels=entry.labels,
        zones=entry.zones or (),
        outside_zones=entry.outside_zones or (),
        exempt_zones=entry.exempt_zones or (),
        exempt_hours=entry.exempt_hours or (),
        named_zones=entry.named_zones,
        hours=entry.hours or (),
        anchor=entry.anchor,
        dwell_s=entry.dwell_s,
        pre_alarm_s=pre_alarm_s,
        clear_s=_either(entry.clear_s, _clamp(derived_s, _CLEAR_S)),
        gap_s=_either(entry.gap_s, max(_GAP_S, 2 * period_s)),
        seen_share=_either(entry.seen_share, _SEEN_SHARE),
        min_size_share=_either(entry.min_size_share, 0.0),
        whole=bool(entry.whole),
        second_picture_s=_either(entry.second_picture_s, _clamp(entry.dwell_s / 2, _SECOND_PICTURE_S)),
        reach=_either(entry.reach, 0.0),
        unless_with=entry.unless_with,
        yields_to=entry.yields_to,
        yield_reach=entry.yield_reach,
        joins=entry.joins,
        recurrence_days=_either(entry.recurrence_days, 7.0),
    )


def _code(entry: CodeEntry | None) -> Code | None:
    return None if entry is None else Code(entry.major, entry.minor)


def _either(given: float | None, default: float) -> float:
    return default if given is None else given


def _clamp(value: float, bounds: tuple[float, float]) -> float:
    return min(max(value, bounds[0]), bounds[1])
