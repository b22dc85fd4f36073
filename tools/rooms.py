"""The rooms of the program and who knows whom: rooms, arrows, circles and upward arrows, from the code's own imports.

    python tools/rooms.py            # counts, and whatever goes round in a circle or upwards
    python tools/rooms.py --arrows   # each room with the rooms that it imports

A room is a top-level module or folder of `cvinspect`, or a wing: a folder of `sources` or `evaluate`. An arrow is an
ordered pair of rooms with an import, wherever in a file it stands. Upwards is what goes against the floors that
`pyproject.toml` lists for import-linter. Ends with 1 where anything goes round or upwards.
"""

import argparse
import ast
import sys
import tomllib
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "cvinspect"
WINGED = ("sources", "evaluate")

Arrows = dict[str, set[str]]


def main() -> None:
    """Print what was counted; exit 1 where anything goes round or upwards."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--arrows", action="store_true", help="each room with the rooms that it imports")
    options = parser.parse_args()
    arrows = arrows_of(PACKAGE)
    if options.arrows:
        for room in sorted(arrows):
            print(f"{room:<22} -> {', '.join(sorted(arrows[room])) or '-'}")
        print()
    circle, upward = circle_of(arrows), upward_of(arrows, floors())
    print(f"{len(arrows)} rooms, {sum(map(len, arrows.values()))} arrows")
    print(f"circles: {' -> '.join(circle) or 'none'}")
    print(f"upwards: {', '.join(f'{one} -> {other}' for one, other in upward) or 'none'}")
    sys.exit(1 if circle or upward else 0)


def arrows_of(package: Path) -> Arrows:
    """Each room with the other rooms that any of its files imports."""
    arrows: Arrows = {}
    for file in sorted(package.rglob("*.py")):
        room = room_of(file.relative_to(package.parent).with_suffix("").parts)
        if room is None:
            continue
        known = arrows.setdefault(room, set())
        for name in imported(ast.parse(file.read_text(encoding="utf-8"))):
            other = room_of(tuple(name.split(".")))
            if other is not None and other != room:
                known.add(other)
    return arrows


def room_of(parts: tuple[str, ...]) -> str | None:
    """The room that a module, by the parts of its dotted name, lies in; None outside the package and for its root.

    >>> room_of(("cvinspect", "sources", "live", "rtsp")), room_of(("cvinspect", "cli", "app"))
    ('sources.live', 'cli')
    """
    parts = tuple(part for part in parts if part != "__init__")
    if len(parts) < 2 or parts[0] != "cvinspect":
        return None
    is_wing = parts[1] in WINGED and len(parts) > 2 and (PACKAGE / parts[1] / parts[2]).exists()
    return ".".join(parts[1:3]) if is_wing else parts[1]


def imported(tree: ast.Module) -> Iterator[str]:
    """The dotted names of all that a module imports; `from x import y` is x.y where that is a module of its own."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            for alias in node.names:
                inner = Path(*node.module.split("."), alias.name)
                is_module = any((ROOT / inner).with_suffix(end).exists() for end in ("", ".py"))
                yield f"{node.module}.{alias.name}" if is_module else node.module


def circle_of(arrows: Arrows) -> list[str]:
    """Rooms that import each other in a circle, the first one again at the end; empty where there is none."""
    try:
        TopologicalSorter(arrows).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def floors() -> dict[str, int]:
    """Each room's floor, 0 the highest, from import-linter's contracts; wings stand on the floor of their house."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    [house] = [one for one in contracts if one["containers"] == ["cvinspect"]]
    return {name.strip(): floor for floor, line in enumerate(house["layers"]) for name in line.split("|")}


def upward_of(arrows: Arrows, floor: dict[str, int]) -> list[tuple[str, str]]:
    """Arrows between houses that do not go down, or from a room that no floor lists."""

    def goes_up(one: str, other: str) -> bool:
        house, its = one.split(".", maxsplit=1)[0], other.split(".", maxsplit=1)[0]
        return house != its and floor.get(house, -1) >= floor.get(its, -1)

    return sorted((one, other) for one, others in arrows.items() for other in others if goes_up(one, other))


if __name__ == "__main__":
    main()
