"""Text fits, and Chinese is drawn."""

import numpy as np
import pytest

from cvinspect.evidence.lettering import Text, elided, flow, text_width, write

WHITE = (255, 255, 255)


def drawn(words: str) -> np.ndarray:
    canvas = np.zeros((40, 200, 3), np.uint8)
    write(canvas, Text(words, WHITE), (4, 28), 24)
    return canvas


def test_chinese_letters_are_drawn_and_differ() -> None:
    # A font without them would draw the same replacement for each.
    pictures = [drawn(words) for words in ("停", "街", "伞")]
    assert [picture.any() for picture in pictures] == [True, True, True]
    assert not np.array_equal(pictures[0], pictures[1])
    assert not np.array_equal(pictures[1], pictures[2])


@pytest.mark.parametrize("width_px", [20, 60, 150, 400])
def test_elided_text_is_never_wider_than_its_room(width_px: int) -> None:
    words = elided("人民路18号近中山东路口 South kerb", 16, 400, width_px)
    assert text_width(words, 16) <= width_px


def test_what_does_not_fit_goes_to_the_next_line() -> None:
    texts = [Text("机动车乱停放", WHITE), Text("Illegal parking", WHITE), Text("全景", WHITE)]
    wide, narrow = (flow(texts, size_px=16, width_px=width_px) for width_px in (1000, 130))
    assert ({item.y for item in wide.placed}, [item.x for item in narrow.placed]) == ({16}, [0, 0, 0])
    assert narrow.height_px == 3 * wide.height_px


def test_line_ends_in_names_are_not_drawn() -> None:
    layout = flow([Text("north\ngate\x00", WHITE)], size_px=16, width_px=500)
    assert [item.text.words for item in layout.placed] == ["north gate "]
