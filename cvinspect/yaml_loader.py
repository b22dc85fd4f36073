"""The loader that every YAML file goes through: a few lines that stand for billions of values are refused."""

import yaml

_MOST = 200_000
"""Values that a file may stand for by its references; some 100 bytes each."""
_MOST_TIMES = 10
"""As many times as it has written values it may stand for, if that is more."""


class BoundedLoader(yaml.SafeLoader):
    """The safe loader, which knows what a file's references come to before anything is built of it."""

    def get_single_node(self) -> yaml.Node | None:
        """The file's root. Raises yaml.YAMLError where something holds itself, or where references are too many."""
        node: yaml.Node | None = super().get_single_node()
        if node is not None:
            sizes: dict[int, int] = {}
            size = _size(node, sizes, set())
            if size > max(_MOST, _MOST_TIMES * len(sizes)):
                says = f"references (&, *) within references: {size:.3g} values; allowed: {_MOST}"
                raise yaml.composer.ComposerError(None, None, says, node.start_mark)
        return node


def _size(node: yaml.Node, sizes: dict[int, int], above: set[int]) -> int:
    """Values that a node stands for, its own and those it refers to; `sizes` by the nodes' ids."""
    if id(node) in sizes:
        return sizes[id(node)]
    if id(node) in above:
        raise yaml.composer.ComposerError(None, None, "refers to what it stands in itself", node.start_mark)
    above.add(id(node))
    sizes[id(node)] = 1 + sum(_size(one, sizes, above) for one in _parts(node))
    above.discard(id(node))
    return sizes[id(node)]


def _parts(node: yaml.Node) -> list[yaml.Node]:
    match node:
        case yaml.MappingNode():
            return [one for pair in node.value for one in pair]
        case yaml.SequenceNode():
            return list(node.value)
        case _:
            return []
