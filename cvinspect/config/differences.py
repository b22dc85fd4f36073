"""What one configuration changes of another, in words: one line each, for the log of a reload."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from cvinspect.config.camera import CameraConfig
from cvinspect.config.site import Site

_NAMED = 10
"""Names in a line; of more, so many are counted."""

_LINES = 50
"""A site of many cameras may be changed whole; of more lines, so many are counted."""


def differences(old: Site, new: Site) -> list[str]:
    """One line for each thing that was added, removed or changed: cameras, zones, rules, sinks, the rest.

    Rules are compared as they hold, table and overrides together. Addresses are not repeated. Empty: nothing changed.
    """
    lines = [*_cameras(old, new), *_rules(old, new), *_sinks(old, new), *_rest(old, new)]
    more = len(lines) - _LINES
    return lines if more <= 0 else [*lines[:_LINES], f"and {more} more"]


def _cameras(old: Site, new: Site) -> Iterator[str]:
    was, now = ({one.id: one for one in site.config.cameras} for site in (old, new))
    yield from _named("cameras added", now.keys() - was.keys(), now)
    yield from _named("cameras removed", was.keys() - now.keys(), was)
    for name in (name for name in now if name in was and was[name] != now[name]):
        keys = [
            key for key in _changed(was[name].model_dump(), now[name].model_dump()) if key not in ("zones", "views")
        ]
        if keys:
            yield f"camera {name}: changed: {', '.join(keys)}"
        yield from _views(was[name], now[name])
        yield from _zones(was[name], now[name])


def _views(old: CameraConfig, new: CameraConfig) -> Iterator[str]:
    was, now = ({one.id: one for one in camera.views} for camera in (old, new))
    yield from _named(f"camera {new.id}: views added", now.keys() - was.keys(), now)
    yield from _named(f"camera {new.id}: views removed", was.keys() - now.keys(), was)
    for name in (name for name in now if name in was):
        keys = [key for key in _changed(was[name].model_dump(), now[name].model_dump()) if key != "zones"]
        if keys:
            yield f"camera {new.id}: view {name} changed: {', '.join(keys)}"


def _zones(old: CameraConfig, new: CameraConfig) -> Iterator[str]:
    was, now = ({one.id: one for one in camera.all_zones} for camera in (old, new))
    yield from _named(f"camera {new.id}: zones added", now.keys() - was.keys(), now)
    yield from _named(f"camera {new.id}: zones removed", was.keys() - now.keys(), was)
    for name in (name for name in now if name in was and was[name] != now[name]):
        keys = _changed(was[name].model_dump(), now[name].model_dump())
        yield f"camera {new.id}: zone {name} changed: {', '.join(keys)}"


def _rules(old: Site, new: Site) -> Iterator[str]:
    was, now = ({one.id: asdict(one) for one in site.violations(period_s=1.0)} for site in (old, new))
    yield from _named("rules added", now.keys() - was.keys(), now)
    yield from _named("rules removed", was.keys() - now.keys(), was)
    for name in (name for name in now if name in was and was[name] != now[name]):
        keys = _changed(was[name], now[name])
        told = ", ".join(_with_values(key, was[name][key], now[name][key]) for key in keys)
        yield f"rule {name} changed: {told}"


def _with_values(key: str, was: object, now: object) -> str:
    plain = isinstance(was, (int, float)) and isinstance(now, (int, float))
    return f"{key} from {was:g} to {now:g}" if plain and not isinstance(was, bool) else key


def _sinks(old: Site, new: Site) -> Iterator[str]:
    was, now = ({one.name: one for one in site.config.sinks} for site in (old, new))
    yield from _named("sinks added", now.keys() - was.keys(), now)
    yield from _named("sinks removed", was.keys() - now.keys(), was)
    for name in (name for name in now if name in was and was[name] != now[name]):
        yield f"sink {name} changed: {', '.join(_changed(was[name].model_dump(), now[name].model_dump()))}"


def _rest(old: Site, new: Site) -> Iterator[str]:
    keys = [f"watch.{key}" for key in _changed(old.config.watch.model_dump(), new.config.watch.model_dump())]
    keys += [key for key in ("timezone", "model", "careful") if getattr(old.config, key) != getattr(new.config, key)]
    if old.book.zone_kinds != new.book.zone_kinds:
        keys.append("zone_kinds")
    if keys:
        yield f"changed: {', '.join(keys)}"


def _named(what: str, names: "set[str]", order: Mapping[str, object]) -> Iterator[str]:
    """One line with the names, in the order of the configuration; nothing where there are none."""
    listed: Sequence[str] = [name for name in order if name in names]
    if listed:
        more = f" and {len(listed) - _NAMED} more" if len(listed) > _NAMED else ""
        yield f"{what}: {', '.join(listed[:_NAMED])}{more}"


def _changed(was: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    return [key for key in dict.fromkeys((*was, *now)) if was.get(key) != now.get(key)]
