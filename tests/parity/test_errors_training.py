"""Wrong arguments of compile, fit, evaluate, predict and their data: refused before any step is done."""

import numpy as np
from errors import check_refused, check_words, each, small_model, zeros

import fastcnn

X = np.random.default_rng(0).random((32, 4), dtype="float32")
Y = np.random.default_rng(1).random((32, 1), dtype="float32")
LABELS = np.arange(32) % 3

ROWS = [
    # compile
    (lambda k: compiled(k, optimizer="foo"), "optimizer", "foo"),
    (lambda k: compiled(k, optimizer=3), "optimizer", "3"),
    (lambda k: fit(k, loss="foo"), "foo"),
    (lambda k: fit(k, loss=3), "loss", "3"),
    (lambda k: fit(k, loss=["mse", "foo"]), "foo"),
    (lambda k: compiled(k, metrics="mae"), "metrics", "mae"),
    (lambda k: compiled(k, metrics=3), "metrics", "3"),
    (lambda k: compiled(k, metrics={"mae"}), "metrics", "mae"),
    (lambda k: fit(k, metrics=["foo"]), "foo"),
    (lambda k: fit(k, metrics=[3]), "3"),
    (lambda k: compiled(k, weighted_metrics=3), "weighted_metrics", "3"),
    (lambda k: compiled(k, weighted_metrics="mae"), "weighted_metrics", "mae"),
    (lambda k: fit(k, weighted_metrics=["foo"]), "foo"),
    (lambda k: compiled(k, loss_weights="a"), "loss_weights", "a"),
    (lambda k: compiled(k, loss_weights={1.0}), "loss_weights", "1.0"),
    (lambda k: fit(k, loss_weights=[1, 2]), "loss_weights", "2"),
    (lambda k: compiled(k, foo=3), TypeError, "foo"),
    (lambda k: small_model(k, False).fit(X, Y, verbose=0), "compile"),
    (lambda k: small_model(k, False).evaluate(X, Y, verbose=0), "compile"),
    (lambda k: small_model(k, False).train_on_batch(X, Y), "compile"),
    (lambda k: small_model(k, False).test_on_batch(X, Y), "compile"),
    # several outputs
    (lambda k: two(k, loss={"a": "mse", "z": "mse"}).fit(X, {"a": Y, "b": Y}, verbose=0), "loss", "z"),
    (lambda k: two(k, loss_weights=[1.0, 2.0, 3.0]).fit(X, [Y, Y], verbose=0), "loss_weights", "3"),
    (lambda k: two(k, metrics={"z": "mae"}).fit(X, [Y, Y], verbose=0), "metrics", "z"),
    (lambda k: two(k, metrics=[["mae"]]).fit(X, [Y, Y], verbose=0), "metrics", "2"),
    (lambda k: two(k).fit(X, [Y, Y, Y], verbose=0), "y"),
    (lambda k: two(k).fit(X, [Y, Y], sample_weight=[np.ones(32)], verbose=0), "sample_weight"),
    (lambda k: two(k).fit(X, [Y, Y], sample_weight=np.ones((32, 2)), verbose=0), "sample_weight"),
    (lambda k: two(k).fit(X, [Y, Y], class_weight={0: 1.0}, verbose=0), "class_weight"),
    (lambda k: two_inputs(k).fit([X], Y, verbose=0), "2"),
    (lambda k: two_inputs(k).fit(X, Y, verbose=0), "2"),
    (lambda k: two_inputs(k).fit([X, X, X], Y, verbose=0), "2", "3"),
    (lambda k: two_inputs(k).predict({"p": X}, verbose=0), "q"),
    (lambda k: two_inputs(k)([X]), "2", "1"),
    (lambda k: two_inputs(k).fit([X, X[:8]], Y, verbose=0), "32", "8"),
    # fit on arrays
    (lambda k: small_model(k).fit(X, Y[:5], verbose=0), "32", "5"),
    (lambda k: small_model(k).fit(X, Y, sample_weight=np.ones(5), verbose=0), "sample_weight", "5", "32"),
    (lambda k: small_model(k).fit(X[:, :3], Y, verbose=0), "3", "4"),
    (lambda k: small_model(k).fit(X, Y, validation_split=0.999, verbose=0), "validation_split", "0.999"),
    (lambda k: small_model(k).fit(X, Y, validation_data=(X, Y, Y, Y), verbose=0), "4"),
    (lambda k: small_model(k).fit(X, Y, validation_data=(X, Y[:5]), verbose=0), "32", "5"),
    (
        lambda k: small_model(k).fit(X, Y, validation_data=(X, Y), validation_freq="a", verbose=0),
        "validation_freq",
        "a",
    ),
    (
        lambda k: small_model(k).fit(X, Y, validation_data=(X, Y), validation_freq=2.5, verbose=0),
        "validation_freq",
        "2.5",
    ),
    (
        lambda k: small_model(k).fit(X, Y, class_weight={0: 1.0}, sample_weight=np.ones(32), verbose=0),
        "class_weight",
        "sample_weight",
    ),
    (
        lambda k: small_model(k).train_on_batch(X, Y, sample_weight=np.ones(32), class_weight={0: 1}),
        "class_weight",
        "sample_weight",
    ),
    (lambda k: small_model(k).fit("abc", Y, verbose=0), "abc"),
    (lambda k: small_model(k).fit(3, Y, verbose=0), "3"),
    (lambda k: small_model(k).fit(None, Y, verbose=0), "x", "None"),
    (lambda k: small_model(k).evaluate(None, Y, verbose=0), "x", "None"),
    (lambda k: small_model(k).evaluate(X, Y[:5], verbose=0), "32", "5"),
    (lambda k: small_model(k).predict(X[:, :3], verbose=0), "3", "4"),
    (lambda k: small_model(k).predict(zeros(2, 3, 4, 5), verbose=0), "(2, 3, 4, 5)"),
    (lambda k: small_model(k).predict_on_batch(X[:, :3]), "3", "4"),
    (lambda k: small_model(k)(X[:, :3]), "3", "4"),
    # iterators
    (lambda k: small_model(k).fit(batches(), Y, steps_per_epoch=2, verbose=0), "y"),
    (lambda k: small_model(k).fit(batches(), sample_weight=Y, steps_per_epoch=2, verbose=0), "sample_weight"),
    (lambda k: small_model(k).fit(batches(), validation_split=0.2, steps_per_epoch=2, verbose=0), "validation_split"),
    (lambda k: small_model(k).fit(iter_of([]), verbose=0), "batch"),
    (lambda k: small_model(k).fit(iter_of([(X, Y, Y, Y)]), verbose=0), "4"),
    (lambda k: small_model(k).fit(iter_of([(X[:, :3], Y)]), verbose=0), "3", "4"),
    (lambda k: small_model(k).fit(iter_of([(X, Y), (X[:, :3], Y)]), verbose=0), "3", "4"),
    (lambda k: small_model(k).evaluate(iter_of([]), verbose=0), "batch"),
    (lambda k: small_model(k).predict(iter_of([]), verbose=0), "batch"),
    (lambda k: small_model(k).evaluate(batches(), Y, steps=2, verbose=0), "y"),
    (lambda k: small_model(k).fit(broken(KeyError("mine")), verbose=0), KeyError, "mine"),
    (lambda k: small_model(k).fit(broken(KeyError("mine"), 2), verbose=0), KeyError, "mine"),
    (lambda k: small_model(k).predict(broken(KeyError("mine"), 2), verbose=0), KeyError, "mine"),
    (lambda k: small_model(k).fit(dataset(k, 2), Y, verbose=0), "y"),
    (lambda k: small_model(k).fit(dataset(k, 2), sample_weight=Y, verbose=0), "sample_weight"),
    (lambda k: small_model(k).fit(dataset(k, 2), validation_split=0.2, verbose=0), "validation_split"),
    (lambda k: small_model(k).fit(dataset(k, 2, (X, Y, Y, Y)), verbose=0), "tuple"),
    (
        lambda k: small_model(k).fit(dataset(k, 2, (X, Y, Y)), class_weight={0: 1.0}, verbose=0),
        "class_weight",
        "sample_weight",
    ),
    (lambda k: small_model(k).fit(dataset(k, 2, KeyError("mine")), verbose=0), KeyError, "mine"),
    (lambda k: small_model(k).fit(dataset(k, 2, KeyError("mine"), workers=2), verbose=0), KeyError, "mine"),
    (lambda k: k.utils.PyDataset()[0], NotImplementedError, ""),
    (lambda k: k.utils.PyDataset().num_batches, NotImplementedError, "num_batches"),
    # models that cannot be trained
    (lambda k: k.Sequential().predict(X, verbose=0), "layers"),
]

