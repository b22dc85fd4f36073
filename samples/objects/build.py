"""What a maker hands over: parts in named groups, and which groups each labelled box spans."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import bpy

Things = list[bpy.types.Object]


@dataclass(frozen=True, slots=True)
class Box:
    """A labelled box round everything in `groups` that the camera sees."""

    label: str
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Build:
    """One object ready to be photographed; its front faces -y, the ground is z = 0."""

    label: str
    groups: dict[str, Things]
    boxes: tuple[Box, ...]
    stands_on: str = "ground"
    """`ground`, `wall` or `line`; only what stands on the ground throws a shadow there."""
    view_spread_deg: float = 180.0
    """The camera stands at most so far round from the front."""
    two_sided: bool = False
    """The camera may as well stand so far round from the back."""


def single(label: str, parts: Things, **keywords: float | str) -> Build:
    """A build of one group and one box."""
    return Build(label, {label: parts}, (Box(label, (label,)),), **keywords)  # type: ignore[arg-type]


def family(parts: Sequence[bpy.types.Object]) -> Iterator[bpy.types.Object]:
    """The parts and everything parented to them, each once."""
    seen: set[str] = set()
    for part in parts:
        for one in (part, *part.children_recursive):
            if one.name not in seen:
                seen.add(one.name)
                yield one


def moved(parts: Things, at: tuple[float, float, float], *, turn: float = 0.0, scale: float = 1.0) -> Things:
    """The parts, carried by a new empty at `at` that is turned about z."""
    empty = bpy.data.objects.new("carrier", None)
    bpy.context.scene.collection.objects.link(empty)
    for part in parts:
        if part.parent is None:
            part.parent = empty
    empty.location, empty.rotation_euler[2], empty.scale = at, turn, (scale, scale, scale)
    return [empty]


def copy_of(pattern: bpy.types.Object, at: tuple[float, float, float]) -> bpy.types.Object:
    """Another object with the same mesh."""
    made = bpy.data.objects.new(pattern.name, pattern.data)
    made.location = at
    bpy.context.scene.collection.objects.link(made)
    return made


def dropped(thing: bpy.types.Object) -> None:
    """Takes a pattern that was only copied from out of the scene."""
    bpy.data.objects.remove(thing)
