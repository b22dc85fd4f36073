"""The site and the model that a command line names."""

from pathlib import Path
from typing import TYPE_CHECKING

from cvinspect.words import say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cvinspect.assembly.models import Model
    from cvinspect.config.site import Site
    from cvinspect.taxonomy import Violation


def load(config: Path | None, model: Path | None) -> tuple["Site", "Model"]:
    """Both, the shipped ones where nothing is named. Raises ConfigError or ModelError."""
    from cvinspect.assembly.models import load_model
    from cvinspect.config.site import load_site

    site = load_site(config)
    return site, load_model(site, model)


def load_both(config: Path | None, model: Path | None, careful: str | None) -> tuple["Site", "Model"]:
    """As `load`, with the careful network that looks after the model's; raises ConfigError or ModelError."""
    from cvinspect.assembly.eyes import with_careful

    site, quick = load(config, model)
    return site, with_careful(site, quick, careful)


def name_unbacked(site: "Site", model: "Model") -> None:
    """A note that names the classes which the model has no label for, and one for labels that learnt from nothing."""
    from cvinspect.assembly.models import unbacked

    nowhere = unbacked(site, model)
    blind = [one for one in nowhere if not model.has_any(one.labels)]
    if blind:
        say(f"note: model {model.card.name} cannot see these classes, it has no label of theirs: {_named(blind)}")
    untaught = [one for one in nowhere if model.has_any(one.labels)]
    if untaught:
        what = "its labels of these classes rest on nothing, so what it raises of them is a guess"
        say(f"note: model {model.card.name}: {what}: {_named(untaught)}")


def _named(violations: "Iterable[Violation]") -> str:
    return ", ".join(f"{one.id} ({one.names.zh})" for one in violations)
