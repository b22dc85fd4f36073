"""The composition root of the daemon: a site -> cameras, ledger, sinks, API, ready to be started."""

import logging
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from cvinspect.api.app import create_app
from cvinspect.api.server import ApiServer
from cvinspect.assembly.eyes import opened
from cvinspect.assembly.models import Model
from cvinspect.config.daemon import require_daemon_extra
from cvinspect.config.differences import differences
from cvinspect.config.site import Site
from cvinspect.daemon import CameraStatus
from cvinspect.daemon.camera_builder import CameraBuilder, Surroundings
from cvinspect.daemon.camera_changes import CameraChanges
from cvinspect.daemon.camera_queue import CameraQueue
from cvinspect.daemon.cameras import CameraSet
from cvinspect.daemon.careful_share import CarefulShare, LiveCareful
from cvinspect.daemon.claim_keeper import ClaimKeeper
from cvinspect.daemon.clips import ClipTaker
from cvinspect.daemon.disk_watch import disk_watch_of
from cvinspect.daemon.housekeeping import Housekeeper
from cvinspect.daemon.inference_threads import InferenceThreads
from cvinspect.daemon.ledger_writer import LedgerWriter
from cvinspect.daemon.masking import clip_masker, opened_and_told
from cvinspect.daemon.memory import give_back
from cvinspect.daemon.patience import ends_within
from cvinspect.daemon.restored import look_for_restore, reached_file_of
from cvinspect.daemon.resuming import SteadyClock
from cvinspect.daemon.retention import retention_of
from cvinspect.daemon.shared_parts import SharedParts
from cvinspect.daemon.sinks import build_sinks
from cvinspect.daemon.site_check import api_token
from cvinspect.daemon.unwritten import UnwrittenKeeper, spools_of
from cvinspect.daemon.watched_camera import WatchedCamera
from cvinspect.dispatch import Sink
from cvinspect.dispatch.back_off import BackOff
from cvinspect.dispatch.deliverer import Deliverer
from cvinspect.dispatch.dispatcher import Dispatcher
from cvinspect.errors import CvinspectError
from cvinspect.evidence.snapshots import Snapshots
from cvinspect.modes import Sampling
from cvinspect.store.database import Database
from cvinspect.store.evidence_index import EvidenceIndex
from cvinspect.store.ledger_store import LedgerStore
from cvinspect.store.outbox import SqlOutbox
from cvinspect.store.queries import IncidentQueries
from cvinspect.store.site_store import SiteStore

_LOG = logging.getLogger(__name__)

_BOOT = Path("/proc/sys/kernel/random/boot_id")

_SINK_STOP_S = 3.0
_PROVE_S = 1.0
_FLUSH_S = 1.0
_TRY_AGAIN_S = 10.0


