"""Scores as a model card holds them."""

from cvinspect.detect.figures import Figures, RateFigure
from cvinspect.evaluate.statistics.rates import Rate, Tally


def card_figures(pictures: int, things: int, ap50: float | None, ap50_95: float | None, held_out: Tally) -> Figures:
    """Rounded to three places; `held_out` was counted on pictures that had no part in choosing the threshold."""
    return Figures(
        pictures=pictures,
        boxes=things,
        ap50=_rounded(ap50),
        ap50_95=_rounded(ap50_95),
        precision=card_rate(held_out.precision),
        recall=card_rate(held_out.recall),
    )


def card_rate(rate: Rate) -> RateFigure:
    """Rounded to three places."""
    return RateFigure(value=_rounded(rate.share), low=round(rate.low, 3), high=round(rate.high, 3))


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 3)
