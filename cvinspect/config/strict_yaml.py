"""Reading YAML so that every mistake gets one line: file, line, key path, what was found, what is allowed."""

import reprlib
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from cvinspect.config.file_kinds import refuse_other_kinds
from cvinspect.errors import ConfigError
from cvinspect.words import without_credentials
from cvinspect.yaml_loader import BoundedLoader

_FOUND_LENGTH = 60
_WRITTEN = reprlib.Repr()
"""Writes out no more of a value than can be shown: what is nested by references may have billions of parts."""
_WRITTEN.maxstring = _WRITTEN.maxother = 4 * _FOUND_LENGTH
_MERGE = "tag:yaml.org,2002:merge"
_PLAIN_WORDS = {
    "tuple_type": "a list is needed",
    "dict_type": "keys with values are needed",
    "model_type": "keys with values are needed",
    "model_attributes_type": "keys with values are needed",
    "union_tag_not_found": "the key type is needed, which says what the other keys mean",
    "string_type": "text is needed, in quotes where it looks like something else",
}
"""What pydantic says of Python's types, in YAML's."""


class Strict(BaseModel):
    """A model that names the allowed keys when it meets one it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _known_keys_only(cls, data: Any) -> Any:
        if isinstance(data, dict):
            unknown = [str(key) for key in data if key not in cls.model_fields]
            if unknown:
                found = {"key": unknown[0], "allowed": ", ".join(cls.model_fields)}
                raise PydanticCustomError("unknown_key", "unknown key '{key}'; allowed: {allowed}", found)
        return data


def _no_truth_value(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError(f"{str(value).lower()} is no number; allowed: a number")
    return value


Number = Annotated[float, BeforeValidator(_no_truth_value)]
"""A float; `true`, which YAML also reads from `yes` and `on`, would pass for 1."""

Name = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f/\\]+$")]
PathText = Annotated[str, Field(min_length=1, pattern=r"^[^\x00]+$")]

Model = TypeVar("Model", bound=BaseModel)


def read_yaml(path: Path) -> Any:
    """The parsed file; an empty one is an empty mapping.

    A merge, `<<`, gives a mapping what it does not name itself: its own keys win over merged ones, of a list of
    merged mappings the first that has a key wins, and a merged mapping is taken with its own merges resolved.

    Raises ConfigError when it cannot be read, is no YAML, or names a key twice.
    """
    refuse_other_kinds(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 text (byte {error.start}); save it as UTF-8") from error
    try:
        data = yaml.load(text, _UniqueKeyLoader)  # a SafeLoader with one more check
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: {_yaml_fault(error)}") from error
    except ValueError as error:  # the loader lets those of impossible dates and numbers through
        raise ConfigError(f"{path}: a value that is none: {error}; put text in quotes") from error
    except RecursionError as error:
        raise ConfigError(f"{path}: brackets within brackets without end") from error
    return {} if data is None else data


def validated(model: type[Model], data: Any, path: Path) -> Model:
    """`data` as `model`; raises ConfigError with the first fault."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        faults = error.errors()
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        keys = _keys(faults[0], data)
        unknown = (faults[0]["ctx"]["key"],) if faults[0]["type"] == "unknown_key" else ()
        line = line_of(path, *keys, *unknown)
        raise ConfigError(f"{path}{line}: {without_credentials(_fault(faults[0], keys))}{more}") from error


def _keys(fault: ErrorDetails, data: Any) -> list[int | str]:
    """Where a fault stands in the file; pydantic also names which of several models it tried, which no file holds."""
    keys: list[int | str] = []
    for part in fault["loc"]:
        if _holds(data, part):
            keys.append(part)
            data = data[part]
        elif fault["type"] == "missing" and part == fault["loc"][-1]:
            keys.append(part)
    return keys


def _holds(data: Any, part: int | str) -> bool:
    return part in data if isinstance(data, dict) else isinstance(data, list) and part in range(len(data))


