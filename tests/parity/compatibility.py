"""docs/keras-compatibility.md: which of Keras's public names are here, and which of these a test holds to Keras.

`python tests/parity/compatibility.py`, where Keras is installed, writes the page. What is checked is what the modules
of this folder name in `CHECKED`, by family, which follows from their cases: no name is claimed that no test compares.
"""

import functools
import importlib
import inspect
import os
import sys
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "keras-compatibility.md"
FAMILIES = [
    "layers", "activations", "losses", "metrics", "optimizers", "optimizers.schedules", "callbacks", "initializers",
    "regularizers", "constraints", "ops", "ops.image", "random", "models", "saving", "utils", "tree", "config",
    "dtype_policies", "datasets", "preprocessing.image", "preprocessing.sequence", "visualization",
]  # fmt: skip
DIFFERENT = {
    "callbacks": {
        "TensorBoard": "scalars and histograms, by tensorboardX; no graphs, pictures, profiles and embeddings"
    },
    "layers": {
        "Lambda": "a model with one is not saved: a file may hold no code",
        "RandomFlip": "in both directions each is drawn by itself; Keras 3.15 flips in both or in none",
        "RandomCrop": "each image has a place of its own; the middle is cut out in prediction",
    },
    "utils": {"get_file": "addresses of http and https only"},
    "losses": {"get": "a short name gives the object, not the function"},
    "activations": {"sparsemax": "its rows sum to 1; those of Keras 3.15 do not"},
    "ops": {
        "categorical_crossentropy": "the target has no gradient",
        "is_tensor": "an array is a tensor, too",
        "nonzero": "of arrays only: how many there are depends on values",
        "sparsemax": "its rows sum to 1; those of Keras 3.15 do not",
    },
}
"""Names that are here, and do something else than in Keras."""
OTHER_FIELDS = {
    "sequences of text, sound, or of steps that depend on each other": {
        "layers": "Bidirectional ConvLSTM1D ConvLSTM2D ConvLSTM3D GRU GRUCell LSTM LSTMCell MelSpectrogram RNN "
        "STFTSpectrogram SimpleRNN SimpleRNNCell StackedRNNCells ReversibleEmbedding TextVectorization",
        "losses": "CTC ctc",
        "ops": "ctc_decode ctc_loss extract_sequences istft stft bartlett blackman hamming hanning kaiser i0 correlate",
        "initializers": "STFT STFTInitializer stft",
        "utils": "audio_dataset_from_directory text_dataset_from_directory",
        "datasets": "imdb reuters",
    },
    "tables of features, not images": {
        "layers": "HashedCrossing Hashing IntegerLookup StringLookup",
        "utils": "FeatureSpace",
        "datasets": "boston_housing california_housing",
    },
    "complex numbers and Fourier transforms": {
        "ops": "angle conj conjugate fft fft2 ifft2 imag irfft isreal polar real rfft view_as_complex view_as_real",
    },
    "decompositions of matrices": {
        "ops": "cholesky cholesky_inverse det eig eigh inv logdet lstsq lu_factor matrix_rank pinv qr slogdet solve "
        "solve_triangular svd",
    },
    "bits of integers; tensors are float32": {
        "ops": "bitwise_and bitwise_invert bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift bitwise_xor "
        "gcd lcm left_shift right_shift nextafter view",
    },
    "control flow that depends on values: a step is one list of calls": {
        "ops": "associative_scan cond custom_gradient fori_loop jvp map scan switch unique vectorize vectorized_map "
        "while_loop",
    },
    "other frameworks and machines": {
        "layers": "FlaxLayer JaxLayer TFSMLayer TorchModuleWrapper Pipeline",
        "callbacks": "OrbaxCheckpoint",
        "saving": "KerasFileEditor",
    },
    "weights of few bits": {
        "dtype_policies": "AWQDTypePolicy DTypePolicyMap FloatDTypePolicy GPTQDTypePolicy Int4DTypePolicy "
        "QuantizedDTypePolicy QuantizedFloat8DTypePolicy",
    },
    "bounding boxes": {
        "layers": "MaxNumBoundingBoxes",
        "utils": "bounding_boxes",
        "visualization": "draw_bounding_boxes draw_segmentation_masks plot_bounding_box_gallery "
        "plot_segmentation_mask_gallery",
    },
}
"""What is left out because it is no matter of convolutional networks, by reason."""
MISSING = {
    "layers": {
        "ContrastLimitedAdaptiveHistogramEqualization": "not there; `Equalization` is",
    },
    "utils": {"Config": "not there: a dictionary whose members are attributes, too"},
    "tree": {
        "MAP_TO_NONE": "internal to Keras's `traverse`: return None from `map_structure`",
        "map_shape_structure": "internal to Keras's layers",
    },
    "config": dict.fromkeys(
        ("disable_flash_attention", "enable_flash_attention", "is_flash_attention_enabled"),
        "there is no other attention to choose",
    ),
}
"""Further names that are not here, and why."""


