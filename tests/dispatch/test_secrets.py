"""Whatever a receiver makes of a secret that it repeats, no message holds it."""

import html
import json
import time
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cvinspect.dispatch.secrets import redacted

WRITTEN: dict[str, Callable[[str], str]] = {
    "plain": str,
    "percent": lambda key: quote(key, safe=""),
    "percent, a slash left": quote,
    "percent, lower case": lambda key: "".join(
        f"%{byte:02x}" if byte > 126 or not chr(byte).isalnum() else chr(byte) for byte in key.encode()
    ),
    "percent, every letter": lambda key: "".join(f"%{byte:02X}" for byte in key.encode()),
    "form": quote_plus,
    "JSON": lambda key: json.dumps(key)[1:-1],
    "JSON in UTF-8": lambda key: json.dumps(key, ensure_ascii=False)[1:-1],
    "JSON of PHP": lambda key: json.dumps(key)[1:-1].replace("/", "\\/"),
    "JSON for HTML": lambda key: json.dumps(key)[1:-1].replace("<", "\\u003C").replace("&", "\\u0026"),
    "HTML": html.escape,
    "HTML of PHP": lambda key: html.escape(key).replace("&#x27;", "&#039;"),
    "HTML by numbers": lambda key: "".join(f"&#{ord(letter)};" for letter in key),
}
KEY = "k-1/2 3\\4\\\\5\"6'7+8%9&<钥😀>=="

AROUND = ("plain", "JSON", "JSON of PHP", "JSON in UTF-8", "HTML")
"""What an answer is written in as a whole."""


@pytest.mark.parametrize("outer", [WRITTEN[name] for name in AROUND], ids=AROUND)
@pytest.mark.parametrize("inner", WRITTEN.values(), ids=WRITTEN)
def test_a_secret_is_blotted_out_however_it_is_written(
    inner: Callable[[str], str], outer: Callable[[str], str]
) -> None:
    assert redacted(f"key {outer(inner(KEY))} is blocked", (KEY,)) == "key *** is blocked"


@given(
    key=st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), min_size=1, max_size=12),
    written=st.sampled_from(sorted(WRITTEN)),
)
def test_any_secret_is_blotted_out(key: str, written: str) -> None:
    assert redacted(f"\x00{WRITTEN[written](key)}\x00", (key,)) == "***"


@pytest.mark.parametrize("text", ["\\" * 16_000, "%25" * 5_000, "%" + "25" * 8_000, "&amp;" * 3_000, "&#0" * 5_000])
def test_no_text_makes_looking_for_a_secret_slow(text: str) -> None:
    for key in ("\\" * 20 + "a", "%25" * 10, "a&b&c", "25252525", KEY):
        began_s = time.process_time()
        redacted(text, (key,))
        assert time.process_time() - began_s < 2.0


@pytest.mark.parametrize("said", ["k1+\u200bZ9", "k1+\x00Z\ufeff9", "k1 Z9", "k1%2bZ9"])
def test_letters_that_nobody_sees_hide_no_secret(said: str) -> None:
    assert redacted(f"key {said} is blocked", ("k1+Z9",)) == "key *** is blocked"


def test_a_secret_with_letters_that_nobody_sees_is_found_as_it_was_sent() -> None:
    key = "k1\u00a0\u200bZ9"
    assert redacted(f"{key}, {quote(key)}, k1 Z9", (key,)) == "***, ***, ***"
