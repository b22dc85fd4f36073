"""The page about accuracy: whole without the network, safe with hostile names, plain when there is nothing to show."""

import re
from dataclasses import replace
from html.parser import HTMLParser

from cvinspect.evaluate.incidents.comparison import compare
from cvinspect.evaluate.incidents.incident_metrics import IncidentMetrics
from cvinspect.evaluate.incidents.incident_page import page_of
from cvinspect.evaluate.incidents.incident_results import FailedClip, compared, metrics_of
from cvinspect.evaluate.truth.truth_clip import Spell
from cvinspect.report.incident_scores import MOST_PICTURES, Words, render
from tests.evaluate.event_makers import FAR, PARKING, RUBBISH, event, raised, watched
from tests.evaluate.incidents.test_incident_results import CLIPS, FACTS, TRUTH, metrics

NAMES = {PARKING: Words("机动车乱停放", "Illegal parking"), RUBBISH: Words("暴露垃圾", '<Rubbish> & "more"')}
HOSTILE = "<script>alert('1')</script>\" onload=x.mp4"


class Page(HTMLParser):
    """Whether elements close in order, and the tags there are."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.broken = ""
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.broken += "".join(name for name, _ in attrs if name.startswith("on"))
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.broken += f"</{tag}>"

    def handle_data(self, data: str) -> None:
        self.words += data


def drawn(found: IncidentMetrics, picture: bytes | None = b"jpeg") -> Page:
    page = Page(render(page_of(found, NAMES, lambda clip, key: picture)))
    assert (page.open, page.broken) == ([], "")
    assert not page.tags & {"script", "link", "iframe"}
    return page


def test_what_went_wrong_is_listed_with_its_picture() -> None:
    found = page_of(metrics(), NAMES, lambda clip, key: f"{clip} {key}".encode())
    assert [(one.kind, one.clip, one.picture) for one in found.findings] == [
        ("false", "a.mp4", b"a.mp4 i3"),
        ("duplicate", "a.mp4", b"a.mp4 i2"),
        ("missed", "a.mp4", b"a.mp4 event 2"),
        ("missed", "b.mp4", b"b.mp4 event 0"),
    ]
    assert found.findings[0].why == "停留 3.0 s，未达 5 s · it did not stay for its dwell"
    assert found.unpictured == 0


def test_each_thing_has_a_lane_with_its_truth_and_its_incidents() -> None:
    [first, second] = page_of(metrics(), NAMES, lambda clip, key: None).timelines
    lanes = [(lane.fate, lane.truth is not None, [bar.kind for bar in lane.incidents]) for lane in first.lanes]
    assert lanes == [
        ("not_due", True, ["false"]),
        ("found", True, ["hit", "duplicate"]),
        ("missed", True, []),
    ]
    assert [lane.fate for lane in second.lanes] == ["missed"]


def test_a_page_with_hostile_names_is_whole_and_runs_nothing() -> None:
    hostile = watched([event()], [raised(box=FAR)], name=HOSTILE, camera=HOSTILE)
    truth = replace(TRUTH, unlabelled=(HOSTILE,))
    found = metrics_of(truth, [hostile, *CLIPS], [FailedClip("c.mp4", "c", HOSTILE)], FACTS)
    page = drawn(found)
    assert page.words.count(HOSTILE) >= 5


def test_a_page_about_nothing_is_plain() -> None:
    page = drawn(metrics_of(TRUTH, [], [], FACTS))
    assert "≥ 95 % not enough data: no sample; at least 73 more needed" in page.words
    assert "没有 None" in re.sub(r"\s+", " ", page.words)


def test_a_comparison_stands_on_the_page() -> None:
    before = [watched([event()], [], name="a.mp4"), *CLIPS[1:]]
    now = [watched([event()], [raised()], name="a.mp4"), *CLIPS[1:]]
    found = compared(metrics_of(TRUTH, now, [], FACTS), compare(now, before), TRUTH.path)
    assert "1 better, 0 worse, p = 1: 可能是偶然 may be chance" in drawn(found).words


def test_no_more_pictures_than_a_page_can_hold_are_shown() -> None:
    many = [watched([event()], [], name=f"{i}.mp4") for i in range(MOST_PICTURES + 5)]
    found = page_of(metrics_of(TRUTH, many, [], FACTS), NAMES, lambda clip, key: b"jpeg")
    assert (len(found.findings), found.unpictured) == (MOST_PICTURES + 5, 5)


def test_a_false_incident_says_what_the_truth_knows_of_its_place() -> None:
    clip = watched([], [raised(box=FAR)], negatives=(Spell("a car drives through", FAR),))
    [finding] = page_of(metrics_of(TRUTH, [clip], [], FACTS), NAMES, lambda clip, key: None).findings
    assert (finding.kind, finding.why, finding.source) == ("false", "a car drives through", None)
