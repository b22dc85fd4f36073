"""The site and the model that a command line names."""

from pathlib import Path
from typing import TYPE_CHECKING

from cvinspect.words import say

if TYPE_CHECKING:
    from cvinspect.assembly.models import Model
    from cvinspect.config.site import Site


def load(config: Path | None, model: Path | None) -> tuple["Site", "Model"]:
    """Both, the shipped ones where nothing is named. Raises ConfigError or ModelError."""
    from cvinspect.assembly.models import load_model
    from cvinspect.config.site import load_site

    site = load_site(config)
    return site, load_model(site, model)


def name_unbacked(site: "Site", model: "Model") -> None:
    """A note that names the classes which no label of the model backs."""
    from cvinspect.assembly.models import unbacked

    blind = unbacked(site, model)
    if blind:
        names = ", ".join(f"{one.id} ({one.names.zh})" for one in blind)
        say(f"note: model {model.card.name} cannot see these classes, no label of it backs them: {names}")
