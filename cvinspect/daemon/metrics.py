"""The figures of a running daemon in Prometheus' text format, asked for anew at every scrape."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from cvinspect import __version__
from cvinspect.daemon import Cameras, CameraStatus, CarefulLooks, Durations
from cvinspect.dispatch.deliverer import Deliverer
from cvinspect.dispatch.dispatcher import Dispatcher
from cvinspect.errors import DeliveryError, InstallationError
from cvinspect.store import SinkState
from cvinspect.store.outbox import SqlOutbox

try:
    from prometheus_client import CollectorRegistry, Metric, generate_latest
    from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, SummaryMetricFamily
except ImportError as error:
    raise InstallationError(f"{error.name} is not installed: pip install 'cvinspect[daemon]'") from error

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_WORD = re.compile(r"[a-z][a-z0-9_]{0,39}")
_OTHER = "other"
"""What stands for a reason that is no word of this program: a label must not hold whatever a camera says."""

_Tally = tuple[str, str, str, Callable[[CameraStatus], Mapping[str, float]]]
_Value = tuple[str, str, Callable[[CameraStatus], float | None]]

_COUNTS: tuple[_Value, ...] = (
    ("frames_read", "Frames decoded, whether used or not.", lambda one: one.frames_read),
    ("frames_sampled", "Frames that became pictures.", lambda one: one.frames_sampled),
    ("frames_inspected", "Frames that went through detector and ledger.", lambda one: one.frames_inspected),
    ("camera_connections", "How often the camera was connected to.", lambda one: one.connections),
    ("camera_judged_seconds", "Seconds of the camera that were judged.", lambda one: one.judged_s),
    ("ledgers_set_aside", "States of the ledger that could not be gone on from.", lambda one: one.set_aside),
)

_TALLIES: tuple[_Tally, ...] = (
    ("frames_dropped", "reason", "Frames that were due and not inspected.", lambda one: _words(one.drops)),
    (
        "camera_unjudged_seconds",
        "reason",
        "Seconds of the camera that were not judged.",
        lambda one: _words(one.unjudged_s),
    ),
    ("gate_samples", "fate", "Unchanged samples, by what the change gate did.", lambda one: one.gate),
    ("camera_failures", "reason", "Failed connections.", lambda one: _words(one.failures)),
    ("incidents_opened", "class", "Violations opened.", lambda one: one.incidents),
    ("incidents_doubted", "class", "Pre-alarms that the careful network does not bear out.", lambda one: one.doubted),
    ("careful_looks", "why", "Looks of the careful network: patrol, or wanted.", lambda one: _looks(one.careful)),
)

_GAUGES: tuple[_Value, ...] = (
    ("camera_up", "Whether the camera delivers.", lambda one: any(state.state == "up" for state in one.states)),
    ("camera_lag_seconds", "From capture to the end of inspection of the last frame.", lambda one: one.lag_s),
    ("camera_clock_drift_ratio", "How much faster the camera's clock runs than ours.", lambda one: one.drift),
    (
        "camera_last_frame_timestamp_seconds",
        "When the last inspected frame was captured.",
        lambda one: None if one.last_frame_at is None else one.last_frame_at.timestamp(),
    ),
    ("inference_longest_seconds", "The longest inference.", lambda one: one.inference.longest_s),
    (
        "careful_planned_seconds",
        "From one patrol of the careful network to the next, as planned.",
        lambda one: None if one.careful is None else one.careful.planned_s,
    ),
    (
        "careful_longest_wait_seconds",
        "The longest from one look of the careful network to the next.",
        lambda one: None if one.careful is None else one.careful.longest_wait_s,
    ),
    ("incidents_standing", "Incidents that stand open.", lambda one: one.standing),
    ("revisions_unrecorded", "Revisions that wait for the database.", lambda one: one.unrecorded),
)

_BACKLOGS: tuple[tuple[str, str, Callable[[SinkState], int]], ...] = (
    ("outbox_depth", "Events that are still to be delivered.", lambda one: one.pending),
    ("outbox_set_aside", "Events at which the sink failed, and what waits behind them.", lambda one: one.set_aside),
    ("dead_letters", "Events that the sink would not have.", lambda one: one.dead),
)


class Metrics:
    """Collects what cameras, outbox and sinks tell, in a registry of its own. Safe to use from many threads."""

    def __init__(self, cameras: Cameras, outbox: SqlOutbox, dispatcher: Dispatcher | None) -> None:
        self._cameras = cameras
        self._outbox = outbox
        self._dispatcher = dispatcher
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)

    def text(self) -> bytes:
        """All figures; those of the outbox are left out while the database cannot be read."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """What the registry asks for."""
        cameras = self._cameras.statuses()
        yield from self._daemon()
        yield from _per_camera(cameras)
        yield _durations("inference_seconds", "Time of the detector.", {one.id: one.inference for one in cameras})
        careful = {one.id: one.careful.cost for one in cameras if one.careful is not None}
        yield _durations("careful_seconds", "Time of the careful network.", careful)
        yield _camera_states(cameras)
        yield from self._backlogs()
        yield from _deliveries(self._dispatcher.deliverers if self._dispatcher is not None else ())

    def _daemon(self) -> Iterator[Metric]:
        about = GaugeMetricFamily("cvinspect_build_info", "Which program this is.", labels=["version"])
        about.add_metric([__version__], 1)
        yield about
        started_s = self._cameras.started_at.timestamp()
        yield GaugeMetricFamily("cvinspect_start_timestamp_seconds", "When the daemon began.", value=started_s)
        in_trouble = float(self._cameras.trouble is not None)
        yield GaugeMetricFamily("cvinspect_in_trouble", "Whether the daemon cannot do its work.", value=in_trouble)
        refused = float(self._cameras.reload_error is not None)
        yield GaugeMetricFamily("cvinspect_reload_refused", "Whether the last configuration was.", value=refused)

    def _backlogs(self) -> Iterator[Metric]:
        try:
            states = self._outbox.states()
        except DeliveryError:
            states = None
        is_readable = float(states is not None)
        yield GaugeMetricFamily("cvinspect_database_readable", "Whether the database answers.", value=is_readable)
        for name, text, value in _BACKLOGS:
            gauge = GaugeMetricFamily(f"cvinspect_{name}", text, labels=["sink"])
            for state in states or ():
                gauge.add_metric([state.name], value(state))
            yield gauge


def _per_camera(cameras: Sequence[CameraStatus]) -> Iterator[Metric]:
    for name, text, value in _COUNTS:
        yield _filled(CounterMetricFamily(f"cvinspect_{name}", text, labels=["camera"]), cameras, value)
    for name, text, value in _GAUGES:
        yield _filled(GaugeMetricFamily(f"cvinspect_{name}", text, labels=["camera"]), cameras, value)
    for name, label, text, tally in _TALLIES:
        family = CounterMetricFamily(f"cvinspect_{name}", text, labels=["camera", label])
        for camera in cameras:
            for key, number in tally(camera).items():
                family.add_metric([camera.id, key], number)
        yield family


def _filled(
    family: CounterMetricFamily | GaugeMetricFamily,
    cameras: Sequence[CameraStatus],
    value: Callable[[CameraStatus], float | None],
) -> Metric:
    """One sample a camera; none where there is nothing to tell yet."""
    for camera in cameras:
        found = value(camera)
        if found is not None:
            family.add_metric([camera.id], found)
    return family


def _durations(name: str, text: str, taken: Mapping[str, Durations]) -> Metric:
    """`taken` by camera."""
    family = SummaryMetricFamily(f"cvinspect_{name}", text, labels=["camera"])
    for camera, one in taken.items():
        family.add_metric([camera], count_value=one.count, sum_value=one.total_s)
    return family


def _looks(careful: CarefulLooks | None) -> Mapping[str, int]:
    if careful is None:
        return {}
    return {"patrol": careful.on_patrol, "wanted": careful.cost.count - careful.on_patrol}


def _camera_states(cameras: Sequence[CameraStatus]) -> Metric:
    family = GaugeMetricFamily("cvinspect_camera_state", "What is so with the camera.", labels=["camera", "state"])
    for camera in cameras:
        for state in _words({one.state: 1 for one in camera.states}):
            family.add_metric([camera.id, state], 1)
    return family


def _deliveries(deliverers: Sequence[Deliverer]) -> Iterator[Metric]:
    sent = CounterMetricFamily("cvinspect_sink_sent", "Events that the sink has taken.", labels=["sink"])
    rejected = CounterMetricFamily("cvinspect_sink_rejected", "Events that became dead letters.", labels=["sink"])
    failing = GaugeMetricFamily("cvinspect_sink_failing", "Whether the last attempt failed.", labels=["sink"])
    for one in deliverers:
        sent.add_metric([one.sink.name], one.sent)
        rejected.add_metric([one.sink.name], one.rejected)
        failing.add_metric([one.sink.name], one.trouble is not None)
    yield from (sent, rejected, failing)


def _words(counts: Mapping[str, float]) -> Mapping[str, float]:
    """The counts by reason, with whatever is no word of this program counted together."""
    found: dict[str, float] = {}
    for key, number in counts.items():
        word = key if _WORD.fullmatch(key) else _OTHER
        found[word] = found.get(word, 0) + number
    return found
