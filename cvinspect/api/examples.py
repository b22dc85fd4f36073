"""What answers look like, for the published description; a test holds them against the models."""

from typing import Any

INCIDENT_ID = "5b0a8a53-9d6e-5a0f-8f0e-2f4c2f6a1f0b"

RECORD: dict[str, Any] = {
    "schema": "cvinspect.incident/v2",
    "incident_id": INCIDENT_ID,
    "revision": 1,
    "event": "opened",
    "class_id": "illegal_parking_motor",
    "names": {"zh": "机动车乱停放", "en": "Illegal parking of motor vehicles"},
    "code": {"major": "05", "minor": "05"},
    "stage": "violation",
    "status": "open",
    "first_seen_at": "2026-11-21T10:00:02.000+08:00",
    "confirmed_at": "2026-11-21T10:05:02.000+08:00",
    "last_seen_at": "2026-11-21T10:05:02.000+08:00",
    "cleared_at": None,
    "dwell_s": 300.0,
    "dwell_threshold_s": 300.0,
    "camera": {"id": "kerb-01", "device_gbid": "34020000001320000001"},
    "location": {
        "lon": 121.4737,
        "lat": 31.2304,
        "crs": "WGS-84",
        "address": "人民路18号",
        "grid_code": "310101001002003",
        "road_id": None,
    },
    "zone": {"id": "kerb-1", "kind": "no_parking"},
    "objects": [{"label": "motor_vehicle", "confidence": 0.8765, "box": [100.0, 60.0, 180.0, 120.0], "track": 3}],
    "evidence": [
        {
            "role": "panorama",
            "uri": "evidence/kerb-01-panorama.jpg",
            "sha256": "c" * 64,
            "captured_at": "2026-11-21T10:05:02.000+08:00",
            "media_s": None,
            "width": 1920,
            "height": 1140,
            "bytes": 412_345,
            "original": None,
            "duration_s": None,
        }
    ],
    "confidence": 0.9124,
    "backing": "real",
    "model": {"name": "street-26n", "sha256": "a" * 64},
    "config_sha256": "b" * 64,
    "recurrence_of": None,
    "duplicate_of": None,
    "related": [],
    "review": None,
    "clock": "given",
    "media": None,
    "source": "kerb-01",
    "view": None,
    "seen_by": {"quick": 0.9124},
    "careful_model": None,
    "reason": None,
    "seen_s": 288.0,
    "unseen_s": 12.0,
    "uncounted_s": 0.0,
    "reopenings": 0,
}

WORD: dict[str, Any] = {"status": "resolved", "by_whom": "街道中队 3", "why": "The vehicle was towed."}

NOTE: dict[str, Any] = {**WORD, "at": "2026-11-21T03:10:00Z"}

INCIDENT: dict[str, Any] = {
    "incident": RECORD,
    "history": [
        {"revision": 0, "event": "pre_alarm", "recorded_at": "2026-11-21T02:01:02Z"},
        {"revision": 1, "event": "opened", "recorded_at": "2026-11-21T02:05:02Z"},
    ],
    "notes": [NOTE],
}

PAGE: dict[str, Any] = {"total": 1, "next": None, "incidents": [RECORD]}

CAMERA: dict[str, Any] = {
    "id": "kerb-01",
    "states": [{"state": "up", "since": "2026-11-21T02:00:00Z", "detail": None}],
    "frames_read": 25_000,
    "frames_sampled": 2_000,
    "frames_inspected": 1_990,
    "drops": {"overtaken": 10},
    "connections": 2,
    "failures": {"stalled": 1},
    "lag_s": 0.4,
    "drift": 0.00002,
    "sampling": "key frames only: its key frames are 2 s apart, samples 4 s apart are enough",
    "gate": {"left_out": 5120, "audited": 256, "missed": 1},
    "last_frame_at": "2026-11-21T03:00:00Z",
    "inference": {"count": 1_990, "total_s": 79.6, "longest_s": 0.31},
    "careful": {
        "cost": {"count": 120, "total_s": 42.0, "longest_s": 0.5},
        "on_patrol": 96,
        "planned_s": 50.0,
        "longest_wait_s": 54.0,
    },
    "incidents": {"illegal_parking_motor": 3},
    "doubted": {"illegal_advertising": 1},
    "standing": 1,
    "unrecorded": 0,
    "view": "north",
    "judged_s": 3_300.0,
    "unjudged_s": {"moving": 240.0, "gap": 60.0},
}

HEALTH: dict[str, Any] = {
    "status": "ok",
    "version": "0.1.0",
    "uptime_s": 3600.0,
    "camera_states": {"up": 1},
    "cameras": {"kerb-01": ["up"]},
    "trouble": None,
    "reload_error": None,
    "config_sha256": "b" * 64,
}

READY: dict[str, Any] = {"status": "ready"}

PROBLEM: dict[str, Any] = {
    "type": "about:blank",
    "title": "Not Found",
    "status": 404,
    "detail": "incident 3f8c: is not known",
}


def shown(example: dict[str, Any]) -> dict[str, Any]:
    """What a model adds to its schema."""
    return {"examples": [example]}
