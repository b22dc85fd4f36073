"""Clips of recorded footage: a second look into the file, from which a few seconds are copied."""

from datetime import timedelta
from pathlib import Path

from cvinspect.assembly.masked_clips import ClipMasker, MaskedFootage
from cvinspect.errors import CvinspectError
from cvinspect.evidence import Original, Picture
from cvinspect.evidence.clips import AFTER_S, BEFORE_S, ORIGINALS, Beginning, store_clip
from cvinspect.sources import Source
from cvinspect.sources.decoding.clip_cutter import footage_around
from cvinspect.sources.decoding.packet_ring import Cutting
from cvinspect.sources.recorded.video import VideoSource


class FootageClips:
    """Takes clips around the frame of a video file that was read last."""

    def __init__(
        self,
        path: Path,
        source: VideoSource,
        folder: Path,
        *,
        begins: Beginning | None = None,
        mask: ClipMasker | None = None,
        keep: bool = True,
    ) -> None:
        """`folder` is the output folder, `begins` where the file lies in a recording of many.

        With `mask`, clips are masked and lie beside the pictures; as they were filmed they lie with the originals, if
        those are to `keep`.
        """
        self._mask = mask
        self._keep = keep
        self._path = path
        self._source = source
        self._folder = folder
        self._file_begins = begins or Beginning(source.info.started_at)
        self.missing: list[str] = []
        """Incidents without a clip, one line each, with the reason."""

    @classmethod
    def of(
        cls,
        path: Path,
        source: Source,
        folder: Path,
        *,
        begins: Beginning | None = None,
        mask: ClipMasker | None = None,
        keep: bool = True,
    ) -> "FootageClips | None":
        """None for pictures, of which there is no video."""
        if not isinstance(source, VideoSource):
            return None
        return cls(path, source, folder, begins=begins, mask=mask, keep=keep)

    def take(self, incident_id: str) -> Picture | None:
        """Store the clip of a violation that the last frame proved; None, and noted, where there is none to be had."""
        try:
            return self._taken(incident_id)
        except CvinspectError as error:  # the pictures and the record are worth more
            self.missing.append(f"no clip of incident {incident_id}: {error}")
            return None

    def _taken(self, incident_id: str) -> Picture | None:
        at_s = self._source.presented_s
        cutting = None if at_s is None else footage_around(self._path, at_s, before_s=BEFORE_S, after_s=AFTER_S)
        if cutting is None or at_s is None:
            why = "its times do not name one place in it" if at_s is None else "MP4 cannot hold its video"
            self.missing.append(f"no clip of incident {incident_id}: {why}")
            return None
        begins = self._begins(cutting, at_s)
        if self._mask is None:
            return store_clip(self._folder, incident_id, cutting, begins)
        return self._masked(incident_id, cutting, begins, self._mask)

    def _masked(self, incident_id: str, cutting: Cutting, begins: Beginning, mask: ClipMasker) -> Picture:
        kept = store_clip(self._folder, incident_id, cutting, begins, below=ORIGINALS)
        path = self._folder / kept.uri
        footage = MaskedFootage(path, mask, kept.width, kept.height, cutting.duration_s)
        original = Original(kept.uri, kept.sha256, kept.width, kept.height, kept.bytes)
        named = original if self._keep else None
        is_needed = False
        try:
            clip = store_clip(self._folder, incident_id, footage, begins, original=named)
            is_needed = self._keep
            return clip
        finally:
            if not is_needed:  # no record names it
                path.unlink(missing_ok=True)

    def _begins(self, cutting: Cutting, at_s: float) -> Beginning:
        media_s = self._source.counts.media_s - (at_s - cutting.begins_s)
        begins = self._file_begins
        return Beginning(begins.captured_at + timedelta(seconds=media_s), begins.media_s + media_s)
