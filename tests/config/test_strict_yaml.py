from pathlib import Path

import pytest
from pydantic import Field

from cvinspect.config.strict_yaml import Number, Strict, line_of, read_yaml, validated
from cvinspect.errors import ConfigError


class Lamp(Strict):
    """Something to configure."""

    name: str
    watts: Number = Field(5.0, ge=0)


class Room(Strict):
    """Something that holds it."""

    lamps: tuple[Lamp, ...] = ()
    owner: str | None = None


def message(path: Path, content: str | bytes) -> str:
    """What is said of a file with that content, the folder left out."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(ConfigError) as caught:
        validated(Room, read_yaml(path), path)
    assert "\n" not in str(caught.value)
    return str(caught.value).replace(str(path), path.name)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "room.yaml"


def test_a_file_is_read_into_its_model(path: Path) -> None:
    path.write_text("lamps:\n  - {name: 灯, watts: 7}\n  - {name: spot}\n", encoding="utf-8")

    assert validated(Room, read_yaml(path), path) == Room(lamps=(Lamp(name="灯", watts=7.0), Lamp(name="spot")))


@pytest.mark.parametrize("content", ["", "# nothing yet\n", "---\n"])
def test_an_empty_file_is_an_empty_mapping(path: Path, content: str) -> None:
    path.write_text(content, encoding="utf-8")

    assert validated(Room, read_yaml(path), path) == Room()


def test_a_byte_order_mark_is_no_part_of_the_first_key(path: Path) -> None:
    path.write_bytes("owner: 王\n".encode("utf-8-sig"))

    assert validated(Room, read_yaml(path), path) == Room(owner="王")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(
            "owner: me\nlamp: []\n",
            "room.yaml:2: the whole file: unknown key 'lamp'; allowed: lamps, owner",
            id="unknown key",
        ),
        pytest.param(
            "lamps:\n  - name: a\n  - name: b\n    wats: 3\n",
            "room.yaml:4: lamps.1: unknown key 'wats'; allowed: name, watts",
            id="unknown key deep down",
        ),
        pytest.param("lamps:\n  - watts: 3\n", "room.yaml:2: lamps.0.name: Field required", id="missing key"),
        pytest.param(
            "lamps:\n  - name: a\n    watts: bright\n",
            "room.yaml:3: lamps.0.watts: Input should be a valid number, unable to parse string as a number; "
            "found 'bright'",
            id="a word for a number",
        ),
        pytest.param(
            "lamps:\n  - name: a\n    watts: yes\n",
            "room.yaml:3: lamps.0.watts: true is no number; allowed: a number",
            id="yes for a number",
        ),
        pytest.param(
            "lamps:\n  - name: a\n    watts: -2\n",
            "room.yaml:3: lamps.0.watts: Input should be greater than or equal to 0; found -2",
            id="out of range",
        ),
        pytest.param(
            "lamps:\n  - name: 007\n",
            "room.yaml:2: lamps.0.name: text is needed, in quotes where it looks like something else; found 7",
            id="a number for text",
        ),
        pytest.param(
            "lamps: {name: a}\n",
            "room.yaml:1: lamps: a list is needed",
            id="keys for a list",
        ),
        pytest.param(
            "owner: me\nlamps:\n", "room.yaml:2: lamps: a list is needed; found None", id="nothing for a list"
        ),
        pytest.param(
            "- name: a\n",
            "room.yaml:1: the whole file: keys with values are needed; found [{'name': 'a'}]",
            id="a list at top level",
        ),
        pytest.param(
            "lamps\n", "room.yaml:1: the whole file: keys with values are needed; found 'lamps'", id="a lone word"
        ),
        pytest.param(
            "lamps:\n  - name: a\n    name: b\n",
            "room.yaml: line 3, column 5: key 'name' stands here a second time",
            id="a key twice",
        ),
        pytest.param(
            "lamps:\n\t- name: a\n",
            "room.yaml: line 2, column 1: found character '\\t' that cannot start any token",
            id="a tab",
        ),
        pytest.param(
            "owner: [a\nlamps: []\n",
            "room.yaml: line 2, column 6: expected ',' or ']', but got ':'",
            id="a bracket left open",
        ),
        pytest.param("? [a]\n: b\n", "room.yaml: line 1, column 3: found unhashable key", id="a list for a key"),
        pytest.param(
            "owner: 2024-13-45\n",
            "room.yaml: a value that is none: month must be in 1..12; put text in quotes",
            id="an impossible date",
        ),
        pytest.param(
            "lamps:\n  - name: a\n    watts: !!bool maybe\n",
            "room.yaml: line 3, column 12: 'maybe' is no bool",
            id="a word called a truth value",
        ),
        pytest.param("owner: !!int ''\n", "room.yaml: line 1, column 8: '' is no int", id="nothing called a number"),
        pytest.param("owner: !!float ''\n", "room.yaml: line 1, column 8: '' is no float", id="nothing called a float"),
        pytest.param(
            "owner: !!timestamp soon\n", "room.yaml: line 1, column 8: 'soon' is no timestamp", id="no moment"
        ),
        pytest.param(
            'owner: "a\\ud800b"\n',
            "room.yaml: line 1, column 8: \\ud800 to \\udfff are no letters; write the letter itself",
            id="half a letter",
        ),
        pytest.param(
            '"\\ud800": 1\n',
            "room.yaml: line 1, column 1: \\ud800 to \\udfff are no letters; write the letter itself",
            id="half a letter for a key",
        ),
        pytest.param(
            b"owner: \xcd\xf5\n", "room.yaml: not UTF-8 text (byte 7); save it as UTF-8", id="another encoding"
        ),
        pytest.param(
            "owner: a\0b\n",
            "room.yaml: unacceptable character #x0000: special characters are not allowed in "
            '"<unicode string>", position 8',
            id="a NUL",
        ),
        pytest.param(
            "owner: a\n---\nowner: b\n",
            "room.yaml: line 2, column 1: but found another document",
            id="two documents",
        ),
        pytest.param(
            "owner: !!python/object/apply:os.getcwd []\n",
            "room.yaml: line 1, column 8: could not determine a constructor for the tag "
            "'tag:yaml.org,2002:python/object/apply:os.getcwd'",
            id="code",
        ),
    ],
)
def test_a_mistake_is_one_line_with_file_place_and_what_is_allowed(path: Path, content: str | bytes, said: str) -> None:
    assert message(path, content) == said


def test_further_mistakes_are_counted(path: Path) -> None:
    assert message(path, "lamps:\n  - watts: -1\n  - watts: -2\n") == (
        "room.yaml:2: lamps.0.name: Field required (and 3 more)"
    )


def test_a_long_value_is_cut_short(path: Path) -> None:
    said = message(path, f"lamps: {'x' * 500}\n")

    assert said == f"room.yaml:1: lamps: a list is needed; found '{'x' * 59}…"


def test_a_missing_file_is_named(path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read_yaml(path)

    assert str(caught.value) == f"{path}: cannot be read: No such file or directory"


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read_yaml(tmp_path)

    assert str(caught.value) == f"{tmp_path}: cannot be read: Is a directory"


def test_anchors_and_merges_may_repeat_what_they_override(path: Path) -> None:
    path.write_text("base: &base {a: 1, b: 2}\nown: {<<: *base, b: 3}\n", encoding="utf-8")

    assert read_yaml(path) == {"base": {"a": 1, "b": 2}, "own": {"a": 1, "b": 3}}


def test_merges_of_merges_at_any_depth_are_no_doubles(path: Path) -> None:
    path.write_text(
        "plain: &plain {a: 1}\ndeep: {er: {est: &deepest {<<: *plain, a: 2}}}\nown: {<<: *deepest, b: 3}\n",
        encoding="utf-8",
    )

    assert read_yaml(path) == {"plain": {"a": 1}, "deep": {"er": {"est": {"a": 2}}}, "own": {"a": 2, "b": 3}}


@pytest.mark.parametrize("key", ["a", "name", "1", "2024-01-02"])
@pytest.mark.parametrize(
    ("merges", "wins"),
    [
        pytest.param("{<<: *near}", 2, id="its own before what it merged"),
        pytest.param("{<<: [*near, *far]}", 2, id="the first of a list"),
        pytest.param("{<<: [*far, *near]}", 1, id="the first of a list, though that is further away"),
        pytest.param("{<<: [{<<: *other}, {<<: *near}]}", 2, id="merges written in place"),
        pytest.param("{<<: *near, KEY: 3}", 3, id="its own before the merge"),
        pytest.param("{KEY: 3, <<: [*near, *far]}", 3, id="wherever the merge stands"),
    ],
)
def test_the_nearest_wins_of_merged_keys(path: Path, key: str, merges: str, wins: int) -> None:
    text = "far: &far {KEY: 1}\nnear: &near {<<: *far, KEY: 2}\nother: &other {more: 0}\n"
    path.write_text(f"{text}own: {merges}\n".replace("KEY", key), encoding="utf-8")

    assert wins in read_yaml(path)["own"].values()
    assert len(read_yaml(path)["own"]) == 1 + ("other" in merges)


def test_keys_that_are_written_differently_are_one_to_a_merge(path: Path) -> None:
    path.write_text("far: &far {1: a, b: d}\nown: {<<: [{0x1: c}, *far]}\n", encoding="utf-8")

    assert read_yaml(path)["own"] == {1: "c", "b": "d"}


def test_a_mapping_that_merges_itself_is_refused(path: Path) -> None:
    says = "room.yaml: line 1, column 6: refers to what it stands in itself"
    assert message(path, "own: &own {<<: [*own, {b: 2}], a: 1}\n") == says


def test_merges_of_merges_do_not_grow_without_bounds(path: Path) -> None:
    lines = [f"m{n}: &m{n} {{<<: [{', '.join([f'*m{n - 1}'] * 9)}]}}" for n in range(1, 12)]
    text = "\n".join(["m0: &m0 {a: 1}", *lines])
    says = "room.yaml: line 1, column 1: references (&, *) within references: 1.19e+11 values; allowed: 200000"
    assert message(path, text) == says


@pytest.mark.parametrize(
    ("merges", "column", "kind"), [("3", 13, "single value"), ("''", 13, "single value"), ("[{a: 1}, [b]]", 22, "list")]
)
def test_only_mappings_can_be_merged(path: Path, merges: str, column: int, kind: str) -> None:
    assert message(path, f"owner: {{<<: {merges}}}\n") == (
        f"room.yaml: line 1, column {column}: keys with values are needed, or a list of such; '<<' merges no {kind}"
    )


def test_the_line_of_a_key_is_that_of_the_deepest_one_that_is_there(path: Path) -> None:
    path.write_text("owner: me\nlamps:\n  - name: a\n  - name: b\n    watts: 3\n", encoding="utf-8")

    keys: list[tuple[int | str, ...]] = [(), ("owner",), ("lamps", 1, "watts"), ("lamps", 0, "watts"), ("lamps", 7)]
    assert [line_of(path, *one) for one in keys] == [":1", ":1", ":5", ":3", ":2"]
    assert line_of(path.with_name("none.yaml"), "owner") == ""