def _fault(fault: ErrorDetails, keys: Sequence[int | str]) -> str:
    key = ".".join(str(part) for part in keys) or "the whole file"
    message = _PLAIN_WORDS.get(fault["type"], fault["msg"].removeprefix("Value error, "))
    found = without_credentials(_WRITTEN.repr(fault["input"]))
    if isinstance(fault["input"], dict) or fault["type"] in ("missing", "value_error"):
        return f"{key}: {message}"
    return f"{key}: {message}; found {found[:_FOUND_LENGTH]}{'…' if len(found) > _FOUND_LENGTH else ''}"


def line_of(path: Path, *keys: int | str) -> str:
    """`:LINE` of the deepest of these nested keys that stands in the file; nothing where there is no such file."""
    try:
        node = yaml.compose(path.read_text(encoding="utf-8-sig"), yaml.SafeLoader)
    except (OSError, yaml.YAMLError):
        return ""
    if node is None:
        return ""
    line = node.start_mark.line
    for part in keys:
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == str(part)), None)
            if found is None:
                break
            line, node = found[0].start_mark.line, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line
        else:
            break
    return f":{line + 1}"


def _yaml_fault(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return f"line {error.problem_mark.line + 1}, column {error.problem_mark.column + 1}: {error.problem}"
    return " ".join(str(error).split())


class _UniqueKeyLoader(BoundedLoader):
    """The safe loader, which would let the last of two equal keys win in silence, and some values end the program.

    Merges are its own: with PyYAML 6.0.4 a merged mapping's keys of one letter lose to what it merged itself, and of a
    list the last wins.
    """

    def construct_scalar(self, node: yaml.ScalarNode | yaml.MappingNode) -> Any:
        value = super().construct_scalar(node)
        if any("\ud800" <= letter <= "\udfff" for letter in value):
            raise _fault_at(node, "\\ud800 to \\udfff are no letters; write the letter itself")
        return value

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except (LookupError, AttributeError, TypeError) as error:  # what its makers of numbers and dates stumble over
            kind = node.tag.rpartition(":")[2]
            raise _fault_at(node, f"{_WRITTEN.repr(node.value)} is no {kind}") from error

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        node = super().compose_mapping_node(anchor)  # as written: merges would add keys to it later
        seen = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in seen:
                raise _fault_at(key, f"key {key.value!r} stands here a second time")
            seen.add(key.value)
        return node

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        sources = [value for key, value in node.value if key.tag == _MERGE]
        node.value = [pair for pair in node.value if pair[0].tag != _MERGE]  # first: what it merges may hold itself
        super().flatten_mapping(node)
        if not sources:
            return
        merged = [self._merged(one) for source in sources for one in _listed(source)]
        pairs: dict[Any, tuple[yaml.Node, yaml.Node]] = {}
        for key, value in chain(*reversed(merged), node.value):
            pairs[self.construct_object(key) if isinstance(key, yaml.ScalarNode) else id(key)] = (key, value)
        node.value = list(pairs.values())

    def _merged(self, source: yaml.Node) -> list[tuple[yaml.Node, yaml.Node]]:
        if not isinstance(source, yaml.MappingNode):
            kind = "list" if isinstance(source, yaml.SequenceNode) else "single value"
            raise _fault_at(source, f"keys with values are needed, or a list of such; '<<' merges no {kind}")
        self.flatten_mapping(source)
        return list(source.value)


def _listed(source: yaml.Node) -> list[yaml.Node]:
    return list(source.value) if isinstance(source, yaml.SequenceNode) else [source]


def _fault_at(node: yaml.Node, says: str) -> yaml.YAMLError:
    return yaml.constructor.ConstructorError(None, None, says, node.start_mark)


def refuse_doubles(names: list[str], what: str) -> None:
    """Raise ValueError where a name stands there twice; `what` it is a name of."""
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise ValueError(f"{what} {doubled[0]!r} stands here twice; allowed: each once")
