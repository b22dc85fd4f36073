"""The loss for pictures in which not every label was drawn."""

from typing import Any

import pytest

from cvinspect.errors import ModelError

torch = pytest.importorskip("torch", reason="the extra `train` is not installed")

LABELS = 3


@pytest.fixture(scope="module")
def model(torch_is_there: None) -> Any:
    from ultralytics.cfg import get_cfg
    from ultralytics.nn.tasks import DetectionModel

    torch.manual_seed(0)
    model = DetectionModel("yolo26n.yaml", nc=LABELS, verbose=False)
    model.args = get_cfg()
    return model.train()


def losses(model: Any, loss_of: Any, *marks: Any, drawn: Any = ((0, 0.5, 0.5, 0.3, 0.3),)) -> Any:
    """Total class loss of both heads for one picture with these boxes (index, x, y, w, h)."""
    rows = torch.tensor([*drawn, *marks], dtype=torch.float32).reshape(-1, 5)
    batch = {
        "img": torch.zeros(1, 3, 64, 64),
        "cls": rows[:, :1],
        "bboxes": rows[:, 1:],
        "batch_idx": torch.zeros(len(rows)),
    }
    torch.manual_seed(1)
    with torch.no_grad():
        predictions = model(torch.rand(1, 3, 64, 64))
        return loss_of(model)(predictions, batch)[0].tolist()


def partial(model: Any) -> Any:
    from cvinspect.train.partial import partial_criterion

    return partial_criterion(model)


def plain(model: Any) -> Any:
    from ultralytics.utils.loss import E2ELoss

    return E2ELoss(model)


def test_without_marks_it_is_ultralytics_own_loss(model: Any) -> None:
    assert losses(model, partial) == pytest.approx(losses(model, plain))


def test_an_undrawn_label_costs_less_and_boxes_cost_the_same(model: Any) -> None:
    from cvinspect.train.partial import UNDRAWN

    box, full, distance = losses(model, partial)
    box_of_marked, marked, distance_of_marked = losses(model, partial, (LABELS + 1, 0.5, 0.5, 1, 1))
    assert (box_of_marked, distance_of_marked) == (box, distance)
    _, both, _ = losses(model, partial, (LABELS + 1, 0.5, 0.5, 1, 1), (LABELS + 2, 0.5, 0.5, 1, 1))
    assert full > marked > both
    # An untrained network scores the two labels it is not asked about nearly alike: each takes the same off.
    assert full - marked == pytest.approx(marked - both, rel=0.2)
    assert UNDRAWN > 0


def test_where_nobody_is_sure_background_is_free_and_elsewhere_it_is_not(model: Any) -> None:
    _, full, _ = losses(model, partial)
    _, nowhere, _ = losses(model, partial, (2 * LABELS + 1, 0.5, 0.5, 1, 1))
    _, half, _ = losses(model, partial, (2 * LABELS + 1, 0.25, 0.5, 0.5, 1))
    _, undrawn, _ = losses(model, partial, (LABELS + 1, 0.5, 0.5, 1, 1))
    assert full > half > nowhere
    assert undrawn > nowhere
    assert full - half == pytest.approx((full - nowhere) / 2, rel=0.2)


def test_a_thing_that_was_drawn_counts_wholly_even_under_a_mark(model: Any) -> None:
    drawn = losses(model, partial, drawn=((1, 0.5, 0.5, 0.3, 0.3),))
    marked = losses(model, partial, (2 * LABELS + 1, 0.5, 0.5, 1, 1), drawn=((1, 0.5, 0.5, 0.3, 0.3),))
    assert marked[0] == drawn[0]
    assert 0 < marked[1] < drawn[1]


class Oracle:
    """Says the same score of the third label everywhere."""

    def __init__(self, score: float) -> None:
        self._score = score
        self.taught = torch.tensor([2])

    def scores(self, pictures: Any) -> Any:
        return dict.fromkeys(("one2many", "one2one"), torch.full((len(pictures), 84, 1), self._score))


def test_a_teacher_that_sees_nothing_changes_nothing_and_one_that_sees_something_asks_for_it(model: Any) -> None:
    from cvinspect.train.partial import partial_criterion

    alone = losses(model, partial)
    blind = losses(model, lambda network: partial_criterion(network, Oracle(0.0)))
    seeing = losses(model, lambda network: partial_criterion(network, Oracle(0.5)))
    assert blind == pytest.approx(alone)
    assert seeing[0] == pytest.approx(alone[0])
    assert seeing[1] > alone[1]  # an untrained network says nearly nothing, and is asked for a half


def test_what_was_drawn_stands_whatever_the_teacher_says(model: Any) -> None:
    from cvinspect.train.partial import partial_criterion

    drawn = ((2, 0.5, 0.5, 0.3, 0.3),)
    criterion = partial_criterion(model, Oracle(0.0))
    assert losses(model, lambda _: criterion, drawn=drawn) == pytest.approx(losses(model, partial, drawn=drawn))


def test_a_coco_network_teaches_the_labels_that_are_its_own(coco_base: Any) -> None:
    from cvinspect.train.teacher import teacher_from

    teacher = teacher_from(coco_base, ("bin", "person", "motor_vehicle"))
    assert teacher.taught.tolist() == [1, 2]
    said = teacher.scores(torch.rand(2, 3, 64, 64))
    assert said["one2one"].shape == (2, 84, 2)
    with pytest.raises(ModelError, match="--teacher"):
        teacher_from(coco_base, ("bin", "banner"))


def test_marks_of_one_picture_leave_the_others_alone(model: Any) -> None:
    from cvinspect.train.partial import PartialLoss

    loss = PartialLoss(model)
    feats = [torch.zeros(2, 1, 8, 8), torch.zeros(2, 1, 4, 4), torch.zeros(2, 1, 2, 2)]
    batch = {
        "cls": torch.tensor([[LABELS + 0.0], [2 * LABELS + 2.0]]),
        "bboxes": torch.tensor([[0.5, 0.5, 1, 1], [0.25, 0.25, 0.5, 0.5]]),
        "batch_idx": torch.tensor([0.0, 1.0]),
    }
    weights = loss._background_weights({"feats": feats, "scores": torch.zeros(2, LABELS, 84)}, batch, torch.ones(2) > 0)
    assert weights.shape == (2, 84, LABELS)
    assert (weights[0, :, 0] < 1).all()
    assert (weights[0, :, 1:] == 1).all()
    assert (weights[1, :, :2] == 1).all()
    assert (weights[1, :, 2] == 0).sum() == 16 + 4 + 1  # a quarter of each level's cells