def public(module):
    """The public names of a module: no modules, but data sets."""
    names = [name for name in dir(module) if not name.startswith("_")]
    if module.__name__.endswith("datasets"):
        return [name for name in names if hasattr(getattr(module, name), "load_data")]
    return [name for name in names if not inspect.ismodule(getattr(module, name))]


def part(package, family):
    """A family of a package; None where there is none."""
    return functools.reduce(lambda module, name: getattr(module, name, None), family.split("."), package)


def compared(attribute):
    """The names that tests compare with Keras's, by family: what they do ("CHECKED"), or only their "BY_ARGUMENTS"."""
    sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "ops")]
    found = {}
    for path in sorted(HERE.glob("test_*.py")):
        for family, names in getattr(importlib.import_module(path.stem), attribute, {}).items():
            found.setdefault(family, set()).update(names)
    return found


def other_fields(family):
    """Names of a family that are no matter of CNNs, with the reason."""
    return {name: why for why, families in OTHER_FIELDS.items() for name in families.get(family, "").split()}


def classified(keras, fastcnn, family, checked, by_arguments):
    """Names by what they are: "checked", "arguments", "different", "unchecked", "missing", and "other": {name: why}."""
    theirs, ours = part(keras, family), part(fastcnn, family)
    elsewhere, missing, different = other_fields(family), MISSING.get(family, {}), DIFFERENT.get(family, {})
    kinds = {kind: {} for kind in ("checked", "arguments", "different", "unchecked", "missing", "other")}
    for name in public(theirs):
        is_here = hasattr(ours, name) and (family == "datasets" or not inspect.ismodule(getattr(ours, name)))
        same = [other for other in checked if getattr(theirs, other, None) is getattr(theirs, name) is not None]
        if is_here and name in different:
            kinds["different"][name] = different[name]
        elif is_here and any(getattr(ours, other, None) is getattr(ours, name) for other in same):
            kinds["checked"][name] = ""
        elif is_here:
            kinds["arguments" if name in by_arguments else "unchecked"][name] = ""
        elif name in elsewhere:
            kinds["other"][name] = elsewhere[name]
        else:
            kinds["missing"][name] = missing.get(name, "not there")
    return kinds


def page(keras, fastcnn):
    """The text, and the share of names in the first column."""
    checked, by_arguments = compared("CHECKED"), compared("BY_ARGUMENTS")
    tables = {
        family: classified(keras, fastcnn, family, checked.get(family, set()), by_arguments.get(family, set()))
        for family in FAMILIES
    }
    for family, names in [*checked.items(), *by_arguments.items()]:
        unknown = {name for name in names if not hasattr(part(fastcnn, family), name)}
        if unknown:
            raise ValueError(f"tests claim names of {family} that fastcnn does not have: {sorted(unknown)}")
    count = {kind: sum(len(table[kind]) for table in tables.values()) for kind in next(iter(tables.values()))}
    sensible = sum(count.values()) - count["other"]
    share = count["checked"] / sensible
    lines = [
        "# Keras's names, one by one",
        "",
        f"Made by `python tests/parity/compatibility.py` from the parity suite and Keras {keras.__version__}.",
        "",
        f"Of {sensible} public names that make sense for convolutional networks **{count['checked']} ({share:.1%}) are "
        "supported and checked**: a test of `tests/parity` compares them with Keras's. "
        f"{count['different']} are supported with a difference; of {count['arguments']} only the arguments are "
        f"compared, of {count['unchecked']} nothing; {count['missing']} are missing. {count['other']} more are matters "
        "of other fields. What differs in general is on [compatibility.md](compatibility.md).",
        "",
        "| family | checked | arguments compared | with a difference | not compared | missing | other fields |",
        "|---|---|---|---|---|---|---|",
        *("| `keras." + family + "` | " + " | ".join(str(len(names)) for names in tables[family].values()) + " |"
          for family in FAMILIES),
    ]  # fmt: skip
    for family, table in tables.items():
        lines += ["", f"## `keras.{family}`"]
        lines += ["", "Supported and checked: " + listed(table["checked"]) + "."] if table["checked"] else []
        lines += ["", "Supported, arguments compared: " + listed(table["arguments"])] if table["arguments"] else []
        lines += ["", "Supported, not compared: " + listed(table["unchecked"]) + "."] if table["unchecked"] else []
        rows = [
            *((name, "a difference: " + why) for name, why in table["different"].items()),
            *((name, "not supported: " + why) for name, why in table["missing"].items()),
        ]
        if rows:
            lines += ["", "| name | |", "|---|---|", *(f"| `{name}` | {why} |" for name, why in rows)]
        for why in dict.fromkeys(table["other"].values()):
            names = [name for name, reason in table["other"].items() if reason == why]
            lines += ["", f"Not supported, {why}: {listed(names)}."]
    return "\n".join(lines) + "\n", share


def listed(names):
    """Names in a row."""
    return ", ".join(f"`{name}`" for name in names)


if __name__ == "__main__":
    os.environ.setdefault("KERAS_BACKEND", "jax")
    import keras

    import fastcnn

    text, share = page(keras, fastcnn)
    PAGE.write_text(text)
    print(f"{PAGE}: {share:.1%} supported and checked")
