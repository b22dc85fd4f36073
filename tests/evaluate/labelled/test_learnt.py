"""Lists of the pictures that a network has learnt from."""

from pathlib import Path

import pytest

from cvinspect.config.site import shipped
from cvinspect.detect.model import read_card
from cvinspect.errors import DatasetError, DeliveryError
from cvinspect.evaluate.labelled.labelled_split import LabelledSet, read_labelled_set
from cvinspect.evaluate.labelled.learnt import (
    learnt_by,
    learnt_path,
    picture_digits,
    read_learnt,
    without_learnt,
    write_learnt,
)
from cvinspect.evaluate.labelled.manifest import Split
from tests.labelled_folder import Folder

CARDS = sorted(shipped("models/street-26n.yaml").parent.glob("*.yaml"))
A, B = "0123456789abcdef", "fedcba9876543210"


@pytest.fixture
def labelled(tmp_path: Path) -> LabelledSet:
    """Three pictures in val."""
    folder = Folder(tmp_path)
    for gray in (50, 51):
        folder.picture(f"val/images/{gray}.png", gray=gray)
    return read_labelled_set(folder.data, Split.VAL)


def test_a_list_is_written_in_order_and_once_and_read_back(tmp_path: Path) -> None:
    path = learnt_path(tmp_path / "net.yaml")
    write_learnt(path, [B, f"{A}{'0' * 48}", B])
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert text.splitlines()[1:] == [A, B]
    assert read_learnt(path) == {A, B}
    assert [file.name for file in tmp_path.iterdir()] == ["net.learnt.txt"]


def test_faulty_lines_are_named(tmp_path: Path) -> None:
    path = tmp_path / "net.learnt.txt"
    path.write_text(f"# pictures\n{A}\n\n{A[:-1]}\n{A.upper()}\n", encoding="utf-8")
    with pytest.raises(DatasetError) as caught:
        read_learnt(path)
    assert [line.partition(": ")[0] for line in str(caught.value).split("\n")] == [f"{path}:4", f"{path}:5"]


def test_a_list_that_cannot_be_written_is_a_delivery_error(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match="cannot be written: No such file or directory"):
        write_learnt(tmp_path / "none" / "net.learnt.txt", [A])


def test_the_list_beside_the_card_comes_before_that_beside_its_network(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    card, network = tmp_path / "mine.yaml", tmp_path / "there" / "net.onnx"
    assert learnt_by(card, network) == frozenset()
    write_learnt(learnt_path(network), [A])
    assert learnt_by(card, network) == {A}
    write_learnt(learnt_path(card), [B])
    assert learnt_by(card, network) == {B}


def test_copies_of_pictures_learnt_from_are_left_out(labelled: LabelledSet, tmp_path: Path) -> None:
    learnt = frozenset({picture_digits(tmp_path / "val" / "images" / "51.png"), A})
    kept = without_learnt(labelled, learnt, models=["net"])
    assert [kept.pictures[place].path.name for place in kept.judging] == ["50.png", "a.png"]
    assert (kept.judges, len(kept.left_out), len(kept.pictures)) == (2, 1, 3)
    assert without_learnt(labelled, frozenset({A}), models=["net"]) == labelled


def test_where_nothing_remains_it_is_said_who_has_learnt_it(labelled: LabelledSet) -> None:
    learnt = frozenset(picture_digits(picture.path) for picture in labelled.pictures)
    with pytest.raises(DatasetError, match="model quick or careful has learnt from all 3 pictures of val"):
        without_learnt(labelled, learnt, models=["quick", "careful"])


@pytest.mark.parametrize("path", CARDS, ids=lambda path: path.stem)
def test_every_shipped_network_says_what_it_has_learnt_from(path: Path) -> None:
    training = read_card(path).training
    assert training is not None
    real = sum(one.pictures for one in training.data if not one.source.startswith("synthetic/"))
    assert len(read_learnt(learnt_path(path))) >= real
