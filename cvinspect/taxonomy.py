"""Violation classes and detector labels: data that a city may change, never an enum.

The shipped table is `configs/violations.yaml`; `config.rulebook` reads it into these values.
"""

from dataclasses import dataclass
from datetime import time
from enum import StrEnum

WHOLE_PICTURE = "whole_picture"
"""Zone id and kind in records where no zone was drawn or the rule holds anywhere."""

ZONE_KINDS_ZH = {
    "shop_front": "店铺门前",
    "no_vending": "禁止摆卖区",
    "waste_point": "垃圾投放点",
    "no_parking": "机动车禁停区",
    "no_parking_nonmotor": "非机动车禁停区",
    "bike_bay": "非机动车停放区",
    "public_ground": "公共场地",
    "ad_control": "广告管控区",
    "street_facade": "临街立面",
    WHOLE_PICTURE: "整个画面",
}
"""What people call the shipped kinds of zones; a city's own kinds keep the names that it gave them."""


class Anchor(StrEnum):
    """Which part of a thing must lie in the zone."""

    GROUND = "ground"
    """The middle of the lower edge: things that stand on the ground."""
    CENTRE = "centre"
    """The middle of the box: things on walls and lines."""


class Obstacle(StrEnum):
    """Why a violation of a class could not be raised, whatever the street showed."""

    NOT_BACKED = "not_backed"
    """No label of the class is backed by the model."""
    NO_ZONE = "no_zone"
    """Zones are drawn, and none that the rule asks for."""
    EXEMPT = "exempt"
    """Wherever the rule could hold, the class is allowed at all hours."""
    MIN_SIZE = "min_size"
    """Nothing in a picture is as large as its smallest size."""
    NO_PICTURE = "no_picture"
    """Not one picture was inspected."""
    OTHER_VIEW = "other_view"
    """What was inspected shows none of the views in which it is to be judged."""
    SINGLE_PICTURE = "single_picture"
    """One picture proves no dwell: pre-alarms only."""
    TOO_SHORT = "too_short"
    """From the first to the last picture it is less than the dwell."""
    INTERRUPTED = "interrupted"
    """No stretch without a break is as long as the dwell."""
    SPARSE = "sparse"
    """Pictures are too far apart for the dwell or for the grace."""
    OUT_OF_HOURS = "out_of_hours"
    """The rule does not hold for as long as the dwell at the hours that were seen."""


ON_IT_SHARE = 0.3
"""A person of whom this much lies within a two-wheeler's box rides it or stands at it: see `Violation.unless_with`."""


@dataclass(frozen=True, slots=True)
class Names:
    """What people call it."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Code:
    """A jurisdiction's event code; strings, since leading zeros and widths differ between schemas."""

    major: str
    minor: str


@dataclass(frozen=True, slots=True)
class Hours:
    """A span of local time of day; `end` before `start` runs over midnight."""

    start: time
    end: time

    def __contains__(self, moment: time) -> bool:
        if self.start <= self.end:
            return self.start <= moment < self.end
        return moment >= self.start or moment < self.end


@dataclass(frozen=True, slots=True)
class Violation:
    """One class of violation and the rule by which a still thing becomes one."""

    id: str
    names: Names
    code: Code | None
    """None: a local extension without a code in the standard."""
    codes: tuple[tuple[str, Code], ...]
    """Codes of single labels, where they differ from the class's."""
    labels: tuple[str, ...]
    """Detector labels, the most typical first."""
    zones: tuple[str, ...]
    """Kinds or ids of zones it must lie in; empty: anywhere."""
    outside_zones: tuple[str, ...]
    """Zones it must lie outside of, on a camera that has one of them drawn."""
    exempt_zones: tuple[str, ...]
    """Drawn zones in which it is allowed during `exempt_hours`."""
    exempt_hours: tuple[Hours, ...]
    """Empty: at all hours."""
    named_zones: tuple[str, ...]
    """Zone kinds that are no condition, but named in the record where it lies in one."""
    hours: tuple[Hours, ...]
    """When the rule holds, local time; empty: always."""
    anchor: Anchor
    dwell_s: float
    """From here on it is a violation."""
    pre_alarm_s: float
    """From here on it is announced."""
    clear_s: float
    """The place must be observed empty for this long."""
    gap_s: float
    """Grace for a detector that loses sight of it."""
    seen_share: float
    """Of the frames in which its place was observable, the share in which it must have been detected."""
    min_size_share: float
    """Smallest size (root of area) as a share of the picture's; smaller things are no evidence."""
    whole: bool
    """A thing that the picture's left, right or lower edge cuts off does not count."""
    second_picture_s: float
    """Seconds between the picture at confirmation and the second one."""
    reach: float
    """Things of the class this near (as a share of their size) are one violation; 0: each thing is its own."""
    unless_with: tuple[str, ...]
    """Labels whose presence on the thing makes it none, such as the rider of a two-wheeler."""
    yields_to: tuple[str, ...]
    """Violations that take precedence at the same place."""
    yield_reach: float
    """How near the other must be, as a share of its size."""
    joins: tuple[str, ...]
    """Violations that absorb this one at the same place, as `related`."""
    recurrence_days: float
    """A new one at the place of a cleared one, this soon, is a recurrence."""

    def code_of(self, label: str) -> Code | None:
        """The event code of this violation when `label` is what was seen."""
        return dict(self.codes).get(label, self.code)
