"""Commands that tell how right the program is."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cvinspect.cli.options import CarefulOption, FpsOption, ModelOption, SamplingOption, chosen_sampling
from cvinspect.errors import INTERRUPTED, DatasetError
from cvinspect.modes import DEFAULT_FPS
from cvinspect.words import say

if TYPE_CHECKING:
    from cvinspect.evaluate.incidents.incident_metrics import IncidentMetrics

app = typer.Typer(
    name="evaluate",
    help="How right it is: incidents against labelled clips, against reviewers; detections against pictures.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.callback()
def common() -> None:
    """How right it is: incidents against labelled clips, against reviewers; detections against pictures."""


@app.command()
def incidents(
    truth: Annotated[
        Path,
        typer.Argument(
            metavar="TRUTH",
            help="What really happens in the clips beside it (.json or .csv); docs/evaluation.md says how.",
            readable=False,
        ),
    ],
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            "-c",
            help="Cameras, zones and rules (YAML). The truth's zones hold where it names no camera.",
            readable=False,
        ),
    ] = None,
    model: Annotated[
        Path | None,
        typer.Option(help="Model card (YAML) beside its network; default: the shipped one.", readable=False),
    ] = None,
    careful: CarefulOption = None,
    report: Annotated[
        Path | None, typer.Option(help="Folder for report.html and metrics.json.", readable=False)
    ] = None,
    baseline: Annotated[
        Path | None, typer.Option(help="metrics.json of an earlier run to compare with.", readable=False)
    ] = None,
    fps: FpsOption = None,
    sampling: SamplingOption = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an earlier evaluation there.")] = False,
) -> None:
    """Run the pipeline over labelled clips and say how right its incidents are, and what it missed."""
    from cvinspect.cli.incident_tables import incident_table
    from cvinspect.cli.terminal import Progress, Stop
    from cvinspect.commands.evaluate_incidents import IncidentEvaluation, Wanted

    how = chosen_sampling(sampling, fps)
    wanted = Wanted(truth, config, model, report, baseline, fps or DEFAULT_FPS, how, overwrite, careful)
    progress, stop = Progress(), Stop()
    evaluation = IncidentEvaluation(wanted, watcher=progress, at=datetime.now(UTC), is_stopping=stop.is_asked)
    with progress:
        metrics = evaluation.run()
    incident_table(metrics)
    for note in evaluation.notes(metrics):
        say(f"note: {note}")
    _tell_failed(metrics)
    if evaluation.page is not None:
        say(f"report: {evaluation.page}")
    if metrics.state == "interrupted":
        raise typer.Exit(INTERRUPTED)
    if any(clip.state == "failed" for clip in metrics.clips):
        raise typer.Exit(DatasetError.exit_code)


@app.command()
def masking(
    truth: Annotated[
        Path,
        typer.Argument(
            metavar="TRUTH",
            help="Faces, plates and signs drawn by eye (.csv); docs/evaluation.md says how.",
            readable=False,
        ),
    ],
    pictures: Annotated[
        Path, typer.Argument(metavar="PICTURES", help="Folder that the table's files lie below.", readable=False)
    ],
    model: ModelOption = None,
) -> None:
    """Say how many of the faces and plates in pictures are masked, and that signs are not; list what is wrong."""
    from cvinspect.cli.detection_tables import PictureProgress
    from cvinspect.cli.loading import load
    from cvinspect.cli.masking_table import masking_table, what_is_wrong
    from cvinspect.cli.terminal import Stop
    from cvinspect.commands.evaluate_masking import MaskingScoring
    from cvinspect.evaluate.masking.masking_truth import read_masking_truth

    drawn = read_masking_truth(truth)
    _, loaded = load(None, model)
    scoring, stop = MaskingScoring(loaded, drawn, pictures), Stop()
    results = []
    with PictureProgress("pictures") as progress:
        for done, some in enumerate(scoring.results(is_stopping=stop.is_asked), start=1):
            results += some
            progress.moves(done, len(drawn))
    masking_table(results, learnt=scoring.learnt)
    for line in what_is_wrong(results):
        typer.echo(line)
    for note in scoring.masking.notes:
        say(f"note: {note}")
    if stop.is_asked():
        say(f"note: interrupted; told is of {len({id(one.picture) for one in results})} of {len(drawn)} pictures")
        raise typer.Exit(INTERRUPTED)


@app.command()
def review(
    ledger: Annotated[
        Path,
        typer.Argument(
            metavar="INCIDENTS",
            help="incidents.csv of a run, or its folder, with verdicts in the column review.",
            readable=False,
        ),
    ],
) -> None:
    """Say how many of the raised incidents reviewers confirmed; what was missed cannot be known this way."""
    from cvinspect.cli.incident_tables import review_table
    from cvinspect.evaluate.incidents.review import read_review
    from cvinspect.records.files import LEDGER
    from cvinspect.sources.decoding.files import is_folder

    scores = read_review(ledger / LEDGER if is_folder(ledger) else ledger)
    review_table(scores)
    if scores.withdrawn:
        say(f"note: {scores.withdrawn} incidents that the program withdrew itself are not counted")
    if scores.total.open:
        say(f"note: {scores.total.open} incidents have no verdict; if the easy ones were judged first, this flatters")


def _tell_failed(metrics: "IncidentMetrics") -> None:
    for clip in metrics.clips:
        if clip.state == "failed":
            say(f"error: {clip.name} was not scored: {clip.error}")
    left = sum(clip.state == "interrupted" for clip in metrics.clips)
    if left:
        say(f"note: interrupted; {left} of {len(metrics.clips)} clips are not scored")
