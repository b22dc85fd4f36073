"""Open311 GeoReport v2: a violation that opens becomes a service request.

Source: http://wiki.open311.org/GeoReport_v2/, "POST Service Request". The interface can create requests and be asked
about them, but not change them, so only `opened` events create one; all others are passed over.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from cvinspect.dispatch import Answer
from cvinspect.dispatch.answers import UnreadableAnswerError, document
from cvinspect.dispatch.cloudevents import CloudEvent
from cvinspect.dispatch.http import HttpSender, Reply
from cvinspect.dispatch.secrets import checked_url
from cvinspect.domain import ChangeKind
from cvinspect.errors import DeliveryDelayed, DeliveryRejected
from cvinspect.records.incident import IncidentRecord

_LONGEST = 4000
"""Letters of a description."""

_PICTURES = ("panorama", "closeup", "mosaic")
"""The one picture that fits into a request, the most telling first."""

_IDS = ("service_request_id", "token")

_REQUEST_KEYS = frozenset({*_IDS, "service_notice", "account_id"})
"""All that GeoReport knows of a request that was created; what says anything else and has no id is none."""

_LONGEST_ID = 500
"""Letters."""

_FORM = "application/x-www-form-urlencoded; charset=UTF-8"


@dataclass(frozen=True, slots=True)
class Platform:
    """What a platform that speaks Open311 asks for."""

    service_codes: Mapping[str, str | None]
    """The code of each violation class; None: not for this platform."""
    jurisdiction_id: str | None = None
    evidence_url: str | None = None
    """Where the evidence folder can be read from."""
    attributes: Mapping[str, str] = field(default_factory=dict)
    """What its services ask for besides."""


class Open311:
    """A sink that keeps the request's id or token as the incident's receipt."""

    def __init__(
        self,
        name: str,
        url: str,
        *,
        platform: Platform,
        api_key: str | None,
        seconds: Callable[[], float],
        now: Callable[[], datetime],
        ca_file: Path | None = None,
        read_s: float = 10.0,
    ) -> None:
        """`url`: the endpoint, to which `/requests.json` is added. Raises ConfigError for a faulty one."""
        self.name = name
        self._platform = platform
        self._api_key = api_key
        address = checked_url(f"{url.rstrip('/')}/requests.json", carries_secret=api_key is not None)
        secrets = () if api_key is None else (api_key,)
        self._sender = HttpSender(address, seconds=seconds, now=now, secrets=secrets, ca_file=ca_file, read_s=read_s)

    def deliver(self, event: CloudEvent, *, receipt: str | None) -> Answer:
        """Create the request of an incident that has none; raises DeliveryDelayed or DeliveryRejected."""
        record = event.record
        code = self._code(record)
        if record.event is not ChangeKind.OPENED or code is None:
            return Answer(taken=False)
        if receipt is not None:
            return Answer(receipt=receipt)
        reply = self._sender.post(self._form(record, code), {"content-type": _FORM})
        return Answer(receipt=self._receipt(reply))

    def close(self) -> None:
        """Release the connections; safe to call twice."""
        self._sender.close()

    def _code(self, record: IncidentRecord) -> str | None:
        if record.class_id not in self._platform.service_codes and record.event is ChangeKind.OPENED:
            raise DeliveryRejected(
                f"service_codes: has no code for {record.class_id}; give one, or null to leave it out"
            )
        return self._platform.service_codes.get(record.class_id)

    def _form(self, record: IncidentRecord, code: str) -> bytes:
        fields = {
            "jurisdiction_id": self._platform.jurisdiction_id,
            "api_key": self._api_key,
            "service_code": code,
            **_place(record),
            "description": description(record),
            "device_id": record.camera.device_gbid or record.camera.id,
            "media_url": self._media_url(record),
            **{f"attribute[{name}]": value for name, value in self._platform.attributes.items()},
        }
        return urlencode({name: value for name, value in fields.items() if value is not None}).encode()

    def _media_url(self, record: IncidentRecord) -> str | None:
        if self._platform.evidence_url is None:
            return None
        found = {picture.role: picture.uri for picture in reversed(record.evidence)}
        uri = next((found[role] for role in _PICTURES if role in found), None)
        return None if uri is None else f"{self._platform.evidence_url.rstrip('/')}/{quote(uri)}"

    def _receipt(self, reply: Reply) -> str:
        """The request's id or its token; `none` from a platform that gives neither, as GeoReport allows.

        Never raises anything but DeliveryRejected and, where the platform says that it did not take it,
        DeliveryDelayed: there may be a request, and posting again would make another.
        """
        try:
            answer = document(reply.body)
        except UnreadableAnswerError:
            answer = None
        first = answer[0] if isinstance(answer, list) and answer else None
        if not isinstance(first, dict):
            raise self._unclear(reply, "not with a list of requests")
        given = [(key, first[key]) for key in _IDS if first.get(key)]
        if given:
            key, found = given[0]
            if not _is_id(found):
                raise self._unclear(reply, f"with a {key} that is no plain text or number of {_LONGEST_ID} letters")
            return f"{key}={found}"
        if "code" in first or "description" in first:
            raise self._refusal(reply, first.get("code"))
        if not first.keys() <= _REQUEST_KEYS:
            raise self._unclear(reply, "not with a list of requests")
        return "none"

    def _refusal(self, reply: Reply, code: Any) -> DeliveryDelayed | DeliveryRejected:  # noqa: ANN401
        """Its error list, under whatever status; the code in it is one of HTTP's."""
        line = f"{self._sender.place}: answered {reply.status}, but with an error: {self._sender.said(reply)}"
        if re.fullmatch(r"408|425|429|5[0-9][0-9]", _short(code)):
            return DeliveryDelayed(line, one_event=True)
        return DeliveryRejected(line)

    def _unclear(self, reply: Reply, how: str) -> DeliveryRejected:
        return DeliveryRejected(
            f"{self._sender.place}: answered {reply.status}, but {how}; look there before you replay, or there may be "
            "two"
        )


def _short(code: Any) -> str:  # noqa: ANN401
    return str(code)[:4] if isinstance(code, int | str) else ""


def _is_id(found: Any) -> bool:  # noqa: ANN401
    """Whether it can be kept and shown: neither NUL nor half a letter, no number that is none."""
    if isinstance(found, bool) or not isinstance(found, int | str):
        return False
    text = str(found)
    return len(text) <= _LONGEST_ID and text.isprintable() and not text.isspace()


def description(record: IncidentRecord) -> str:
    """What a person at the platform reads, at most 4000 letters."""
    lines = (
        f"{record.names.zh} {record.names.en}",
        f"时间 since {record.first_seen_at.isoformat(timespec='seconds')}",
        f"地点 at {record.location.address}" if record.location.address else None,
        f"单元网格 cell grid {record.location.grid_code}" if record.location.grid_code else None,
        f"摄像机 camera {record.camera.id}, 区域 zone {record.zone.id}",
        f"事件 incident {record.incident_id}, 置信度 confidence {record.confidence:.2f}",
        f"复发自 came back after {record.recurrence_of}" if record.recurrence_of else None,
    )
    text = "\n".join(line for line in lines if line is not None)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _place(record: IncidentRecord) -> dict[str, str]:
    """Position and address; GeoReport needs one of them."""
    place = record.location
    found = {}
    if place.lat is not None and place.lon is not None:
        found = {"lat": f"{place.lat:.7f}", "long": f"{place.lon:.7f}"}
    if place.address:
        found["address_string"] = place.address
    if not found:
        raise DeliveryRejected(
            f"camera {record.camera.id}: has neither position nor address, of which Open311 needs one"
        )
    return found
