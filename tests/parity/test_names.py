"""What Keras's functions around models give, call by call: conversions, registries, settings, files."""

import inspect

import numpy as np
import pytest

import fastcnn

X = np.random.default_rng(7).normal(size=(4, 6)).astype("float32")
IMAGE = np.random.default_rng(8).integers(0, 256, size=(6, 5, 3)).astype("float32")
ROWS = [[1, 2, 3], [4], [5, 6, 7, 8, 9]]

VALUES = {
    "utils": {
        "normalize": lambda p: [p.utils.normalize(X, order=order) for order in (1, 2)],
        "to_categorical": lambda p: [p.utils.to_categorical([0, 2, 1]), p.utils.to_categorical([[1], [0]], 4)],
        "pad_sequences": lambda p: [
            p.utils.pad_sequences(ROWS),
            p.utils.pad_sequences(ROWS, 4, "float32", "post", "post", -1.0),
        ],
        "pack_x_y_sample_weight": lambda p: [
            len(p.utils.pack_x_y_sample_weight(X, X)), p.utils.pack_x_y_sample_weight(X)
        ],
        "unpack_x_y_sample_weight": lambda p: [
            [part is None for part in p.utils.unpack_x_y_sample_weight(data)] for data in ((X,), (X, X), (X, X, X))
        ],
        "standardize_dtype": lambda p: [p.utils.standardize_dtype(dtype) for dtype in (None, "int32", np.float64, int)],
        "is_keras_tensor": lambda p: [p.utils.is_keras_tensor(value) for value in (p.Input((3,)), X)],
        "get_source_inputs": lambda p: [len(p.utils.get_source_inputs(p.layers.Dense(2)(p.Input((3,)))))],
        "img_to_array": lambda p: [p.utils.img_to_array(p.utils.array_to_img(IMAGE), dtype="float32")],
        "array_to_img": lambda p: [np.asarray(p.utils.array_to_img(IMAGE / 3 - 20))],
        "clear_session": lambda p: [p.utils.clear_session()],
        "set_random_seed": lambda p: [p.utils.set_random_seed(3), np.random.normal(size=3)],
        "enable_interactive_logging": lambda p: [
            p.utils.enable_interactive_logging(), p.utils.is_interactive_logging_enabled()
        ],
        "PyDataset": lambda p: losses_of(p, p.utils.PyDataset),
        "Sequence": lambda p: losses_of(p, p.utils.Sequence),
        "get_registered_name": lambda p: [p.utils.get_registered_name(named(p, "registered"))],
        "get_registered_object": lambda p: [
            p.utils.get_registered_object(p.utils.get_registered_name(named(p, "found"))).__name__
        ],
    },
    "config": {
        "backend": lambda p: [isinstance(p.config.backend(), str)],
        "floatx": lambda p: [p.config.set_floatx("float32"), p.config.floatx()],
        "epsilon": lambda p: [p.config.epsilon(), p.config.set_epsilon(1e-7)],
        "image_data_format": lambda p: [p.config.set_image_data_format("channels_last"), p.config.image_data_format()],
        "dtype_policy": lambda p: [p.config.set_dtype_policy("float32"), p.config.dtype_policy().name],
        "is_nnx_enabled": lambda p: [p.config.is_nnx_enabled()],
        "max_epochs": lambda p: [p.config.set_max_epochs(None), p.config.max_epochs()],
        "max_steps_per_epoch": lambda p: [p.config.set_max_steps_per_epoch(None), p.config.max_steps_per_epoch()],
        "enable_interactive_logging": lambda p: [
            p.config.enable_interactive_logging(), p.config.is_interactive_logging_enabled()
        ],
        "enable_traceback_filtering": lambda p: [
            p.config.enable_traceback_filtering(), p.config.is_traceback_filtering_enabled()
        ],
    },
    "dtype_policies": {
        "get": lambda p: [p.dtype_policies.get("mixed_bfloat16").compute_dtype],
        "serialize": lambda p: [p.dtype_policies.serialize(p.DTypePolicy("mixed_bfloat16"))["config"]],
        "deserialize": lambda p: [
            p.dtype_policies.deserialize(p.dtype_policies.serialize(p.DTypePolicy("float32"))).variable_dtype
        ],
        "DTypePolicy": lambda p: [p.dtype_policies.DTypePolicy("mixed_bfloat16").get_config()],
    },
    "layers": {
        **{
            name: lambda p, name=name: [np.asarray(getattr(p.layers, name)([X, 2 * X - 1]))]
            for name in ("add", "average", "concatenate", "maximum", "minimum", "multiply", "subtract")
        },
        "dot": lambda p: [np.asarray(p.layers.dot([X, X - 1], axes=1, normalize=True))],
        "Input": lambda p: [(p.layers.Input((3, 4), batch_size=2, name="here").shape), p.Input((5,)).dtype],
        "InputLayer": lambda p: [p.layers.InputLayer((3,), name="first").get_config()["batch_shape"]],
        "serialize": lambda p: [p.layers.serialize(p.layers.Dense(3, name="d"))["class_name"]],
        "deserialize": lambda p: [
            p.layers.deserialize(p.layers.serialize(p.layers.Dense(3, name="d"))).get_config()["units"]
        ],
        "InputSpec": lambda p: [
            accepts(p, (2, 3), **options)
            for options in (
                {"ndim": 2}, {"ndim": 3}, {"min_ndim": 3}, {"max_ndim": 1}, {"axes": {-1: 3}}, {"axes": {1: 4}},
                {"shape": (None, 3)}, {"shape": (2, 4)},
            )
        ],
        **{
            name: lambda p, name=name, options=options: [
                np.asarray(getattr(p.layers, name)(**options)(IMAGE[None], training=False))
            ]
            for name, options in (
                ("AugMix", {}), ("CutMix", {}), ("MixUp", {}), ("RandAugment", {}), ("RandomFlip", {}),
                ("RandomShear", {"x_factor": 0.3}),
            )
        },
        **{
            name: lambda p, name=name, shape=shape: [np.asarray(getattr(p.layers, name)(0.5)(X.reshape(shape)))]
            for name, shape in (
                ("Dropout", (4, 6)),
                ("SpatialDropout1D", (4, 3, 2)),
                ("SpatialDropout2D", (4, 3, 1, 2)),
                ("SpatialDropout3D", (4, 3, 1, 1, 2)),
            )
        },
    },
    "callbacks": {"CallbackList": lambda p: called(p)},
    "metrics": {
        "MeanMetricWrapper": lambda p: [
            float(p.metrics.MeanMetricWrapper(fn=p.losses.mean_squared_error, name="m")(X, X - 1.5))
        ],
    },
    "ops.image": {"elastic_transform": lambda p: [np.asarray(p.ops.image.elastic_transform(IMAGE[None], alpha=0.0))]},
    "models": {
        "Sequential": lambda p: [model(p).count_params(), [w.shape for w in model(p).weights], model(p).output_shape],
        "Model": lambda p: [functional(p).count_params(), [layer.name for layer in functional(p).layers]],
        "clone_model": lambda p: [[w.shape for w in p.models.clone_model(functional(p)).weights]],
        "model_from_json": lambda p: [p.models.model_from_json(model(p).to_json()).output_shape],
    },
}  # fmt: skip
ALSO = {
    "config": {
        "set_floatx", "set_epsilon", "set_image_data_format", "set_dtype_policy", "set_max_epochs",
        "set_max_steps_per_epoch", "is_interactive_logging_enabled", "is_traceback_filtering_enabled",
        "disable_interactive_logging", "disable_traceback_filtering", "enable_unsafe_deserialization",
    },
    "utils": {
        "is_interactive_logging_enabled", "disable_interactive_logging", "register_keras_serializable", "load_img",
        "save_img", "CustomObjectScope", "custom_object_scope", "get_custom_objects", "serialize_keras_object",
        "deserialize_keras_object",
    },
    "saving": {
        "save_model", "load_model", "save_weights", "load_weights", "CustomObjectScope", "custom_object_scope",
        "get_custom_objects", "get_registered_name", "get_registered_object", "register_keras_serializable",
        "serialize_keras_object", "deserialize_keras_object",
    },
    "models": {"save_model", "load_model"},
    "preprocessing.image": {"array_to_img", "img_to_array", "load_img", "save_img", "smart_resize"},
    "preprocessing.sequence": {"pad_sequences"},
}  # fmt: skip
"""Names that the tests below compare."""
BY_ARGUMENTS = {
    "utils": {
        "Progbar", "get_file", "model_to_dot", "plot_model", "split_dataset", "timeseries_dataset_from_array",
    },
    "callbacks": {"RemoteMonitor"},
    "visualization": {"plot_image_gallery"},
    "datasets": {"cifar10", "cifar100", "fashion_mnist", "mnist"},
    "config": {"set_backend"},
}  # fmt: skip
"""Names of which only the arguments are compared: Keras needs other packages for them, or the network."""
CHECKED = {family: {*VALUES.get(family, ()), *ALSO.get(family, ())} for family in {*VALUES, *ALSO}}
ALL = {
    family: {*CHECKED.get(family, ()), *BY_ARGUMENTS.get(family, ())} for family in sorted({*CHECKED, *BY_ARGUMENTS})
}


