"""Masking in the daemon: of pictures as they are kept, of clips as they are asked for."""

import logging
from collections.abc import Callable
from pathlib import Path

from cvinspect.assembly.masked_clips import ClipMasker
from cvinspect.assembly.masking import Masking, opened_masking
from cvinspect.assembly.models import Model
from cvinspect.errors import DeliveryDelayed

_LOG = logging.getLogger(__name__)


def opened_and_told() -> Masking:
    """Ready to mask; what it cannot mask is told in the log. Raises ModelError."""
    masking = opened_masking()
    for note in masking.notes:
        _LOG.warning("%s", note)
    return masking


def clip_masker(model: Model, masking: Masking, *, may_keep: Callable[[], bool]) -> Callable[[Path, Path], None]:
    """Masks a clip into another file, while the disk has room: `may_keep`. The network is opened at the first one."""
    mask = ClipMasker(model.detector(load_now=False), masking)

    def masked(clip: Path, target: Path) -> None:
        if not may_keep():
            raise DeliveryDelayed("the disk has no room for a masked clip")
        mask(clip, target)

    return masked
