"""What a reload changes, one line each, without addresses."""

from pathlib import Path

import pytest

from cvinspect.config.differences import differences
from cvinspect.config.site import Site, load_site

ZONE = "{id: kerb, kind: no_parking, polygon: [[0, 0.5], [1, 0.5], [1, 1]]}"
SITE = f"""\
cameras:
  - {{id: gate, source: 'rtsp://192.0.2.1/1', zones: [{ZONE}]}}
  - {{id: yard, source: 'rtsp://192.0.2.2/1'}}
violations: {{illegal_parking_motor: {{dwell_s: 60}}}}
sinks: [{{type: jsonl, name: archive, path: a.jsonl}}]
"""


def site(folder: Path, text: str) -> Site:
    path = folder / "site.yaml"
    path.write_text(text, encoding="utf-8")
    return load_site(path)


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ("yard,", "yard,", []),
        ("id: yard", "id: lot", ["cameras added: lot", "cameras removed: yard"]),
        ("192.0.2.1", "192.0.2.9", ["camera gate: changed: source"]),
        ("id: gate,", "id: gate, fps: 1,", ["camera gate: changed: fps"]),
        ("[1, 1]", "[0.9, 1]", ["camera gate: zone kerb changed: polygon"]),
        ("no_parking", "waste_point", ["camera gate: zone kerb changed: kind"]),
        ("id: kerb", "id: bay", ["camera gate: zones added: bay", "camera gate: zones removed: kerb"]),
        (
            "dwell_s: 60",
            "dwell_s: 90, hours: ['07:00-22:00']",
            [
                "rule illegal_parking_motor changed: hours, dwell_s from 60 to 90, pre_alarm_s from 12 to 18, "
                "clear_s from 12 to 18, second_picture_s from 30 to 45"
            ],
        ),
        (
            "illegal_parking_motor: {dwell_s: 60}",
            "road_damage: {dwell_s: 60}",
            [
                "rule illegal_parking_motor changed: dwell_s from 60 to 300, pre_alarm_s from 12 to 60, "
                "clear_s from 12 to 60, second_picture_s from 30 to 60",
                "rule road_damage changed: dwell_s from 300 to 60, pre_alarm_s from 60 to 12, clear_s from 60 to 12, "
                "second_picture_s from 60 to 30",
            ],
        ),
        ("path: a.jsonl", "path: b.jsonl", ["sink archive changed: path"]),
        ("name: archive", "name: other", ["sinks added: other", "sinks removed: archive"]),
        ("sinks:", "timezone: Europe/Berlin\nwatch: {fps: 1}\nsinks:", ["changed: watch.fps, timezone"]),
    ],
)  # fmt: skip
def test_each_change_is_told(tmp_path: Path, before: str, after: str, lines: list[str]) -> None:
    old = site(tmp_path, SITE)
    told = differences(old, site(tmp_path, SITE.replace(before, after)))
    assert told == lines
    assert "192.0.2" not in "".join(told)


def test_a_site_that_is_changed_whole_is_told_in_a_few_lines(tmp_path: Path) -> None:
    def many(name: str, fps: int) -> str:
        listed = "\n".join(f"  - {{id: {name}-{n}, source: 'rtsp://192.0.2.1/{n}', fps: {fps}}}" for n in range(200))
        return f"cameras:\n{listed}\n"

    old = site(tmp_path, many("gate", 1))
    assert differences(old, site(tmp_path, many("gate", 2)))[-1] == "and 150 more"
    added, removed = differences(old, site(tmp_path, many("yard", 1)))
    assert added.endswith("yard-9 and 190 more")
    assert removed.startswith("cameras removed: gate-0, gate-1")
