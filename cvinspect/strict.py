"""Reading YAML so that every mistake gets one line: file, line, key path, what was found, what is allowed."""

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import ErrorDetails

from cvinspect.errors import ConfigError

_FOUND_LENGTH = 60


class Strict(BaseModel):
    """A model that names the allowed keys when it meets one it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _known_keys_only(cls, data: Any) -> Any:
        if isinstance(data, dict):
            unknown = [str(key) for key in data if key not in cls.model_fields]
            if unknown:
                raise ValueError(f"unknown key {unknown[0]!r}; allowed: {', '.join(cls.model_fields)}")
        return data


Model = TypeVar("Model", bound=BaseModel)


def read_yaml(path: Path) -> Any:
    """The parsed file; an empty one is an empty mapping.

    Raises ConfigError when it cannot be read, is no YAML, or names a key twice.
    """
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
    return {} if data is None else data


def validated(model: type[Model], data: Any, path: Path) -> Model:
    """`data` as `model`; raises ConfigError with the first fault."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        faults = error.errors()
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        raise ConfigError(f"{path}{_line_of(path, faults[0])}: {_fault(faults[0])}{more}") from error


def _fault(fault: ErrorDetails) -> str:
    key = ".".join(str(part) for part in fault["loc"]) or "the whole file"
    message = fault["msg"].removeprefix("Value error, ")
    found = repr(fault["input"])
    if isinstance(fault["input"], dict) or fault["type"] in ("missing", "value_error"):
        return f"{key}: {message}"
    return f"{key}: {message}; found {found[:_FOUND_LENGTH]}{'…' if len(found) > _FOUND_LENGTH else ''}"


def _line_of(path: Path, fault: ErrorDetails) -> str:
    """`:LINE` of the deepest key on the fault's path that stands in the file."""
    try:
        node = yaml.compose(path.read_text(encoding="utf-8-sig"), yaml.SafeLoader)
    except (OSError, yaml.YAMLError):
        return ""
    if node is None:
        return ""
    line = node.start_mark.line
    for part in fault["loc"]:
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


class _UniqueKeyLoader(yaml.SafeLoader):
    """The safe loader, which would let the last of two equal keys win in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"key {key.value!r} stands here a second time", key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)