def accepts(package, size, **options):
    """Whether a layer with such a specification takes inputs of a shape."""
    layer = package.layers.Identity()
    layer.input_spec = package.layers.InputSpec(**options)
    try:
        layer(np.zeros(size, "float32"))
    except ValueError:
        return False
    return True


def losses_of(package, base):
    """The losses of a training on a data set of batches."""

    class Batches(base):
        def __len__(self):
            return 3

        def __getitem__(self, index):
            return X[index : index + 2], X[index : index + 2, :1]

    net = package.models.Sequential([package.Input((6,)), package.layers.Dense(1, kernel_initializer="ones")])
    net.compile(package.optimizers.SGD(0.05), loss="mse")
    return net.fit(Batches(), epochs=2, shuffle=False, verbose=0).history["loss"]


def called(package):
    """The hooks that a list of callbacks calls."""
    events = []
    kind = type(
        "One", (package.callbacks.Callback,), {"on_epoch_end": lambda self, epoch, logs: events.append((epoch, logs))}
    )
    group = package.callbacks.CallbackList([kind()], add_history=False)
    group.on_train_begin()
    group.on_epoch_end(2, {"loss": 1.0})
    return [events, len(group.callbacks)]


def named(package, name):
    """A class registered in a package of its own."""
    kind = type("Named", (), {"get_config": lambda self: {}})
    return package.utils.register_keras_serializable(package="tests", name=f"{name}_{package.__name__}")(kind)