class Watch:
    """`cvinspect watch`: started, reloaded and stopped from one thread."""

    def __init__(
        self,
        load: Callable[[], tuple[Site, Model]],
        around: Surroundings,
        *,
        workers: int | None = None,
        sampling: Sampling | None = None,
    ) -> None:
        """`load` reads the configuration, again for each reload; `workers` and `sampling` go before what that says.

        Raises ConfigError, ModelError, DeliveryError or InstallationError; nothing is left open then.
        """
        require_daemon_extra()
        self._load = load
        self._around = around
        self._sampling = sampling
        self._wanted_threads = workers
        self._reload_at_s: float | None = None
        """When a reload that waits for the ledger is tried again."""
        self._site, self._model = load()
        self._maker = CameraBuilder(self._site, self._model, around, sampling=sampling)
        self._database = Database(self._site.database, claims=True)
        self._claim = ClaimKeeper(self._database)
        try:
            self._build()
        except BaseException:
            self._database.close()
            raise

    def start(self) -> None:
        """Begin with everything; raises ConfigError when the API's address is taken, and nothing is left open then."""
        if self._api is not None:
            try:
                self._api.start()
            except BaseException:
                self._database.close()
                raise
            _LOG.info("the API listens at %s", self._api.place)
        self._clips.start()
        self._cameras.start()
        self._dispatcher.start()
        self._cameras.writer.flush(timeout_s=_FLUSH_S)
        self._changes.change(self._maker, config_sha256=self._site.sha256)
        self._housekeeper.start()
        _LOG.info("watching %d cameras", len(self._maker.order))

    def end_start(self) -> None:
        """Begin no camera any more; called when a stop is asked for, by a handler of signals as well."""
        self._cameras.end_start()

    def views(self) -> Sequence[CameraStatus]:
        """Every camera at this moment."""
        return self._cameras.statuses()

    def reload(self) -> None:
        """Read the configuration again; a broken one is refused, and the old one goes on.

        While the ledger cannot be written it waits: a camera that is changed reads back what it has written.
        """
        self._reload_at_s = None if self._can_write() else self._around.seconds() + _TRY_AGAIN_S
        if self._reload_at_s is not None:
            self._cameras.reload_error = "the configuration is read again as soon as the ledger can be written"
            _LOG.warning("%s", self._cameras.reload_error)
            return
        try:
            site, model = self._load()
            maker = CameraBuilder(site, self._model, self._around, sampling=self._sampling)
            deliverers = self._deliverers(self._sinks(site))
        except CvinspectError as error:
            self._cameras.reload_error = str(error)
            _LOG.error("the changed configuration is refused, the old one goes on: %s", error)
            return
        except Exception as error:  # noqa: BLE001  # whatever it was, the cameras go on
            self._cameras.reload_error = f"a fault of this program: {type(error).__name__}"
            _LOG.exception("the changed configuration is refused, the old one goes on: a fault of this program")
            return
        self._cameras.reload_error = None
        self._tell_what_needs_a_restart(site, model)
        self._replace(deliverers)
        told = differences(self._site, site) or ["nothing changed"]
        self._site, self._maker = site, maker
        for line in told:
            _LOG.info("reload: %s", line)
        self._changes.change(maker, config_sha256=site.sha256)
        _LOG.info("the configuration was read again: %d cameras", len(maker.order))

    def _replace(self, deliverers: Sequence[Deliverer]) -> None:
        try:
            in_time = self._dispatcher.replace(deliverers, timeout_s=_SINK_STOP_S)
        except Exception as error:  # noqa: BLE001  # whatever it was, the cameras go on
            self._cameras.reload_error = f"a fault of this program: {type(error).__name__}"
            _LOG.exception("sinks cannot be replaced: a fault of this program")
            return
        if not in_time:
            _LOG.warning("a sink did not finish in time; what it was sending may be sent twice")

    def _can_write(self) -> bool:
        """Asked of this thread, which has signals to heed: the database's own time limits are longer."""
        is_writable = ends_within(_PROVE_S, self._queries.prove_writable, name="ledger-prover")
        return is_writable and self._cameras.writer.flush(timeout_s=_FLUSH_S)

    def tick(self) -> None:
        """What has to be seen to every second or so."""
        for watched in self._cameras.watched_cameras():
            watched.watch()
        self._changes.start_what_is_missing()
        if self._reload_at_s is not None and self._around.seconds() >= self._reload_at_s:
            self.reload()
        self._cameras.outside_trouble = self._trouble()

    def stop(self, *, timeout_s: float = 9.0) -> bool:
        """End everything without losing anything that was found; whether all of that was written down in time."""
        _LOG.info("ending; what was found is written down first")
        self._housekeeper.stop()
        done = self._cameras.stop(timeout_s=timeout_s * 0.6)
        self._clips.stop(timeout_s=timeout_s * 0.05)
        if not self._dispatcher.stop(timeout_s=timeout_s * 0.25):
            _LOG.warning("a sink did not finish in time; what it was sending stays in the outbox, to be sent again")
        if self._api is not None:
            self._api.stop(timeout_s=timeout_s * 0.1)
        self._unwritten.keep()
        self._database.close()
        _LOG.info("ended")
        return done

    def _build(self) -> None:
        site, around = self._site, self._around
        store = LedgerStore(self._database, now=around.now)
        sites = SiteStore(self._database, now=around.now)
        self._queries = IncidentQueries(self._database)
        sinks, reached = self._sinks(site), reached_file_of(site.evidence)
        self._outbox = SqlOutbox(self._database, now=around.now, reached=reached)
        look_for_restore(self._database, reached, sinks, now=around.now)
        self._dispatcher = Dispatcher(self._deliverers(sinks))
        back_off = BackOff(around.random, first_s=0.5, longest_s=4.0)
        writer = LedgerWriter(store, back_off=back_off, recorded=self._dispatcher.wake)
        detectors = self._model.detectors(self._thread_count())
        self._queue, watched_cameras = CameraQueue(), dict[str, WatchedCamera]()
        self._cameras = CameraSet(
            writer=writer,
            sites=sites,
            queue=self._queue,
            threads=InferenceThreads(detectors, queue=self._queue, watched_cameras=watched_cameras),
            watched_cameras=watched_cameras,
            now=around.now,
        )
        self._disk = disk_watch_of(site, seconds=around.seconds)
        may_keep = self._disk.may_keep_pictures
        self._clips = ClipTaker(site.evidence, seconds=around.seconds, may_keep=may_keep)
        self._masking, keep = opened_and_told(), site.config.watch.retention.originals_days != 0
        self._shared = SharedParts(
            writer=writer,
            store=store,
            pictures=Snapshots(site.evidence, timezone=site.timezone, keep_originals=keep),
            backing=lambda label: self._model.backing([label]).value,
            clock=SteadyClock(_BOOT.read_text(encoding="ascii").strip()),
            seconds=around.seconds,
            may_keep_pictures=may_keep,
            hide=self._masking,
            clips=self._clips,
            careful=self._careful(),
        )
        self._unwritten = UnwrittenKeeper(writer, spools_of(site.database, site.evidence))
        self._unwritten.take_in()
        self._changes = CameraChanges(self._cameras, self._queue, self._shared, self._unwritten)
        retention = retention_of(site, EvidenceIndex(self._database), now=around.now, seconds=around.seconds)
        self._housekeeper = Housekeeper(self._cameras.note_states, retention.prune, self._claim.keep, give_back)
        self._api = self._new_api(sites)

    def _thread_count(self) -> int:
        return self._wanted_threads or self._site.config.watch.workers or len(os.sched_getaffinity(0))

    def _careful(self) -> LiveCareful | None:
        threads = self._thread_count()
        network = opened(self._model.careful, at_once=threads)
        if network is None:
            _LOG.info("the quick network looks alone")
            return None
        share, cores = self._site.config.watch.careful_share, min(threads, len(os.sched_getaffinity(0)))
        said = "%s looks again, on %g of %d cores at most; more when verdicts are near"
        _LOG.info(said, network.card.name, share * cores, cores)
        return LiveCareful(network, CarefulShare(cores=share * cores, seconds=self._around.seconds))

    def _new_api(self, sites: SiteStore) -> ApiServer | None:
        config = self._site.config.watch.api
        if config is None:
            return None
        app = create_app(
            cameras=self._cameras,
            queries=self._queries,
            outbox=self._outbox,
            sites=sites,
            dispatcher=self._dispatcher,
            evidence=self._site.evidence,
            token=api_token(self._site, self._around.environ),
            now=self._around.now,
            mask=clip_masker(self._model, self._masking, may_keep=self._disk.may_keep_pictures),
            originals=config.originals,
        )
        return ApiServer(app, host=config.host, port=config.port)

    def _sinks(self, site: Site) -> Sequence[Sink]:
        return build_sinks(site, self._around.environ, seconds=self._around.seconds, now=self._around.now)

    def _deliverers(self, sinks: Sequence[Sink]) -> list[Deliverer]:
        """Each sink's cursor begins before anything is recorded that it must not miss."""
        for sink in sinks:
            self._outbox.register(sink.name)
        back_off = BackOff(self._around.random)
        return [Deliverer(sink, self._outbox, back_off=back_off, seconds=self._around.seconds) for sink in sinks]

    def _tell_what_needs_a_restart(self, site: Site, model: Model) -> None:
        old, new = self._site.config.watch, site.config.watch
        changed = [
            key
            for key in ("workers", "careful_share", "database", "evidence", "api", "retention", "log")
            if getattr(old, key) != getattr(new, key)
        ]
        if model.card.sha256 != self._model.card.sha256:
            changed.append("model")
        if _sha256(model.careful) != _sha256(self._model.careful):
            changed.append("careful")
        if changed:
            _LOG.warning("takes effect with the next start only: %s", ", ".join(changed))

    def _trouble(self) -> str | None:
        if self._api is not None and not self._api.is_running:
            return "the API has ended"
        if ended := self._dispatcher.ended:
            return f"the thread of sink {ended[0]} has ended"
        if (trouble := self._claim.trouble or self._outbox.held_back) is not None:
            return trouble
        return None if self._disk.may_keep_pictures() else self._disk.trouble


def _sha256(model: Model | None) -> str | None:
    return None if model is None else model.card.sha256
