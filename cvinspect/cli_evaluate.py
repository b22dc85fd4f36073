"""Commands that tell how right the program is."""

import typer

app = typer.Typer(
    name="evaluate",
    help="How right it is: incidents against labelled clips, against reviewers; detections against pictures.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.callback()
def common() -> None:
    """How right it is: incidents against labelled clips, against reviewers; detections against pictures."""
