"""Marks for areas in which the absence of a label is not known. They travel among the boxes of a picture.

Training sets come together from sources that each drew a few labels. Where a label was not drawn, an unmarked thing
is no proof of absence: to punish a detector for seeing it there would teach it to overlook the very thing. Such a
picture carries a mark over its whole area for that label, and a place that nobody was sure of carries one of its
own. Mosaics, flips and crops treat them like any other box; the loss (`cvinspect.train.partial`) reads them.
"""


def undrawn(label: int, labels: int) -> int:
    """The index that marks an area in which nobody drew `label`, of `labels` labels in all."""
    return labels + label


def unsure(label: int, labels: int) -> int:
    """The index that marks an area that may or may not hold `label`: nothing is learnt from background there."""
    return 2 * labels + label