def model(package):
    layers = package.layers
    return package.models.Sequential(
        [
            package.Input((8, 8, 3)),
            layers.Conv2D(4, 3, activation="relu"),
            layers.Flatten(),
            layers.Dense(2, name="last"),
        ]
    )


def functional(package):
    layers = package.layers
    inputs = package.Input((6,), name="x")
    hidden = layers.Dense(5, activation="relu", name="hidden")(inputs)
    outputs = layers.Add(name="sum")([layers.Dense(6, name="back")(hidden), inputs])
    return package.models.Model(inputs, outputs)


def plain(value, package):
    """A value without the name of its package."""
    if isinstance(value, (list, tuple)):
        return [plain(one, package) for one in value]
    if isinstance(value, dict):
        return {key: plain(one, package) for key, one in value.items()}
    return value.replace(package.__name__, "") if isinstance(value, str) else value


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("family", "name"), [(family, name) for family in VALUES for name in VALUES[family]])
def test_same_values(keras, family, name):
    theirs, ours = (plain(VALUES[family][name](package), package) for package in (keras, fastcnn))
    for one, other in zip(ours, theirs, strict=True):
        if isinstance(one, np.ndarray):
            assert one.dtype == np.asarray(other).dtype
            np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
        elif isinstance(one, float):
            assert one == pytest.approx(other, rel=1e-4)
        else:
            assert one == other


def part(package, family):
    for name in family.split("."):
        package = getattr(package, name)
    return package


def function_of(module, name):
    """A member, or, of a data set, what loads it."""
    member = getattr(module, name)
    return getattr(member, "load_data", member)


