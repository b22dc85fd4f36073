"""Whether what stands at a place is still asked for, after a zone or a rule was changed."""

from collections.abc import Mapping
from dataclasses import replace

from cvinspect.domain import Camera, Incident, Reason, SeenObject
from cvinspect.rules.judge import is_cut_off
from cvinspect.rules.zones import Claim, anchor_point, claim_at, is_exempt_place
from cvinspect.taxonomy import Violation


def no_longer_asked(
    incident: Incident,
    rules: Mapping[str, Violation],
    camera: Camera,
    *,
    before: Violation | None,
    size: tuple[int, int] | None,
) -> Reason | None:
    """Why nothing asks for the incident any more; None: it is asked for, be it at other hours than now.

    `rules` and `camera` are as they are now, `before` is the rule that it stood under, None where that is not known.
    `size` is that of the pictures, (width, height) in pixels; None where it is not known. A longer dwell withdraws
    nothing: what was reported had stayed for as long as was asked then.
    """
    rule, zone = rules.get(incident.violation.id), incident.zone
    if rule is None or not any(one.label in rule.labels for one in incident.objects):
        return Reason.RULE_CHANGED
    if rule == before and zone is not None and zone in camera.zones:
        return None
    if size is None:
        is_drawn = zone is None or any((one.id, one.kind) == (zone.id, zone.kind) for one in camera.zones)
        return None if is_drawn else Reason.ZONE_CHANGED
    placed = [one for one in incident.objects if _claim(one, rule, camera, size) is not None]
    if not placed:
        is_as_drawn = zone is not None and zone in camera.zones
        return Reason.RULE_CHANGED if is_as_drawn else Reason.ZONE_CHANGED
    is_evidence = rule == before or any(_is_evidence(one, rule, size) for one in placed)
    return None if is_evidence else Reason.RULE_CHANGED


def in_its_zone(incident: Incident, rule: Violation, camera: Camera, size: tuple[int, int]) -> Incident:
    """The incident with the zone that decides now, such as one that was drawn anew."""
    claims = (_claim(one, rule, camera, size) for one in incident.objects)
    claim = next((one for one in claims if one is not None), None)
    return incident if claim is None else replace(incident, zone=claim.zone)


def _claim(seen: SeenObject, rule: Violation, camera: Camera, size: tuple[int, int]) -> Claim | None:
    """What the rule says to the thing, at whichever hours."""
    point = anchor_point(seen.box, rule.anchor, size)
    if is_exempt_place(rule, point, camera) and not rule.exempt_hours:
        return None
    return claim_at(rule, point, camera) if seen.label in rule.labels else None


def _is_evidence(seen: SeenObject, rule: Violation, size: tuple[int, int]) -> bool:
    width, height = size
    is_large = seen.box.size >= rule.min_size_share * (width * height) ** 0.5
    return is_large and not (rule.whole and is_cut_off(seen.box, size))
