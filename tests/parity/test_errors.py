"""What Keras refuses is refused here too, by an error of a value or type: arguments of training, compile, callbacks."""

import numpy as np
import pytest

import fastcnn

keras = pytest.importorskip("keras", reason="needs Keras")
pytestmark = pytest.mark.filterwarnings("ignore")

X = np.random.default_rng(0).random((32, 4), dtype="float32")
Y = np.random.default_rng(1).random((32, 1), dtype="float32")


def mk(package, comp=True, **arguments):
    model = package.Sequential([package.Input((4,)), package.layers.Dense(1)])
    if comp:
        model.compile(**{"optimizer": "sgd", "loss": "mse", **arguments})
    return model


def gen():
    while True:
        yield X[:8], Y[:8]


CASES = {
    "fit uncompiled": lambda p: mk(p, False).fit(X, Y, verbose=0),
    "evaluate uncompiled": lambda p: mk(p, False).evaluate(X, Y, verbose=0),
    "train_on_batch uncompiled": lambda p: mk(p, False).train_on_batch(X, Y),
    "fit no y": lambda p: mk(p).fit(X, verbose=0),
    "fit len": lambda p: mk(p).fit(X, Y[:5], verbose=0),
    "fit gen+y": lambda p: mk(p).fit(gen(), Y, steps_per_epoch=2, verbose=0),
    "fit gen+sw": lambda p: mk(p).fit(gen(), sample_weight=Y, steps_per_epoch=2, verbose=0),
    "fit gen+split": lambda p: mk(p).fit(gen(), validation_split=0.2, steps_per_epoch=2, verbose=0),
    "split 1.5": lambda p: mk(p).fit(X, Y, validation_split=1.5, verbose=0),
    "split -1": lambda p: mk(p).fit(X, Y, validation_split=-1, verbose=0),
    "split tiny": lambda p: mk(p).fit(X, Y, validation_split=0.999, verbose=0),
    "val_freq str": lambda p: mk(p).fit(X, Y, validation_data=(X, Y), validation_freq="a", verbose=0),
    "val_data bad": lambda p: mk(p).fit(X, Y, validation_data=(X, Y, Y, Y), verbose=0),
    "batch_size 0": lambda p: mk(p).fit(X, Y, batch_size=0, verbose=0),
    "batch_size -1": lambda p: mk(p).fit(X, Y, batch_size=-1, verbose=0),
    "epochs 0": lambda p: mk(p).fit(X, Y, epochs=0, verbose=0),
    "epochs str": lambda p: mk(p).fit(X, Y, epochs="a", verbose=0),
    "steps 0": lambda p: mk(p).fit(X, Y, steps_per_epoch=0, verbose=0),
    "steps -3": lambda p: mk(p).fit(X, Y, steps_per_epoch=-3, verbose=0),
    "gen batch_size": lambda p: mk(p).fit(gen(), batch_size=3, steps_per_epoch=2, verbose=0),
    "cw and sw": lambda p: mk(p).fit(X, Y, class_weight={0: 1.0}, sample_weight=np.ones(32), verbose=0),
    "cw list": lambda p: mk(p).fit(X, Y, class_weight=[1, 2], verbose=0),
    "callbacks str": lambda p: mk(p).fit(X, Y, callbacks=["a"], verbose=0),
    "verbose bad": lambda p: mk(p).fit(X, Y, verbose="x"),
    "x wrong shape": lambda p: mk(p).fit(X[:, :3], Y, verbose=0),
    "x strings": lambda p: mk(p).fit(np.array(["a"] * 32), Y, verbose=0),
    "evaluate steps -1": lambda p: mk(p).evaluate(X, Y, steps=-1, verbose=0),
    "evaluate kwarg": lambda p: mk(p).evaluate(X, Y, verbose=0, foo=1),
    "predict batch 0": lambda p: mk(p).predict(X, batch_size=0, verbose=0),
    "compile opt None": lambda p: mk(p, optimizer=None),
    "compile opt bad": lambda p: mk(p, optimizer="foo"),
    "compile opt int": lambda p: mk(p, optimizer=3),
    "compile loss bad": lambda p: mk(p, loss="foo").fit(X, Y, verbose=0),
    "compile loss int": lambda p: mk(p, loss=3).fit(X, Y, verbose=0),
    "compile metrics str": lambda p: mk(p, metrics="mae").fit(X, Y, verbose=0),
    "compile metrics bad": lambda p: mk(p, metrics=["foo"]).fit(X, Y, verbose=0),
    "compile metrics int": lambda p: mk(p, metrics=[3]).fit(X, Y, verbose=0),
    "compile lw bad": lambda p: mk(p, loss_weights="a").fit(X, Y, verbose=0),
    "compile lw list": lambda p: mk(p, loss_weights=[1, 2]).fit(X, Y, verbose=0),
    "compile lw no loss": lambda p: mk(p, loss=None, loss_weights=[1]).fit(X, Y, verbose=0),
    "compile no loss": lambda p: mk(p, loss=None).fit(X, Y, verbose=0),
    "compile losses 2": lambda p: mk(p, loss=["mse", "mae"]).fit(X, Y, verbose=0),
    "compile loss dict bad": lambda p: mk(p, loss={"foo": "mse"}).fit(X, Y, verbose=0),
    "compile metrics dict bad": lambda p: mk(p, metrics={"foo": "mse"}).fit(X, Y, verbose=0),
    "compile wm int": lambda p: mk(p, weighted_metrics=3).fit(X, Y, verbose=0),
    "compile kw": lambda p: mk(p, foo=3),
    "compile jit+eager": lambda p: mk(p, run_eagerly=True, jit_compile=True),
    "compile spe 0": lambda p: mk(p, steps_per_execution=0).fit(X, Y, verbose=0),
    "load missing": lambda p: p.models.load_model("/tmp/nothing.keras"),
    "load_weights missing": lambda p: mk(p).load_weights("/tmp/nothing.weights.h5"),
    "ES mode": lambda p: p.callbacks.EarlyStopping(mode="foo"),
    "RLR factor": lambda p: p.callbacks.ReduceLROnPlateau(factor=1.0),
    "LRS ret": lambda p: mk(p).fit(X, Y, verbose=0, callbacks=[p.callbacks.LearningRateScheduler(lambda e: "a")]),
    "BR empty": lambda p: p.callbacks.BackupAndRestore(""),
    "BR freq": lambda p: p.callbacks.BackupAndRestore("a", save_freq="x"),
    "lr neg": lambda p: p.optimizers.SGD(-1.0),
    "opt 2 clips": lambda p: p.optimizers.SGD(clipnorm=1.0, clipvalue=1.0),
    "set_weights len": lambda p: mk(p).set_weights([X]),
    "set_weights shape": lambda p: mk(p).set_weights([X, Y]),
    "get_layer": lambda p: mk(p).get_layer("foo"),
    "get_layer none": lambda p: mk(p).get_layer(),
    "y none batch": lambda p: mk(p).train_on_batch(X),
    "tob cw+sw": lambda p: mk(p).train_on_batch(X, Y, sample_weight=np.ones(32), class_weight={0: 1}),
    "predict x+gen kw": lambda p: mk(p).predict(X, steps=0, verbose=0),
    "sw shape": lambda p: mk(p).fit(X, Y, sample_weight=np.ones(5), verbose=0),
    "initial_epoch": lambda p: mk(p).fit(X, Y, initial_epoch=-1, verbose=0),
}


@pytest.mark.parametrize("name", sorted(CASES))
def test_refused(name):
    try:
        CASES[name](keras)
    except Exception:
        with pytest.raises((ValueError, TypeError, IndexError, OSError)) as caught:
            CASES[name](fastcnn)
        assert str(caught.value)
    else:
        pytest.skip("Keras accepts it")
