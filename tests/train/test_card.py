from pathlib import Path

import pytest

from cvinspect.config.site import shipped
from cvinspect.detect.model import ModelCard, load_card, read_card, sha256_of
from cvinspect.errors import DeliveryError
from cvinspect.train.card import write_card

CARDS = sorted(shipped("models/street-26n.yaml").parent.glob("*.yaml"))


@pytest.mark.parametrize("path", CARDS, ids=lambda path: path.stem)
def test_a_card_that_was_written_is_read_back_equal(path: Path, tmp_path: Path) -> None:
    card = load_card(path)
    write_card(tmp_path / "card.yaml", card)

    assert read_card(tmp_path / "card.yaml") == card
    assert [file.name for file in tmp_path.iterdir()] == ["card.yaml"]


def test_words_in_chinese_stay_readable(tmp_path: Path) -> None:
    write_card(tmp_path / "card.yaml", read_card(CARDS[0]).model_copy(update={"about": "街面巡查"}))

    assert "about: 街面巡查" in (tmp_path / "card.yaml").read_text(encoding="utf-8").splitlines()


def test_a_folder_that_is_not_there_is_a_delivery_error(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match=r"none/card\.yaml: cannot be written: No such file or directory"):
        write_card(tmp_path / "none" / "card.yaml", read_card(CARDS[0]))


def test_the_hash_is_that_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()

    assert sha256_of(tmp_path / "empty") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert isinstance(read_card(CARDS[0]), ModelCard)
