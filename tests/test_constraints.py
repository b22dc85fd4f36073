"""What is installed is what is tested: the constraints fit the project, and nothing that runs is left to chance."""

import re
import tomllib
from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LINES = [
    line
    for line in (ROOT / "tools" / "constraints.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]
TESTED = {canonicalize_name(name): version for name, _, version in (line.partition("==") for line in LINES)}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PINNED = ("daemon", "dev", "evaluate", "openvino")


def required(*extras: str) -> list[Requirement]:
    """What the project needs, with these extras."""
    lines = [*PROJECT["dependencies"], *(line for extra in extras for line in PROJECT["optional-dependencies"][extra])]
    return [Requirement(line) for line in lines]


def test_the_constraints_are_names_and_versions_and_nothing_else() -> None:
    assert [line for line in LINES if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", line)] == []
    assert len(TESTED) == len(LINES)


def test_all_that_the_project_needs_is_there_in_a_version_that_it_allows() -> None:
    missing = [need.name for need in required(*PINNED) if canonicalize_name(need.name) not in TESTED]
    refused = [
        str(need) for need in required(*PINNED) if not need.specifier.contains(TESTED[canonicalize_name(need.name)])
    ]
    assert (missing, refused) == ([], [])


def test_all_that_those_packages_need_is_there_too() -> None:
    """Asked of the packages that are here in the tested version; others may need others."""
    here = {canonicalize_name(one.name): one for one in distributions()}
    installed = {name: one for name, one in here.items() if TESTED.get(name, one.version) == one.version}
    missing, todo, seen = set(), required(*PINNED), set()
    while todo:
        need = todo.pop()
        name = canonicalize_name(need.name)
        if (name, frozenset(need.extras)) in seen or name not in installed:
            continue
        seen.add((name, frozenset(need.extras)))
        if name not in TESTED:
            missing.add(name)
        for line in installed[name].requires or ():
            part = Requirement(line)
            if part.marker is None or any(part.marker.evaluate({"extra": extra}) for extra in (*need.extras, "")):
                todo.append(part)
    assert missing == set()


@pytest.mark.parametrize("name", ["torch", "ultralytics", "nncf", "bpy"])
def test_what_depends_on_the_machine_is_left_to_it(name: str) -> None:
    assert name not in TESTED


@pytest.mark.parametrize("file", ["Makefile", "deploy/Containerfile", "docs/operations.md"])
def test_whoever_installs_the_project_takes_the_tested_versions(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8").replace("$(TESTED)", "tools/constraints.txt")
    installs = re.findall(r"^.*(?:pip install|\$\(INSTALL\)).*$", text, flags=re.MULTILINE)
    without = [line for line in installs if "-c tools/constraints.txt" not in line]
    newest = [line for line in without if "INSTALL := " not in line and "out/newest" not in line]
    assert len(without) < len(installs)
    assert newest == []
