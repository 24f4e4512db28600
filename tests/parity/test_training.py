"""Training against Keras's: histories and weights after a few epochs, with all kinds of weights."""

import numpy as np
import pytest

import fastcnn

RNG = np.random.RandomState(3)
X = RNG.normal(size=(30, 6)).astype("float32")
Y = RNG.randint(0, 3, 30)
W = RNG.uniform(0.2, 2, 30).astype("float32")
ONE_HOT = np.eye(3, dtype="float32")[Y]
SPARSE = "sparse_categorical_crossentropy"


def stack(package):
    return package.Sequential(
        [
            package.Input((6,)),
            package.layers.Dense(8, activation="tanh"),
            package.layers.Dense(3, activation="softmax"),
        ]
    )


def fork(package):
    inputs = package.Input((6,))
    hidden = package.layers.Dense(8, activation="tanh")(inputs)
    kind = package.layers.Dense(3, activation="softmax", name="kind")(hidden)
    size = package.layers.Dense(1, name="size")(hidden)
    return package.Model(inputs, [kind, size])


def auc(package):
    return [package.metrics.AUC(num_thresholds=20, name="auc"), package.metrics.F1Score(average="macro", name="f1")]


BOTH = [Y, X[:, :1]]
CASES = {
    "plain": (stack, {"loss": SPARSE, "metrics": ["accuracy"]}, (X, Y), {}),
    "sample weights": (
        stack,
        {"loss": SPARSE, "metrics": ["acc"], "weighted_metrics": [SPARSE, "sparse_categorical_accuracy"]},
        (X, Y),
        {"sample_weight": W},
    ),
    "class weights": (stack, {"loss": SPARSE, "weighted_metrics": ["acc"]}, (X, Y), {"class_weight": {0: 2.0, 1: 0.5}}),
    "class weights, one-hot": (stack, {"loss": "categorical_crossentropy"}, (X, ONE_HOT), {"class_weight": {1: 3.0}}),
    "validation": (
        stack,
        {"loss": "mse", "metrics": auc, "weighted_metrics": ["mae"]},
        (X, ONE_HOT),
        {"validation_data": (X[:9], ONE_HOT[:9], W[:9]), "sample_weight": W},
    ),
    "class weights, split": (
        stack,
        {"loss": SPARSE},
        (X, Y),
        {"class_weight": {0: 2.0, 2: 0.5}, "validation_split": 0.3},
    ),
    "split": (stack, {"loss": "kld"}, (X, ONE_HOT), {"validation_split": 0.3, "sample_weight": W}),
    "steps": (stack, {"loss": "huber"}, (X, ONE_HOT), {"steps_per_epoch": 2}),
    "steps make the batches": (
        stack,
        {"loss": "huber"},
        (X, ONE_HOT),
        {"steps_per_epoch": 4, "batch_size": None, "validation_split": 0.3, "validation_steps": 2},
    ),
    "outputs": (
        fork,
        {"loss": [SPARSE, "mse"], "loss_weights": [1.0, 0.3], "metrics": [["accuracy"], ["mae", "mse"]]},
        (X, BOTH),
        {},
    ),
    "outputs by name": (
        fork,
        {"loss": {"kind": SPARSE, "size": "mse"}, "metrics": {"kind": ["acc"]}, "weighted_metrics": {"size": ["mae"]}},
        (X, BOTH),
        {"sample_weight": [W, W[::-1].copy()]},
    ),
}


def trained(package, weights, make, options, arrays, arguments):
    model = make(package)
    if weights is not None:
        model.set_weights(weights)
    start = [np.array(weight) for weight in model.get_weights()]
    options = {key: value(package) if callable(value) else value for key, value in options.items()}
    model.compile(package.optimizers.SGD(0.1), **options)
    arguments = {"batch_size": 8, **arguments}
    history = model.fit(*arrays, epochs=3, shuffle=False, verbose=0, **arguments).history
    return start, history, model.get_weights(), model.evaluate(*arrays, verbose=0)


@pytest.mark.filterwarnings("ignore")  # Keras's own
@pytest.mark.parametrize("case", CASES)
def test_fit_and_evaluate(keras, case):
    start, history, weights, results = trained(keras, None, *CASES[case])
    _, our_history, our_weights, our_results = trained(fastcnn, start, *CASES[case])
    assert list(our_history) == list(history)
    for name, values in history.items():
        np.testing.assert_allclose(our_history[name], values, rtol=1e-4, atol=1e-5, err_msg=name)
    for one, other in zip(our_weights, weights, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(our_results, results, rtol=1e-4, atol=1e-5)
