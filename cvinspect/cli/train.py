"""Commands for those who make networks; they need the extra `train`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cvinspect.errors import ConfigError
from cvinspect.train.sizes import Size
from cvinspect.words import say

DEFAULT_BASE = "models/street-26n.pt"


def train(
    data: Annotated[
        Path,
        typer.Argument(
            metavar="DATA_YAML", help="Pictures with YOLO labels; docs/training.md says how.", readable=False
        ),
    ],
    base: Annotated[
        Path | None,
        typer.Option(
            help="Checkpoint to start from (.pt): the shipped one, where none is named, or a YOLO26n on COCO. It is a "
            "pickle: take it from those you trust.",
            readable=False,
        ),
    ] = None,
    epochs: Annotated[int, typer.Option(help="How often each picture is shown.", min=1, max=10_000)] = 30,
    imgsz: Annotated[
        int, typer.Option(help="Side of the squares that training sees, in pixels.", min=64, max=2048)
    ] = 416,
    batch: Annotated[int, typer.Option(help="Pictures a step.", min=2, max=512)] = 16,
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder for checkpoints, the log and what is exported.", readable=False)
    ] = Path("runs/street-26n"),
    name: Annotated[str, typer.Option(help="Name of the network and its card.")] = "street-26n",
    resume: Annotated[bool, typer.Option("--resume", help="Go on after the newest checkpoint in the folder.")] = False,
    teacher: Annotated[
        Path | None,
        typer.Option(
            help="Checkpoint on COCO (.pt) that keeps teaching people, cars, umbrellas, chairs, so that they are not "
            "forgotten; to be named again when a run goes on.",
            readable=False,
        ),
    ] = None,
    learning_rate: Annotated[
        float,
        typer.Option(help="At the start: 0.001 from a COCO network, less from ours.", min=1e-6, max=0.1),
    ] = 1e-3,
    freeze: Annotated[
        int,
        typer.Option(help="Layers that stay as they are; 11, the whole backbone, forgets COCO least.", min=0, max=22),
    ] = 5,
    int8: Annotated[bool, typer.Option("--int8", help="Also NAME-int8, for OpenVINO.")] = False,
    size: Annotated[
        Size,
        typer.Option(help="quick: looks at every sample; careful: some ten times the cost, for looks that are rare."),
    ] = Size.QUICK,
    minutes: Annotated[
        float | None,
        typer.Option(help="End after so long; the learning rate falls with time, not with epochs.", min=0.1),
    ] = None,
    shown: Annotated[
        int | None, typer.Option(help="Pictures an epoch, drawn anew for each; default: all.", min=2)
    ] = None,
    looked_at: Annotated[
        int | None, typer.Option(help="Pictures of val that are looked at after an epoch; default: all.", min=1)
    ] = None,
) -> None:
    """Train a detector on labelled pictures; end with a network and a card that says how well it sees."""
    from cvinspect.config.site import shipped
    from cvinspect.train.finish import finish, training_of
    from cvinspect.train.recipe import TrainOptions, read_training_set
    from cvinspect.train.recipe import train as train_network
    from cvinspect.train.torch_setup import prepare

    prepare()
    _require_file_name(name)
    pictures = read_training_set(data)
    base = base if base is not None else shipped(DEFAULT_BASE)
    run = train_network(
        TrainOptions(
            data, out, base, epochs, imgsz, batch, resume, teacher, learning_rate, freeze, size, minutes, shown, looked_at
        ),
        pictures,
        tell=say,
    )
    training = training_of(pictures.dataset, base=run.base, epochs=epochs, imgsz=imgsz, ended=datetime.now(UTC).date())
    cards = finish(run.checkpoint, pictures.dataset, out, name=name, training=training, int8=int8, tell=say)
    for path in cards:
        typer.echo(path)


def _require_file_name(name: str) -> None:
    if name in ("", "..") or Path(name).name != name:
        raise ConfigError(f"--name: {name!r} is no name; allowed: a file's name without folder and suffix")


def export(
    checkpoint: Annotated[
        Path,
        typer.Argument(help="What training left (.pt). It is a pickle: take it from those you trust.", readable=False),
    ],
    pictures: Annotated[
        Path,
        typer.Option(
            help="Folder of training pictures. The export is checked on some of them and int8 calibrated on 300, "
            "so not those that figures are measured on.",
            readable=False,
        ),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for networks and cards.", readable=False)] = Path(
        "models"
    ),
    name: Annotated[str | None, typer.Option(help="Name of the network; default: the card's.")] = None,
    card: Annotated[
        Path | None,
        typer.Option(
            help="Card whose labels, thresholds and words are taken over; default: the shipped one.", readable=False
        ),
    ] = None,
    static: Annotated[
        bool, typer.Option("--static", help="Also a file for 384x640 and one for 640x640, each with its card.")
    ] = False,
    int8: Annotated[bool, typer.Option("--int8", help="Also NAME-int8, for OpenVINO.")] = False,
) -> None:
    """Turn a checkpoint into a network with its card, checked against the network that was trained."""
    from cvinspect.assembly.models import DEFAULT_MODEL
    from cvinspect.config.site import shipped
    from cvinspect.detect.model import read_card
    from cvinspect.sources.recorded.pictures import pictures_in
    from cvinspect.train.export import export as export_checkpoint
    from cvinspect.train.quantize import quantize

    template = read_card(card if card is not None else shipped(DEFAULT_MODEL))
    if name is not None:
        _require_file_name(name)
        template = template.model_copy(update={"name": name})
    paths = pictures_in(pictures)
    done = export_checkpoint(checkpoint, out, template=template, pictures=paths, static=static, tell=say)
    made = [one.card_path for one in done]
    if int8:
        made.append(quantize(done[0].network, paths, out, template=done[0].card, tell=say).card_path)
    for path in made:
        typer.echo(path)
