"""Commands for those who make networks; they need the extra `train`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cvinspect.errors import ConfigError
from cvinspect.train.sizes import HABITS, Size
from cvinspect.words import say

_EPOCHS = 30
_ENDLESS = 10_000
"""More than any number of minutes allows."""


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
    epochs: Annotated[
        int | None,
        typer.Option(help="How often each picture is shown; default: 30, or as the minutes allow.", min=1, max=10_000),
    ] = None,
    imgsz: Annotated[
        int | None,
        typer.Option(
            help="Side of the squares that training sees, in pixels; default: 416, careful 640.", min=64, max=2048
        ),
    ] = None,
    batch: Annotated[int, typer.Option(help="Pictures a step.", min=2, max=512)] = 16,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="Folder for checkpoints, log and exported files; default: runs/NAME.",
            readable=False,
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="Name of the network and its card; default: the shipped one's.")
    ] = None,
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
        float | None,
        typer.Option(
            help="At the start: less from a network of ours than from COCO's; default: 0.001, careful 0.0001.",
            min=1e-6,
            max=0.1,
        ),
    ] = None,
    freeze: Annotated[
        int,
        typer.Option(help="Layers that stay as they are; 11, the whole backbone, forgets COCO least.", min=0, max=22),
    ] = 5,
    int8: Annotated[bool, typer.Option("--int8", help="Also NAME-int8, for OpenVINO.")] = False,
    size: Annotated[
        Size,
        typer.Option(help="Quick looks at every sample; careful costs ten times as much, for looks that are rare."),
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
    habits = HABITS[size]
    name = habits.name if name is None else name
    _require_file_name(name)
    if size is Size.CAREFUL and teacher is not None:
        raise ConfigError("--teacher: a careful network has none; allowed: with --size quick")
    options = TrainOptions(
        data_yaml=data,
        out=Path("runs") / name if out is None else out,
        base=base if base is not None else shipped(habits.base),
        epochs=epochs or (_EPOCHS if minutes is None else _ENDLESS),
        imgsz=imgsz or habits.imgsz,
        batch=batch,
        resume=resume,
        teacher=teacher,
        learning_rate=learning_rate or habits.learning_rate,
        freeze=freeze,
        size=size,
        minutes=minutes,
        shown=shown,
        looked_at=looked_at,
    )
    pictures = read_training_set(data)
    run = train_network(options, pictures, tell=say)
    training = training_of(
        pictures.dataset, base=run.base, epochs=run.epochs, imgsz=options.imgsz, ended=datetime.now(UTC).date()
    )
    cards = finish(
        run,
        pictures.dataset,
        options.out,
        name=name,
        training=training,
        size=size,
        int8=int8,
        tell=say,
    )
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
    from cvinspect.config.site import shipped
    from cvinspect.detect.model import read_card
    from cvinspect.evaluate.labelled.learnt import learnt_by, learnt_path, write_learnt
    from cvinspect.sources.recorded.pictures import pictures_in
    from cvinspect.train.base import size_in
    from cvinspect.train.export import export as export_checkpoint
    from cvinspect.train.quantize import quantize

    card = card if card is not None else shipped(f"models/{HABITS[size_in(checkpoint)].name}.yaml")
    template = read_card(card)
    learnt = learnt_by(card, card.parent / template.file)
    if name is not None:
        _require_file_name(name)
        template = template.model_copy(update={"name": name})
    paths = pictures_in(pictures)
    done = export_checkpoint(checkpoint, out, template=template, pictures=paths, static=static, tell=say)
    made = [one.card_path for one in done]
    if int8:
        made.append(quantize(done[0].network, paths, out, template=done[0].card, tell=say).card_path)
    for path in made:
        if learnt:
            write_learnt(learnt_path(path), learnt)
        typer.echo(path)
