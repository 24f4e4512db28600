"""Drawings of models: which boxes and edges there are, and what the boxes say."""

import re
import shutil

import pytest

import fastcnn
from fastcnn import layers, utils


@pytest.fixture
def pydot():
    return pytest.importorskip("pydot", reason="pydot is not installed")


def block(name):
    inputs = fastcnn.Input((4,), name=f"{name}_in")
    return fastcnn.Model(inputs, layers.Dense(4, activation="relu", name=f"{name}_dense")(inputs), name=name)


def branched():
    inputs = fastcnn.Input((4,), name="start")
    one = block("inner")(inputs)
    two = fastcnn.Sequential(
        [fastcnn.Input((4,)), layers.Dense(4, name="first"), layers.ReLU(name="last")], name="chain"
    )(one)
    return fastcnn.Model(inputs, layers.Add(name="sum")([one, two]), name="outer")


def named(graph):
    """The boxes' titles by their numbers, those in clusters too."""
    names = {}
    for node in graph.get_nodes():
        label = node.get("label")
        if label and "<b>" in label:
            names[node.get_name().strip('"')] = re.search(r"<b>(\w+)</b>", label).group(1)
    for cluster in graph.get_subgraphs():
        names |= named(cluster)
    return names


def edges(graph, names):
    found = {
        (names[edge.get_source().strip('"')], names[edge.get_destination().strip('"')]) for edge in graph.get_edges()
    }
    for cluster in graph.get_subgraphs():
        found |= edges(cluster, names)
    return found


def test_edges(pydot):
    dot = utils.model_to_dot(branched())
    assert edges(dot, named(dot)) == {("start", "inner"), ("inner", "chain"), ("chain", "sum"), ("inner", "sum")}
    dot = utils.model_to_dot(branched(), expand_nested=True)
    assert [cluster.get("label").strip('"') for cluster in dot.get_subgraphs()] == ["inner", "chain"]
    assert edges(dot, named(dot)) == {
        ("start", "inner_in"),
        ("inner_in", "inner_dense"),
        ("inner_dense", "first"),
        ("first", "last"),
        ("inner_dense", "sum"),
        ("last", "sum"),
    }


def test_labels(pydot):
    model = fastcnn.Sequential(
        [fastcnn.Input((6, 6, 1)), layers.Conv2D(2, 3, activation="relu", name="c"), layers.Flatten()]
    )
    model.layers[0].trainable = False
    dot = utils.model_to_dot(
        model, show_shapes=True, show_dtype=True, show_layer_activations=True, show_trainable=True, rankdir="LR", dpi=50
    )
    label = next(node.get("label") for node in dot.get_nodes() if "<b>c</b>" in (node.get("label") or ""))
    for text in (
        "(Conv2D)",
        "(None, 6, 6, 1)",
        "(None, 4, 4, 2)",
        "float32",
        "Activation: <b>relu</b>",
        "Non-trainable",
    ):
        assert text in label
    assert dot.get("rankdir") == "LR"
    short = utils.model_to_dot(model, show_layer_names=False)
    assert sorted(named(short).values()) == ["Conv2D", "Flatten"]
    assert isinstance(utils.model_to_dot(model, subgraph=True), pydot.Cluster)


def test_subclasses_are_one_box(pydot):
    class Own(fastcnn.Model):
        def call(self, inputs):
            return inputs

    model = Own()
    with pytest.raises(ValueError, match="This model has not yet been built"):
        utils.model_to_dot(model)
    model.build((None, 3))
    assert len(named(utils.model_to_dot(model))) == 1


def test_plot(pydot, tmp_path):
    if shutil.which("dot") is None:
        with pytest.raises(OSError, match="plot_model needs Graphviz"):
            utils.plot_model(branched(), tmp_path / "model.png")
        return
    utils.plot_model(branched(), tmp_path / "model.png", show_shapes=True, expand_nested=True)
    assert (tmp_path / "model.png").read_bytes().startswith(b"\x89PNG")
    utils.plot_model(branched(), str(tmp_path / "model.svg"))
    assert "<svg" in (tmp_path / "model.svg").read_text()


def test_without_pydot(run_python):
    program = (
        "import sys; sys.modules['pydot'] = None; import fastcnn; from fastcnn import layers; "
        "fastcnn.utils.plot_model(fastcnn.Sequential([fastcnn.Input((3,)), layers.Dense(1)]))"
    )
    assert "ImportError: model_to_dot needs pydot: pip install pydot" in run_python(program, fails=True)
