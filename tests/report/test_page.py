"""The page: whole without the network, safe with hostile names, plain when there is nothing to show."""

import re
from dataclasses import asdict
from html.parser import HTMLParser
from pathlib import Path
from typing import Literal

import pytest

from cvinspect.domain import Camera, Change, ChangeKind, Location, Stage, Status
from cvinspect.errors import DeliveryError
from cvinspect.evidence.snapshots import Snapshots
from cvinspect.records.incident import IncidentRecord, RecordContext
from cvinspect.records.parts import EvidencePart, NamesPart
from cvinspect.records.summary import (
    ClassSummary,
    ConfigSummary,
    InputSummary,
    MeasuredLabel,
    MeasuredShare,
    ModelSummary,
    RunSummary,
)
from cvinspect.report.page import render, write_report
from tests.incident_makers import CAMERA, SHANGHAI, START, a_frame, an_incident, at

CONTEXT = RecordContext(SHANGHAI, "container", "kerb.mp4", "street-26n", "a" * 64, "b" * 64)
PARKING = NamesPart(zh="机动车乱停放", en="Illegal parking")
ROAD = NamesPart(zh="道路破损", en="Road damage")

CARS = MeasuredLabel(
    label="motor_vehicle",
    by="quick",
    boxes=15,
    precision=MeasuredShare(value=0.8, low=0.491, high=0.94),
    recall=MeasuredShare(value=0.533, low=0.3, high=0.75),
    on_trial=False,
)
STALLS = MeasuredLabel(
    label="vendor_stall",
    by="both",
    boxes=9,
    precision=MeasuredShare(value=None, low=0.0, high=1.0),
    recall=MeasuredShare(value=0.0, low=0.0, high=0.299),
    on_trial=True,
)
LAUNDRY = MeasuredLabel(label="hanging_laundry", by="quick", boxes=0, precision=None, recall=None, on_trial=True)


