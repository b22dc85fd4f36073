"""The ledger (台账) that opens in Excel, and the map."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from cvinspect.records.incident import IncidentRecord
from cvinspect.records.wording import BACKINGS, CLOCKS, REASONS, STATUS
from cvinspect.taxonomy import ZONE_KINDS_ZH

Cell = str | float | None

_FORMULA_STARTS = "=+-@\t\r\n＝＋－＠"
"""A cell that begins so is run as a formula by spreadsheets, full-width signs included."""
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_MANGLED = re.compile(r"\d{12,}|0\d+|\d+([.]\d+)?[eE][+-]?\d+|\d{1,4}[-/]\d{1,2}([-/]\d{1,4})?")
"""Text that spreadsheets rewrite: long or zero-led numbers (grid codes), 12e5, and 5-12 as a date."""


def _time(moment: datetime | None) -> str | None:
    """Local time without offset, which spreadsheets read as a date; the offset has its own column."""
    return moment.strftime("%Y-%m-%d %H:%M:%S") if moment else None


def _code(record: IncidentRecord) -> str | None:
    """In words, since spreadsheets read 05-04 as the fourth of May."""
    return f"大类{record.code.major} 小类{record.code.minor}" if record.code else None


def _pictures(record: IncidentRecord) -> str:
    return " ".join(picture.uri for picture in record.evidence)


_COLUMNS: tuple[tuple[str, Callable[[IncidentRecord], Cell]], ...] = (
    ("事件编号 incident_id", lambda record: _guarded(record.incident_id)),
    ("类别 class", lambda record: _guarded(record.names.zh)),
    ("类别英文 class_en", lambda record: _guarded(record.names.en)),
    ("类别标识 class_id", lambda record: _guarded(record.class_id)),
    ("事件代码 code", _code),
    ("状态 status", lambda record: record.status.value),
    ("状态中文 status_zh", lambda record: STATUS[record.status][0]),
    ("首次发现 first_seen_at", lambda record: _time(record.first_seen_at)),
    ("确认时间 confirmed_at", lambda record: _time(record.confirmed_at)),
    ("最后看见 last_seen_at", lambda record: _time(record.last_seen_at)),
    ("清除时间 cleared_at", lambda record: _time(record.cleared_at)),
    ("时区 time_zone", lambda record: f"UTC{record.first_seen_at.isoformat()[-6:]}"),
    ("时间依据 clock", lambda record: record.clock),
    ("时间依据中文 clock_zh", lambda record: CLOCKS[record.clock][0]),
    ("停留秒数 dwell_s", lambda record: record.dwell_s),
    ("阈值秒数 dwell_threshold_s", lambda record: record.dwell_threshold_s),
    ("摄像机 camera_id", lambda record: _guarded(record.camera.id)),
    ("国标编号 device_gbid", lambda record: _guarded(record.camera.device_gbid)),
    ("地址 address", lambda record: _guarded(record.location.address)),
    ("单元网格 grid_code", lambda record: _guarded(record.location.grid_code)),
    ("道路 road_id", lambda record: _guarded(record.location.road_id)),
    ("经度 lon", lambda record: record.location.lon),
    ("纬度 lat", lambda record: record.location.lat),
    ("区域 zone_id", lambda record: _guarded(record.zone.id)),
    ("区域类型 zone_kind", lambda record: _guarded(record.zone.kind)),
    ("区域类型中文 zone_kind_zh", lambda record: ZONE_KINDS_ZH.get(record.zone.kind)),
    ("置信度 confidence", lambda record: record.confidence),
    ("标签依据 backing", lambda record: record.backing),
    ("标签依据中文 backing_zh", lambda record: BACKINGS[record.backing][0]),
    ("目标数 objects", lambda record: len(record.objects)),
    ("重复于 duplicate_of", lambda record: _guarded(record.duplicate_of)),
    ("复发自 recurrence_of", lambda record: _guarded(record.recurrence_of)),
    ("证据图片 evidence", lambda record: _guarded(_pictures(record))),
    ("视频文件 source", lambda record: _guarded(record.source)),
    (
        "视频内首次发现秒 media_first_seen_s",
        lambda record: record.media.first_seen_s if record.media else None,
    ),
    ("修订 revision", lambda record: record.revision),
    ("审核结论(确认/驳回) review", lambda record: _guarded(record.review)),
    ("审核人 reviewer", lambda _: None),
    ("备注 remarks", lambda _: None),
    ("看见秒数 seen_s", lambda record: record.seen_s),
    ("未看见秒数 unseen_s", lambda record: record.unseen_s),
    ("不计秒数 uncounted_s", lambda record: record.uncounted_s),
    ("重开次数 reopenings", lambda record: record.reopenings),
    ("原因 reason", lambda record: _guarded(record.reason)),
    ("原因中文 reason_zh", lambda record: REASONS.get(record.reason or "")),
    ("视角 view", lambda record: _guarded(record.view)),
)


_FLAT = (
    "incident_id",
    "revision",
    "class_id",
    "stage",
    "status",
    "first_seen_at",
    "confirmed_at",
    "last_seen_at",
    "cleared_at",
    "dwell_s",
    "dwell_threshold_s",
    "confidence",
    "backing",
    "recurrence_of",
    "duplicate_of",
    "clock",
    "source",
    "seen_s",
    "unseen_s",
    "uncounted_s",
    "reopenings",
    "reason",
    "view",
)
"""Fields of a record that go to the map as they are."""


def ledger_csv(records: Iterable[IncidentRecord]) -> str:
    """One row for each record, CRLF, bilingual header; write it with a byte-order mark for Excel."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(header for header, _ in _COLUMNS)
    writer.writerows([cell(record) for _, cell in _COLUMNS] for record in records)
    return text.getvalue()


def geojson(records: Iterable[IncidentRecord]) -> str:
    """A FeatureCollection (RFC 7946); an incident of a camera without a position has a null geometry."""
    collection = {"type": "FeatureCollection", "features": [_feature(record) for record in records]}
    return json.dumps(collection, ensure_ascii=False, indent=1) + "\n"


def _guarded(text: str | None) -> str | None:
    """The text so that no spreadsheet runs or rewrites it: a leading apostrophe where it would."""
    if not text:
        return text
    if _MANGLED.fullmatch(text):
        return f"'{text}"
    if text[0] in _FORMULA_STARTS and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def _feature(record: IncidentRecord) -> dict[str, Any]:
    lon, lat = record.location.lon, record.location.lat
    located = lon is not None and lat is not None
    return {
        "type": "Feature",
        "id": record.incident_id,
        "geometry": {"type": "Point", "coordinates": [lon, lat]} if located else None,
        "properties": _properties(record),
    }


def _properties(record: IncidentRecord) -> dict[str, Any]:
    whole = record.model_dump(mode="json", by_alias=True)
    return {
        **{key: whole[key] for key in _FLAT},
        "name_zh": record.names.zh,
        "name_en": record.names.en,
        "code": record.code and f"{record.code.major}-{record.code.minor}",
        "camera_id": record.camera.id,
        "address": record.location.address,
        "grid_code": record.location.grid_code,
        "zone_id": record.zone.id,
        "zone_kind": record.zone.kind,
        "evidence": _pictures(record),
    }
