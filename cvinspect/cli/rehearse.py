"""`cvinspect rehearse`: recordings as live cameras, to try `watch` with."""

import shlex
import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

from cvinspect.cli.watch import Signals
from cvinspect.words import say

_LONG_S = 3600.0


def rehearse(
    config: Annotated[
        Path, typer.Argument(metavar="CONFIG", help="The configuration (YAML) to write.", readable=False)
    ],
    clips: Annotated[
        list[Path],
        typer.Argument(metavar="CLIP...", help="H.264 recordings, a camera each, kept in memory.", readable=False),
    ],
    port: Annotated[int, typer.Option(help="Where the cameras answer; 0: any free port.", min=0, max=65_535)] = 8554,
) -> None:
    """Serve recordings as live cameras on this machine until Ctrl-C, and write a configuration to watch them by."""
    signals = Signals()
    from cvinspect.config.daemon import require_daemon_extra

    require_daemon_extra()
    from cvinspect.commands.rehearse import Rehearsal

    rehearsal = Rehearsal(config, clips, port=port)
    for camera, clip in rehearsal.cameras.items():
        say(f"{camera}: {clip}, over and over")
    say(f"{config} is written; the cameras answer at 127.0.0.1:{rehearsal.port} until Ctrl-C. In another terminal:")
    for command in ("check", "watch"):
        print(f"{_program()} {command} {shlex.quote(str(config))}", flush=True)
    while not (signals.stopping or signals.reloading):
        signals.wait(_LONG_S)


def _program() -> str:
    """How this program was called, where its name alone would not do."""
    return "cvinspect" if shutil.which("cvinspect") or "/" not in sys.argv[0] else shlex.quote(sys.argv[0])
