"""Pictures and clips as records name them, and taken up again from there."""

import logging

from cvinspect.domain import Camera, ChangeKind
from cvinspect.errors import DeliveryDelayed, DeliveryError
from cvinspect.evidence import Original, Picture
from cvinspect.evidence.clips import ROLE
from cvinspect.records.incident import IncidentRecord
from cvinspect.records.parts import EvidencePart
from cvinspect.store.ledger_store import LedgerStore

_LOG = logging.getLogger(__name__)


def picture_of(part: EvidencePart) -> Picture:
    """The picture that a record names."""
    values = part.model_dump()
    original = values.pop("original")
    media_s = values.pop("media_s") or 0.0
    return Picture(**values, media_s=media_s, original=original and Original(**original))


def pictures_of(incident_id: str, store: LedgerStore, camera: Camera) -> tuple[Picture, ...]:
    """Those of the latest revision; none where that is damaged, which costs a later record its earlier pictures.

    Raises DeliveryDelayed.
    """
    try:
        history = store.history(incident_id)
    except DeliveryDelayed:
        raise
    except DeliveryError as error:
        _LOG.error("camera %s: %s; going on without its pictures", camera.id, error)
        return ()
    return tuple(map(picture_of, history[-1].evidence)) if history else ()


def is_done_with_clip(record: IncidentRecord) -> bool:
    """Whether it names the incident's clip, or none is to come any more."""
    has_ended = record.event in (ChangeKind.CLEARED, ChangeKind.CLOSED)
    return has_ended or any(one.role == ROLE for one in record.evidence)