class Page(HTMLParser):
    """What a page would fetch or run, its text, and whether its elements close in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: list[str] = []
        self.words = ""
        self.open: list[str] = []
        self.broken = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href")]
        self.broken += "".join(name for name, _ in attrs if name.startswith("on"))
        if tag not in ("meta", "img", "link", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.broken += f"</{tag}>"

    def handle_data(self, data: str) -> None:
        self.words += data


def record(camera: Camera = CAMERA, *, evidence: tuple[EvidencePart, ...] = (), **given: object) -> IncidentRecord:
    return IncidentRecord.from_incident(
        an_incident(**given), ChangeKind.OPENED, camera, backing="synthetic", evidence=evidence, context=CONTEXT
    )


def summary(
    incidents: int = 0,
    *,
    clock: Literal["container", "file"] = "container",
    name: str = "kerb.mp4",
    state: Literal["done", "interrupted", "failed"] = "done",
) -> RunSummary:
    return RunSummary.build(
        version="0.1.0",
        started_at=START,
        state=state,
        model=ModelSummary(name="street-26n", sha256="a" * 64),
        config=ConfigSummary(path=None, sha256="b" * 64),
        inputs=[
            InputSummary(name=name, path=f"/f/{name}", camera="kerb-01", kind="video", state="done", clock=clock,
                         width=640, height=360, codec="h264", duration_s=20.0, frames_read=600, frames_sampled=60,
                         frames_broken=2, media_s=20.0, elapsed_s=4.0, started_at=START),
            InputSummary(name="b.mp4", path="/f/b.mp4", camera="gate", kind=None, state="failed", error="b.mp4: empty"),
        ],
        classes=[
            ClassSummary(
                id="illegal_parking_motor", names=PARKING, backing="synthetic", incidents=incidents, measured=(CARS,)
            ),
            ClassSummary(id="road_damage", names=ROAD, backing="none"),
        ],
        elapsed_s=5.0,
    )  # fmt: skip


def photographed(folder: Path, **given: object) -> IncidentRecord:
    incident = an_incident(**given)
    snapshots = Snapshots(folder, timezone=SHANGHAI)
    pictures = snapshots.take(Change(ChangeKind.OPENED, incident, a_frame()), CAMERA)
    return record(evidence=tuple(EvidencePart(**asdict(picture)) for picture in pictures), **given)


def page(folder: Path, run: RunSummary, *incidents: IncidentRecord, **given: list[IncidentRecord]) -> Page:
    return Page(render(run, folder=folder, incidents=incidents, **given))


def test_the_page_needs_nothing_from_elsewhere(tmp_path: Path) -> None:
    write_report(tmp_path / "report.html", summary(1), incidents=[photographed(tmp_path)])
    shown = Page((tmp_path / "report.html").read_text("utf-8"))
    images = [link for link in shown.links if link.startswith("data:image/jpeg;base64,")]
    others = sorted(set(shown.links) - set(images))
    assert (len(images), shown.broken, shown.open) == (2, "", [])
    assert others == [
        "#i-inc-1",
        "#incidents",
        "evidence/inc-1_closeup_1.jpg",
        "evidence/inc-1_panorama_1.jpg",
        "incidents.csv",
        "incidents.geojson",
        "incidents.jsonl",
        "pre_alarms.jsonl",
        "summary.json",
    ]
    assert re.search(r"https?://", (tmp_path / "report.html").read_text("utf-8")) is None


def test_a_clip_is_shown_from_its_file_and_nothing_of_it_is_embedded(tmp_path: Path) -> None:
    incident = photographed(tmp_path)
    clip = incident.evidence[0].model_copy(
        update={"role": "clip", "uri": "evidence/inc-1_clip_1.mp4", "original": None, "duration_s": 6.5}
    )
    text = render(summary(1), folder=tmp_path, incidents=[incident.model_copy(update={"evidence": (clip,)})])
    assert re.search(r"""<video src="evidence/inc-1_clip_1.mp4" .*controls.*></video>""", text)
    assert "6.5 s" in text
    assert "media-src 'self' file:" in text
    assert "data:video" not in text
    assert "could not be read" not in text
    shown = Page(text)
    assert (shown.broken, shown.open) == ("", [])


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    evil = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'
    camera = Camera(evil, Location(address=evil))
    shown = page(tmp_path, summary(1, name=evil), record(camera, id='"><script>x</script>'))
    assert (shown.tags.count("script"), shown.broken, shown.open) == (1, "", [])
    assert evil in shown.words


def test_an_incident_is_told_in_both_languages(tmp_path: Path) -> None:
    shown = page(
        tmp_path, summary(1), record(status=Status.CLEARED, cleared=at(20), related=("road_damage", "unknown_class"))
    )
    words = " ".join(shown.words.split())
    told = [
        "机动车乱停放 Illegal parking",
        "已清除 Cleared",
        "精确率 precision 80 % (49–94) · 召回率 recall 53 % (30–75) · n 15",
        "首次发现 First seen 2026-11-21 10:00:02 +08:00▸ 0:02.0",
        "确认清除 Cleared 2026-11-21 10:00:20 +08:00▸ 0:20.0",
        "停留 Dwell 8.0 s / 阈值 threshold 5.0 s",
        "人民路18号 18 Renmin Road",
        "kerb-1 机动车禁停区 no_parking",
        "并入 Also道路破损 Road damage, unknown_class",
        "编号 ID inc-1",
    ]
    assert [line for line in told if line not in words] == []


def test_no_violation_is_said_plainly_and_what_was_read_is_still_shown(tmp_path: Path) -> None:
    words = page(tmp_path, summary()).words
    assert [
        part for part in ("未发现违规", "No violation found", "kerb.mp4", "b.mp4: empty") if part not in words
    ] == []


def test_classes_that_the_model_cannot_see_are_named(tmp_path: Path) -> None:
    words = " ".join(page(tmp_path, summary()).words.split())
    assert "道路破损 Road damage 本模型不支持 not backed by this model –" in words


@pytest.mark.parametrize(("clock", "warned"), [("file", True), ("container", False)])
def test_guessed_times_are_warned_of(tmp_path: Path, clock: Literal["container", "file"], warned: bool) -> None:
    assert ("Times are a guess" in page(tmp_path, summary(clock=clock)).words) is warned


@pytest.mark.parametrize(("state", "warned"), [("interrupted", True), ("done", False)])
def test_an_interrupted_run_is_called_incomplete(
    tmp_path: Path, state: Literal["interrupted", "done"], warned: bool
) -> None:
    assert ("the results are incomplete" in page(tmp_path, summary(state=state)).words) is warned


def test_pre_alarms_and_withdrawn_ones_are_kept_apart(tmp_path: Path) -> None:
    lapsed = record(id="p", stage=Stage.PRE_ALARM, status=Status.CLOSED, confirmed=None, revision=0)
    duplicate = record(id="d", status=Status.CLOSED, duplicate_of="inc-1")
    shown = page(tmp_path, summary(1), record(), duplicate, pre_alarms=[lapsed])
    words = " ".join(shown.words.split())
    assert (shown.tags.count("details"), shown.tags.count("article")) == (2, 3)
    assert "未转为违规的预警 Pre-alarms that never became a violation · 1" in words
    assert "已撤销或重复 Withdrawn or duplicate · 1" in words


def test_many_incidents_link_their_pictures(tmp_path: Path) -> None:
    few = photographed(tmp_path)
    shown = page(tmp_path, summary(201), *[few.model_copy(update={"incident_id": f"i{n}"}) for n in range(201)])
    assert ([link for link in shown.links if link.startswith("data:")], "Pictures are linked" in shown.words) == (
        [],
        True,
    )


def test_a_picture_that_is_gone_is_counted(tmp_path: Path) -> None:
    taken = photographed(tmp_path)
    (tmp_path / taken.evidence[0].uri).unlink()
    (tmp_path / taken.evidence[1].uri).write_bytes(b"no picture")
    assert "2 张证据图片无法读取" in page(tmp_path, summary(1), taken).words


def test_a_page_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match=r"gone/report\.html: cannot be written: No such file"):
        write_report(tmp_path / "gone" / "report.html", summary(), incidents=[])


def with_measured(run: RunSummary, *measured: MeasuredLabel) -> RunSummary:
    parking, *others = run.classes
    return run.model_copy(update={"classes": (parking.model_copy(update={"measured": measured}), *others)})


def words_of(folder: Path, run: RunSummary, *incidents: IncidentRecord) -> str:
    return " ".join(page(folder, run, *incidents).words.split())


def test_a_class_tells_how_well_it_is_seen_and_which_of_its_labels_are_on_trial(tmp_path: Path) -> None:
    words = words_of(tmp_path, with_measured(summary(), CARS, STALLS, LAUNDRY))
    told = [
        "机动车 motor_vehicle: 精确率 precision 80 % (49–94) · 召回率 recall 53 % (30–75) · n 15",
        "摊位 vendor_stall: 试验性 on trial · 精确率 precision – · 召回率 recall 0 % (0–30) · n 9",
        "晾挂衣物 hanging_laundry: 试验性 on trial · 未测 not measured",
    ]
    assert [line for line in told if line not in words] == []
    assert "下列类别为试验性" not in words  # one of its labels is seen well enough
    assert "下列类别为试验性" in words_of(tmp_path, with_measured(summary(), STALLS, LAUNDRY))
    assert "合成数据" not in words
    assert "both networks together" in render(with_measured(summary(), STALLS), folder=tmp_path, incidents=[])


def test_an_incident_tells_how_well_its_own_label_is_seen(tmp_path: Path) -> None:
    words = words_of(tmp_path, with_measured(summary(1), STALLS, CARS), record())
    [incident] = re.findall(r"1机动车乱停放 Illegal parking .*? 编号", words)
    assert "召回率 recall 53 % (30–75) · n 15" in incident
    assert "试验性" not in incident
    unknown = words_of(tmp_path, with_measured(summary(1), STALLS), record())
    [incident] = re.findall(r"1机动车乱停放 Illegal parking .*? 编号", unknown)
    assert "试验性 on trial · 未测 not measured" in incident


def test_of_a_class_that_was_raised_nobody_says_that_it_cannot_be_seen(tmp_path: Path) -> None:
    def run(incidents: int, pre_alarms: int = 0) -> RunSummary:
        road = ClassSummary(id="road_damage", names=ROAD, backing="none", incidents=incidents, pre_alarms=pre_alarms)
        given = summary()
        return RunSummary.build(
            version="0.1.0", started_at=START, state="done", model=given.model, config=given.config,
            inputs=given.inputs, classes=[road], elapsed_s=5.0,
        )  # fmt: skip

    assert run(0).unbacked_classes == ("road_damage",)
    assert "本模型不支持" in words_of(tmp_path, run(0))
    for raised in (run(1), run(0, 1)):
        assert (raised.unbacked_classes, raised.classes[0].judged) == ((), True)
        words = words_of(tmp_path, raised)
        assert "本模型不支持" not in words
        assert "试验性 on trial · 未测 not measured" in words
