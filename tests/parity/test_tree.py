"""Nested structures against `keras.tree`."""

import pytest

from fastcnn import tree

NESTED = {"b": [1, (2, None)], "a": {"d": 4, "c": (5,)}}
CASES = {
    "flatten": lambda t: t.flatten(NESTED),
    "flatten_with_path": lambda t: t.flatten_with_path(NESTED),
    "is_nested": lambda t: [t.is_nested(value) for value in ([], (), {}, 1, None, "text")],
    "lists_to_tuples": lambda t: t.lists_to_tuples([1, [2, {"x": [3]}]]),
    "map_structure": lambda t: [
        t.map_structure(lambda a: [a], NESTED),
        t.map_structure(lambda a, b: (a, b), [1, (2,)], [3, (4,)]),
        t.map_structure(lambda a: -a, [1, None], none_is_leaf=False),
    ],
    "map_structure_up_to": lambda t: t.map_structure_up_to([0, (0,)], lambda a: a, [[1, 2], ({"x": 3},)]),
    "pack_sequence_as": lambda t: t.pack_sequence_as(NESTED, list("vwxyz")),
    "traverse": lambda t: [
        t.traverse(lambda part: part * 2 if isinstance(part, int) else None, NESTED, top_down=down)
        for down in (True, False)
    ],
}  # fmt: skip
SAME = [([1, (2,)], [3, (4,)]), ([1], (1,)), ([1], [1, 2]), ({"a": 1}, {"b": 1}), ({"a": 1}, {"a": [1]})]
CHECKED = {"tree": {*CASES, "assert_same_structure", "assert_same_paths"}}


@pytest.fixture
def theirs(keras):
    pytest.importorskip("optree", reason="keras.tree needs optree, or dm-tree")
    return keras.tree


@pytest.mark.parametrize("name", CASES)
def test_structures(theirs, name):
    assert CASES[name](tree) == CASES[name](theirs)


@pytest.mark.parametrize("name", ["assert_same_structure", "assert_same_paths"])
@pytest.mark.parametrize("pair", SAME)
def test_same(theirs, name, pair):
    refused = []
    for package in (tree, theirs):
        try:
            getattr(package, name)(*pair)
            refused.append(False)
        except ValueError:
            refused.append(True)
    assert refused[0] == refused[1]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: tree.map_structure(max, [1], [1, 2]), "same structure"),
        (lambda: tree.map_structure(max), "at least one"),
        (lambda: tree.pack_sequence_as([1, 2], [3]), "of 2 leaves cannot be made of 1"),
        (lambda: tree.assert_same_paths([1], [[1]]), "same paths"),
    ],
)
def test_errors(call, message):
    with pytest.raises(ValueError, match=message):
        call()