OURS = [
    # Keras takes these, or breaks somewhere inside
    (lambda k: compiled(k, optimizer=None), "optimizer", "None"),
    (lambda k: fit(k, loss={"foo": "mse"}), "loss", "foo"),
    (lambda k: fit(k, metrics={"foo": "mse"}), "metrics", "foo"),
    (lambda k: fit(k, weighted_metrics={"foo": "mse"}), "weighted_metrics", "foo"),
    (lambda k: two(k, loss=["mse"]).fit(X, [Y, Y], verbose=0), "loss", "2"),
    (lambda k: two(k, loss=["mse", "mae", "mse"]).fit(X, [Y, Y], verbose=0), "loss", "2"),
    (lambda k: two(k, loss_weights=[1.0]).fit(X, [Y, Y], verbose=0), "loss_weights", "1"),
    (lambda k: two(k).fit(X, [Y], verbose=0), "y"),
    (lambda k: two(k).fit(X, Y, verbose=0), "y"),
    (lambda k: small_model(k).predict(None, verbose=0), "x", "None"),
    (lambda k: small_model(k).evaluate(X, Y, verbose=0, foo=1), TypeError, "foo"),
    (lambda k: small_model(k).fit(iter_of([(X, Y[:5])]), verbose=0), "32", "5"),
    (lambda k: no_call(k).fit(X, Y, verbose=0), NotImplementedError, "call"),
    (lambda k: small_model(k).fit(X, verbose=0), "y"),
    (lambda k: small_model(k).train_on_batch(X), "y"),
    (lambda k: small_model(k).evaluate(X, verbose=0), "y"),
    (lambda k: small_model(k).fit(X, Y, validation_split=1.5, verbose=0), "validation_split", "1.5"),
    (lambda k: small_model(k).fit(X, Y, validation_split=-1, verbose=0), "validation_split", "-1"),
    (lambda k: small_model(k).fit(X, Y, validation_split="a", verbose=0), "validation_split", "a"),
    (lambda k: small_model(k).fit(X, Y, validation_data=3, verbose=0), "validation_data", "3"),
    (lambda k: small_model(k).fit(X, Y, validation_data=(X, Y), validation_freq=0, verbose=0), "validation_freq", "0"),
    (
        lambda k: small_model(k).fit(X, Y, validation_batch_size=0, validation_split=0.5, verbose=0),
        "validation_batch_size",
        "0",
    ),
    (lambda k: small_model(k).fit(X, Y, validation_steps=0, validation_split=0.5, verbose=0), "validation_steps", "0"),
    (lambda k: small_model(k).fit(X, Y, batch_size=0, verbose=0), "batch_size", "0"),
    (lambda k: small_model(k).fit(X, Y, batch_size=-1, verbose=0), "batch_size", "-1"),
    (lambda k: small_model(k).fit(X, Y, batch_size=2.5, verbose=0), "batch_size", "2.5"),
    (lambda k: small_model(k).fit(X, Y, batch_size="a", verbose=0), "batch_size", "a"),
    (lambda k: small_model(k).fit(X, Y, epochs=0, verbose=0), "epochs", "0"),
    (lambda k: small_model(k).fit(X, Y, epochs="a", verbose=0), "epochs", "a"),
    (lambda k: small_model(k).fit(X, Y, epochs=1.5, verbose=0), "epochs", "1.5"),
    (lambda k: small_model(k).fit(X, Y, initial_epoch=-1, verbose=0), "initial_epoch", "-1"),
    (lambda k: small_model(k).fit(X, Y, initial_epoch="a", verbose=0), "initial_epoch", "a"),
    (lambda k: small_model(k).fit(X, Y, steps_per_epoch=0, verbose=0), "steps_per_epoch", "0"),
    (lambda k: small_model(k).fit(X, Y, steps_per_epoch=-3, verbose=0), "steps_per_epoch", "-3"),
    (lambda k: small_model(k).fit(X, Y, steps_per_epoch=1.5, verbose=0), "steps_per_epoch", "1.5"),
    (lambda k: small_model(k).fit(X, Y, verbose="x"), "verbose", "x"),
    (lambda k: small_model(k).fit(X, Y, verbose=7), "verbose", "7"),
    (lambda k: small_model(k).fit(X, Y, callbacks=["a"], verbose=0), TypeError, "callbacks", "a"),
    (lambda k: small_model(k).fit(X, Y, callbacks=3, verbose=0), TypeError, "callbacks", "3"),
    (lambda k: small_model(k).fit(X, Y, class_weight=[1, 2], verbose=0), "class_weight", "[1, 2]"),
    (lambda k: classifier(k).fit(X, LABELS, class_weight={"a": 1.0}, verbose=0), "class_weight", "a"),
    (lambda k: classifier(k).fit(X, LABELS, class_weight={0: "a", 1: 1.0, 2: 1.0}, verbose=0), "class_weight", "a"),
    (lambda k: classifier(k).fit(X, LABELS + 1, verbose=0), "y", "3"),
    (lambda k: classifier(k).fit(X, LABELS - 1, verbose=0), "y", "-1"),
    (lambda k: classifier(k).fit(X, np.where(LABELS == 1, np.nan, LABELS), verbose=0), "y", "NaN"),
    (lambda k: classifier(k).fit(X, LABELS + 0.5, verbose=0), "y", "0.5"),
    (lambda k: classifier(k).fit(X, np.eye(3)[LABELS], verbose=0), "categorical_crossentropy"),
    (lambda k: classifier(k).fit(X, LABELS.astype(str), verbose=0), TypeError, "y", "<U"),
    (lambda k: classifier(k).evaluate(X, LABELS + 1, verbose=0), "y", "3"),
    (lambda k: classifier(k).train_on_batch(X, LABELS + 1), "y", "3"),
    (lambda k: classifier(k).train_on_batch(X, LABELS - 1), "y", "-1"),
    (lambda k: classifier(k).test_on_batch(X, LABELS + 1), "y", "3"),
    (lambda k: classifier(k).fit(iter_of([(X, LABELS), (X, LABELS + 1)]), verbose=0), "y", "3"),
    (lambda k: classifier(k, "categorical_crossentropy").fit(X, LABELS, verbose=0), "sparse_categorical_crossentropy"),
    (lambda k: classifier(k, "categorical_crossentropy").fit(X, np.eye(4)[LABELS], verbose=0), "(32, 4)", "3"),
    (lambda k: classifier(k, metrics=["mse"]).fit(X, LABELS, verbose=0), "accuracy"),
    (lambda k: small_model(k).fit(np.array(["a"] * 32), Y, verbose=0), TypeError, "x", "<U1"),
    (lambda k: small_model(k).fit(np.array([None] * 32), Y, verbose=0), TypeError, "x", "object"),
    (lambda k: small_model(k).fit([[1.0, 2.0], [1.0]], Y[:2], verbose=0), "x"),
    (lambda k: small_model(k).fit(X.astype("complex64"), Y, verbose=0), TypeError, "x", "complex64"),
    (lambda k: small_model(k).fit(X[:0], Y[:0], verbose=0), "0"),
    (lambda k: small_model(k).fit(np.float32(3), Y, verbose=0), "x"),
    (lambda k: small_model(k).fit(X, np.float32(3), verbose=0), "y"),
    (lambda k: small_model(k).fit(X, zeros(32, 2), verbose=0), "(32, 2)", "1"),
    (lambda k: small_model(k).fit(X, Y, sample_weight="a", verbose=0), "sample_weight", "'a'"),
    (lambda k: small_model(k).fit(X, Y, sample_weight=np.ones((32, 3)), verbose=0), "sample_weight", "(32, 3)"),
    (lambda k: small_model(k).fit(X, Y, sample_weight=np.full(32, "a"), verbose=0), TypeError, "sample_weight", "<U1"),
    (lambda k: small_model(k).evaluate(X, Y, steps=-1, verbose=0), "steps", "-1"),
    (lambda k: small_model(k).evaluate(X, Y, batch_size=0, verbose=0), "batch_size", "0"),
    (lambda k: small_model(k).predict(X, batch_size=0, verbose=0), "batch_size", "0"),
    (lambda k: small_model(k).predict(X, steps=0, verbose=0), "steps", "0"),
    (lambda k: small_model(k).predict("abc", verbose=0), "x", "abc"),
    (lambda k: small_model(k).predict(X, verbose=0, foo=3), TypeError, "foo"),
    (lambda k: small_model(k).predict(X, callbacks=[3], verbose=0), TypeError, "callbacks", "3"),
    (lambda k: small_model(k).train_on_batch(X, Y[:5]), "32", "5"),
    (lambda k: small_model(k).train_on_batch(X, Y, sample_weight=np.ones(5)), "sample_weight", "5"),
    (lambda k: small_model(k).train_on_batch(X[:, :3], Y), "3", "4"),
    (lambda k: small_model(k).train_on_batch(None, Y), "x", "None"),
    (lambda k: small_model(k).test_on_batch(X, Y[:5]), "32", "5"),
    (lambda k: small_model(k).predict_on_batch(None), "x", "None"),
    (lambda k: small_model(k).fit(iter_of([3]), verbose=0), "3"),
    (lambda k: small_model(k).fit(iter_of([None]), verbose=0), "None"),
    (lambda k: small_model(k).fit(iter_of([(X, None)]), verbose=0), "y"),
    (lambda k: small_model(k).fit(iter_of([("a", Y)]), verbose=0), "str"),
    (lambda k: small_model(k).fit(iter_of([(X,)]), verbose=0), "y"),
    (lambda k: small_model(k).fit(iter_of([()]), verbose=0), "length 0"),
    (lambda k: small_model(k).fit(dataset(k, 0), verbose=0), "batch"),
    (lambda k: small_model(k).fit(dataset(k, -1), verbose=0), "__len__"),
    (lambda k: small_model(k).fit(dataset(k, "a"), verbose=0), TypeError, "str"),
    (lambda k: k.utils.PyDataset(workers="a"), "workers", "a"),
    (lambda k: k.utils.PyDataset(workers=-1), "workers", "-1"),
    (lambda k: two(k).fit(X, {"a": Y, "z": Y}, verbose=0), "z"),
    (lambda k: two(k).fit(X, {"a": Y}, verbose=0), "b"),
    (lambda k: two_inputs(k).fit({"p": X, "z": X}, Y, verbose=0), "q", "z"),
    (lambda k: two_inputs(k).predict([X, "a"], verbose=0), "str"),
    (lambda k: two_inputs(k).predict([X, X[:, :3]], verbose=0), "3", "4"),
    (lambda k: returns_nothing(k).fit(X, Y, verbose=0), TypeError, "None"),
    (lambda k: fit(k, loss=lambda y_true, y_pred: None), "None"),
    (lambda k: fit(k, loss=lambda y_true: y_true), TypeError, "positional"),
    (lambda k: fit(k, metrics=[lambda y_true, y_pred: "a"]), "a"),
    (lambda k: compiled(k, steps_per_execution=0), "steps_per_execution", "0"),
    (lambda k: compiled(k, loss_weights=float("nan")), "loss_weights", "nan"),
    (lambda k: fit(k, loss_weights=["a"]), "loss_weights", "a"),
    (lambda k: fit(k, loss_weights={"foo": 1.0}), "loss_weights", "foo"),
    (lambda k: fit(k, loss=None, loss_weights=[1.0]), "loss"),
    (lambda k: fit(k, loss=None), "loss"),
]