@pytest.mark.parametrize("family", ALL)
def test_same_signatures(keras, family):
    for name in sorted(ALL[family]):
        ours, theirs = (
            [
                key
                for key, parameter in inspect.signature(function_of(part(package, family), name)).parameters.items()
                if parameter.kind not in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL)
            ]
            for package in (fastcnn, keras)
        )
        left_out = {"zipped", "max_shard_size", "skip_mismatch", "optional", "allow_last_axis_squeeze", "name", "dtype"}
        common = [key for key in theirs if key in ours]
        assert set(theirs) - set(ours) <= left_out, name
        assert [key for key in ours if key in theirs] == common, name


@pytest.mark.filterwarnings("ignore")
def test_flags_are_switched_off_and_on(keras):
    for package in (keras, fastcnn):
        package.config.disable_interactive_logging()
        assert not package.config.is_interactive_logging_enabled()
        assert not package.utils.is_interactive_logging_enabled()
        package.utils.disable_interactive_logging()
        package.utils.enable_interactive_logging()
        package.config.disable_traceback_filtering()
        assert not package.config.is_traceback_filtering_enabled()
        package.config.enable_traceback_filtering()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("module", ["utils", "saving"])
def test_objects_of_the_user(keras, module):
    for package in (keras, fastcnn):
        tools = getattr(package, module)

        @tools.register_keras_serializable(package="mine")
        class Scale(package.layers.Layer):
            def call(self, x):
                return 2 * x

        assert tools.get_registered_name(Scale) == "mine>Scale"
        assert tools.get_registered_object("mine>Scale") is Scale
        assert tools.get_custom_objects()["mine>Scale"] is Scale
        written = tools.serialize_keras_object(Scale(name="s"))
        assert (written["class_name"], written["registered_name"]) == ("Scale", "mine>Scale")
        assert type(tools.deserialize_keras_object(written)) is Scale
        for scope in (tools.custom_object_scope, tools.CustomObjectScope):
            with scope({"Other": Scale}):
                assert tools.get_registered_object("Other") is Scale


@pytest.mark.filterwarnings("ignore")
def test_files(keras, tmp_path):
    pytest.importorskip("h5py", reason="weights in Keras's files need h5py")
    x = np.random.default_rng(0).normal(size=(2, 8, 8, 3)).astype("float32")
    theirs, ours = model(keras), model(fastcnn)
    keras.saving.save_weights(theirs, tmp_path / "keras.weights.h5")
    fastcnn.saving.load_weights(ours, str(tmp_path / "keras.weights.h5"))
    np.testing.assert_allclose(ours.predict(x, verbose=0), theirs.predict(x, verbose=0), rtol=1e-4, atol=1e-5)
    fastcnn.saving.save_weights(ours, str(tmp_path / "ours.weights.h5"))
    theirs.set_weights([0 * w for w in theirs.get_weights()])
    keras.saving.load_weights(theirs, tmp_path / "ours.weights.h5")
    np.testing.assert_allclose(ours.predict(x, verbose=0), theirs.predict(x, verbose=0), rtol=1e-4, atol=1e-5)
    for package, one, ending in ((keras, theirs, ".keras"), (fastcnn, ours, ".fastcnn")):
        for tools in (package.saving, package.models):
            path = str(tmp_path / f"{package.__name__}{ending}")
            tools.save_model(one, path)
            again = tools.load_model(path)
            np.testing.assert_allclose(again.predict(x, verbose=0), one.predict(x, verbose=0), rtol=1e-5)


@pytest.mark.filterwarnings("ignore")
def test_image_files(keras, tmp_path):
    for number, (package, tools) in enumerate(
        (p, m) for p in (keras, fastcnn) for m in (p.utils, p.preprocessing.image)
    ):
        tools.save_img(str(tmp_path / f"{number}.png"), IMAGE, scale=False)
        image = tools.load_img(str(tmp_path / f"{number}.png"), target_size=(3, 4), interpolation="bilinear")
        tools.array_to_img(tools.img_to_array(image))
        array = np.asarray(package.preprocessing.image.smart_resize(IMAGE, (4, 4)))
        padded = package.preprocessing.sequence.pad_sequences(ROWS, 3)
        if number == 0:
            right, whole, rows = np.asarray(image), array, padded
        assert np.array_equal(np.asarray(image), right)
        np.testing.assert_allclose(array, whole, rtol=1e-4, atol=1e-3)
        assert np.array_equal(padded, rows)
