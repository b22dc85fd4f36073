"""Evidence over HTTP: the pictures below one folder, and nothing else of the machine."""

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated, BinaryIO

from fastapi import APIRouter, Header, Query
from fastapi.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from cvinspect.api.masked_clips import FOLDER as MASKED
from cvinspect.api.masked_clips import MaskedClips
from cvinspect.api.problems import ApiError
from cvinspect.api.ranges import NoSuchPart, Part, part_of

FOLDER = "evidence"
"""What the addresses of pictures in records begin with; also the address below which they are served."""

_ORIGINALS = "original"
"""Below it lie the untouched pictures, with every face in them."""

_MEDIA_TYPES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".mp4": "video/mp4",
}
"""What is served; half-written files and anything else that may lie there is not."""

_CLIP = _MEDIA_TYPES[".mp4"]
_AS_THEY_ARE = (_ORIGINALS, MASKED)
"""Folders of clips that are not masked for whoever asks: because that is allowed, because they are."""

_CHUNK_BYTES = 65_536

_AS_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_AS_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
"""No link is followed; a pipe is not waited for."""


@dataclass(frozen=True, slots=True)
class Exhibit:
    """An open file; whoever has it closes it."""

    file: BinaryIO
    size_bytes: int
    sha256: str
    """Of its bytes as they are on disk now, lower-case hexadecimal."""


def evidence_routes(folder: Path, *, clips: MaskedClips | None = None, originals: bool = False) -> APIRouter:
    """The pictures below `folder`, which is what addresses in records are relative to.

    `clips` masks those that are asked for; None: there are none. `originals`: whether what shows faces is served.
    """
    router = APIRouter(tags=["evidence"])

    @router.get(
        f"/{FOLDER}/{{path:path}}",
        response_class=Response,
        responses={
            200: {
                "description": "The file; its ETag is its SHA-256, which of a picture stands in the record.",
                "content": {media_type: {} for media_type in dict.fromkeys(_MEDIA_TYPES.values())},
            },
            206: {
                "description": "The part of the file that `Range` asks for.",
                "content": {media_type: {} for media_type in dict.fromkeys(_MEDIA_TYPES.values())},
            },
            304: {"description": "The file is the one that the client has."},
            403: {"description": "An untouched original, and `watch.api.originals` does not allow it."},
            404: {"description": "There is no such picture."},
            416: {"description": "The file ends before the part that `Range` asks for."},
        },
    )
    def picture(
        path: str,
        if_none_match: Annotated[str | None, Header()] = None,
        range_: Annotated[str | None, Header(alias="range")] = None,
        if_range: Annotated[str | None, Header()] = None,
        original: Annotated[bool, Query(description="A clip as the camera sent it, where that is allowed.")] = False,
    ) -> Response:
        """A picture or clip: `/` and its `uri` in a record is its address.

        Clips come masked; the first who asks for one waits until that is done. Untouched originals are not served
        unless the configuration allows it.
        """
        top = path.split("/", maxsplit=1)[0]
        if not originals and (original or top == _ORIGINALS):
            raise ApiError(403, "untouched originals show faces and plates; they stay on the machine")
        media_type = _media_type(path)
        exhibit = open_exhibit(folder / FOLDER, path)
        if exhibit is not None and media_type == _CLIP and not original and top not in _AS_THEY_ARE:
            exhibit = _masked(folder / FOLDER, path, exhibit, clips)
        if exhibit is None:
            raise _nothing(path)
        etag = f'"{exhibit.sha256}"'
        headers = {"etag": etag, "cache-control": "private, no-cache", "accept-ranges": "bytes"}
        if _has_it(if_none_match, exhibit.sha256):
            exhibit.file.close()
            return Response(status_code=304, headers=headers)
        try:
            part = part_of(exhibit.size_bytes, range_, if_range=if_range, etag=etag)
        except NoSuchPart:
            exhibit.file.close()
            raise _beyond(path, exhibit.size_bytes) from None
        return _ExhibitResponse(exhibit, part, headers=headers, media_type=media_type)

    return router


def open_exhibit(root: Path, path: str) -> Exhibit | None:
    """The regular file `path` below `root`, step by step without following a link; None where there is none."""
    parts = path.split("/")
    if any(part in ("", ".", "..") for part in parts):
        return None
    try:
        with _folder(root, parts[:-1]) as parent:
            opened = os.open(parts[-1], _AS_FILE, dir_fd=parent)
    except (OSError, ValueError):  # the latter for letters that no name has
        return None
    if not stat.S_ISREG(os.fstat(opened).st_mode):
        os.close(opened)
        return None
    file = os.fdopen(opened, "rb")
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Exhibit(file, file.tell(), digest)


def _masked(root: Path, path: str, clip: Exhibit, clips: MaskedClips | None) -> Exhibit | None:
    clip.file.close()
    if clips is None:
        raise ApiError(503, "nothing masks clips here, so none are served")
    return open_exhibit(root, clips.of(path))


@contextmanager
def _folder(root: Path, parts: list[str]) -> Iterator[int]:
    here = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)  # the root itself may be a link
    try:
        for part in parts:
            below = os.open(part, _AS_FOLDER, dir_fd=here)
            os.close(here)
            here = below
        yield here
    finally:
        os.close(here)


def _media_type(path: str) -> str:
    name = PurePosixPath(path)
    if name.name.startswith(".") or name.suffix.lower() not in _MEDIA_TYPES:
        raise _nothing(path)
    return _MEDIA_TYPES[name.suffix.lower()]


def _nothing(path: str) -> ApiError:
    return ApiError(404, f"{FOLDER}/{path[:200]}: there is no such picture")


def _beyond(path: str, size_bytes: int) -> ApiError:
    says = f"{FOLDER}/{path[:200]}: has {size_bytes} bytes, and none of those that were asked for"
    return ApiError(416, says, content_range=f"bytes */{size_bytes}")


def _has_it(if_none_match: str | None, sha256: str) -> bool:
    tags = [tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")]
    return "*" in tags or f'"{sha256}"' in tags


class _ExhibitResponse(StreamingResponse):
    """Closes the file whatever becomes of the client: one who leaves in the middle ends no generator."""

    def __init__(self, exhibit: Exhibit, part: Part | None, *, headers: Mapping[str, str], media_type: str) -> None:
        status = 200 if part is None else 206
        told = {} if part is None else {"content-range": part.content_range(exhibit.size_bytes)}
        whole = part or Part(0, exhibit.size_bytes - 1)
        told["content-length"] = str(whole.size_bytes)
        super().__init__(_chunks(exhibit, whole), status, headers={**headers, **told}, media_type=media_type)
        self._file = exhibit.file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        with self._file:
            await super().__call__(scope, receive, send)


def _chunks(exhibit: Exhibit, part: Part) -> Iterator[bytes]:
    """No more bytes than were hashed, even where the file has grown since."""
    exhibit.file.seek(part.first)
    left = part.size_bytes
    while left > 0 and (chunk := exhibit.file.read(min(_CHUNK_BYTES, left))):
        left -= len(chunk)
        yield chunk
