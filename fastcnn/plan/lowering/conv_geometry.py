"""Where the taps of a convolution lie, as drivers take it from the attributes of a node."""

from typing import Any


def top_left(node: Any) -> tuple[int, int]:
    """Padding above and on the left; what lies below and on the right follows from the output's size."""
    (top, _), (left, _) = node.attrs["padding"]
    return top, left


def steps(node: Any) -> dict[str, Any]:
    """The options on which it depends which algorithms apply."""
    attrs = node.attrs
    return {
        "strides": tuple(attrs["strides"]),
        "dilation": tuple(attrs["dilation"]),
        "groups": attrs["groups"],
    }


def geometry(node: Any) -> dict[str, Any]:
    """The options that all direct drivers take alike."""
    return {"padding": top_left(node), **steps(node)}


def ungrouped(node: Any) -> dict[str, Any]:
    """The options of drivers that know no groups."""
    return {name: value for name, value in geometry(node).items() if name != "groups"}
