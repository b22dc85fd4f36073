"""The pages' templates."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Template


def template(name: str) -> "Template":
    """The one called `name` in this folder; what it shows is escaped, and a word that it is not given is an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # slow to load, and not needed before the end

    rooms = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return rooms.get_template(name)