def compiled(k, **arguments):
    return small_model(k, **arguments)


def fit(k, **arguments):
    small_model(k, **arguments).fit(X, Y, verbose=0)


def classifier(k, loss="sparse_categorical_crossentropy", **arguments):
    model = k.Sequential([k.Input((4,)), k.layers.Dense(3, activation="softmax")])
    model.compile("sgd", loss, **arguments)
    return model


def two(k, **arguments):
    """A model of two outputs, named a and b."""
    inputs = k.Input((4,))
    model = k.Model(inputs, [k.layers.Dense(1, name="a")(inputs), k.layers.Dense(1, name="b")(inputs)])
    model.compile(**{"optimizer": "sgd", "loss": "mse", **arguments})
    return model


def two_inputs(k):
    """A model of two inputs, named p and q."""
    inputs = [k.Input((4,), name="p"), k.Input((4,), name="q")]
    model = k.Model(inputs, k.layers.Dense(1)(k.layers.Add()(inputs)))
    model.compile("sgd", "mse")
    return model


def no_call(k):
    class Mine(k.Model):
        pass

    model = Mine()
    model.compile("sgd", "mse")
    return model


def returns_nothing(k):
    class Mine(k.Model):
        def call(self, x):
            return None

    model = Mine()
    model.compile("sgd", "mse")
    return model


def batches():
    while True:
        yield X[:8], Y[:8]


def iter_of(items):
    yield from items


def broken(error, after=0):
    for _ in range(after):
        yield X, Y
    raise error


def dataset(k, length, item=(X, Y), **arguments):
    class Mine(k.utils.PyDataset):
        def __len__(self):
            return length

        def __getitem__(self, index):
            if isinstance(item, Exception):
                raise item
            return item

    return Mine(**arguments)


@each(ROWS + OURS)
def test_refused(row):
    check_words(row, fastcnn)


@each(ROWS)
def test_keras_refuses(row, keras):
    check_refused(row, keras)
