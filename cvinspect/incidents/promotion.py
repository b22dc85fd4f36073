"""From a candidate to a pre-alarm, and to a violation, unless something takes precedence or nobody bears it out."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from cvinspect.domain import CarefulLook, ChangeKind, Frame, Moment, Reason, Stage
from cvinspect.incidents.look_back import LookBack
from cvinspect.incidents.past import Past
from cvinspect.incidents.relations import rival_of
from cvinspect.incidents.standing import Standing
from cvinspect.incidents.testimony import best_of

Telling = tuple[Standing, ChangeKind, Frame]
"""What is to be told of whom, with the frame that shows it."""


def hear(look: CarefulLook, there: Iterable[Standing]) -> None:
    """Tell those whose place was in sight what the careful network saw there."""
    of_class: dict[str, list[Standing]] = {}
    for one in there:
        of_class.setdefault(one.incident.violation.id, []).append(one)
    for standings in of_class.values():
        seen = best_of(look, standings[0].incident.violation, [one.everywhere for one in standings])
        for one, thing in zip(standings, seen, strict=True):
            one.hear(look, thing)


class Promotion:
    """Says when a candidate has come so far."""

    def __init__(self, look_back: LookBack, past: Past, *, second_look: bool) -> None:
        """With `second_look` a violation opens only where the careful network saw it in most of its looks."""
        self._look_back = look_back
        self._past = past
        self._second_look = second_look

    def of(self, standing: Standing, standings: Sequence[Standing], frame: Frame, moment: Moment) -> Iterator[Telling]:
        """What a proven candidate that is in sight has come to."""
        incident, violation = standing.incident, standing.incident.violation
        lasts = incident.dwell_s >= violation.dwell_s
        rival = rival_of(standing, standings)
        if rival is not None:
            is_taken_in = lasts and rival.incident.violation.id in violation.joins
            if is_taken_in and rival.relate(violation.id) and rival.is_confirmed:
                yield rival, ChangeKind.UPDATED, frame
        elif lasts and self._is_borne_out(standing):
            standing.incident = replace(
                incident,
                stage=Stage.VIOLATION,
                confirmed=moment,
                reason=None,
                recurrence_of=self._past.recurrence_of(standing),
            )
            yield standing, ChangeKind.OPENED, frame
        elif incident.dwell_s >= violation.pre_alarm_s and not standing.announced:
            yield standing, ChangeKind.PRE_ALARM, frame
        elif lasts and standing.testimony.is_heard and not standing.testimony.is_doubt_told:
            standing.testimony.is_doubt_told = True
            standing.incident = replace(incident, reason=Reason.NOT_BORNE_OUT)
            yield standing, ChangeKind.DOUBTED, frame

    def late(
        self, standing: Standing, standings: Sequence[Standing], frame: Frame, moment: Moment
    ) -> Iterator[Telling]:
        """What went in the seconds in which its dwell ended, if it stayed for so long."""
        stay = self._look_back.stay(standing, moment)
        if stay is not None:
            standing.stayed(stay.since, stay.until)
            then = replace(frame, media_s=stay.until.media_s, captured_at=stay.until.at, pixels=stay.pixels)
            yield from self.of(standing, standings, then, stay.until)

    def wants_look(self, there: Iterable[Standing]) -> bool:
        """Whether a verdict comes nearer of anything that is in sight, which the careful network has to bear out."""
        waiting = (one for one in there if not one.is_confirmed and (one.is_credible or one.testimony.carries))
        return self._second_look and any(
            one.testimony.wants_look(one.incident.dwell_s, needed_s=one.incident.violation.dwell_s) for one in waiting
        )

    def _is_borne_out(self, standing: Standing) -> bool:
        return not self._second_look or (standing.testimony.is_heard and standing.testimony.agrees)
