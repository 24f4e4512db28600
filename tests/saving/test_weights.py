"""Files of weights: exact, interchangeable, and safe against what may be in a file."""

import io
import zipfile

import numpy as np
import pytest

from fastcnn import Input, Sequential, layers


def make(units=5):
    return Sequential(
        [
            Input((8, 8, 2)),
            layers.Conv2D(4, 3),
            layers.Conv2D(3, 3, use_bias=False),
            Sequential([layers.Flatten(), layers.Dropout(0.5), layers.Dense(units)]),
            layers.Dense(2),
        ]
    )


def same_weights(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one.get_weights(), other.get_weights(), strict=True))


@pytest.fixture(params=[".weights.npz", ".npz", ".weights.h5"])
def path(request, tmp_path):
    if request.param.endswith("h5"):
        pytest.importorskip("h5py", reason="needs h5py")
    return tmp_path / f"model{request.param}"


def test_round_trip(path, tmp_path):
    model, other = make(), make()
    assert not same_weights(model, other)
    model.save_weights(path)
    other.load_weights(str(path))
    assert same_weights(model, other)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_loading_keeps_the_arrays(path):
    """Plans hold the addresses of weights: loading must write into them."""
    model = make()
    arrays = [weight.value for weight in model.weights]
    model.save_weights(path)
    model.load_weights(path)
    assert all(weight.value is array for weight, array in zip(model.weights, arrays, strict=True))


def test_overwrite(path):
    model, other = make(), make()
    model.save_weights(path)
    with pytest.raises(FileExistsError, match="exists already; pass overwrite=True"):
        other.save_weights(path, overwrite=False)
    other.load_weights(path)
    assert same_weights(model, other)


def test_another_architecture(path):
    model = make(units=6)
    before = make(units=6)
    before.set_weights(model.get_weights())
    make(units=5).save_weights(path)
    with pytest.raises(
        ValueError, match=r"model\..*another architecture: layers/sequential/layers/dense/vars/0 has the"
    ):
        model.load_weights(path)
    deeper = Sequential([Input((8, 8, 2)), layers.Conv2D(4, 3)])
    with pytest.raises(ValueError, match="holds 7 weights of another architecture than the model, which has 2"):
        deeper.load_weights(path)
    assert same_weights(model, before)


def test_cut_short(path):
    model = make()
    model.save_weights(path)
    content = path.read_bytes()
    values = model.get_weights()
    for length in (0, 3, 100, len(content) // 2, len(content) - 30, len(content) - 1):
        path.write_bytes(content[:length])
        with pytest.raises(ValueError, match=path.name):
            model.load_weights(path)
    assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), values, strict=True))


def test_not_weights_at_all(path):
    path.write_bytes(b"hello " * 1000)
    with pytest.raises(ValueError, match=path.name):
        make().load_weights(path)


def test_missing_file_and_folder(path):
    with pytest.raises(FileNotFoundError, match=path.name):
        make().load_weights(path)
    with pytest.raises(FileNotFoundError):
        make().save_weights(path.parent / "no such folder" / path.name)


@pytest.mark.parametrize("name", ["model.h5", "model", "model.weights", "model.keras"])
def test_other_endings(tmp_path, name):
    with pytest.raises(ValueError, match=r"must end in .weights.h5 or .weights.npz. Received"):
        make().save_weights(tmp_path / name)
    with pytest.raises(ValueError, match="must end in"):
        make().load_weights(tmp_path / name)


def test_failed_save_leaves_nothing(tmp_path, monkeypatch):
    path = tmp_path / "model.weights.npz"
    model = make()
    model.save_weights(path)
    content = path.read_bytes()

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr("fastcnn.saving.weights.write_array", fail)
    with pytest.raises(OSError, match="disk full"):
        make().save_weights(path)
    assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


def test_numpy_reads_and_writes_the_archive(tmp_path):
    path = tmp_path / "model.weights.npz"
    model, other = make(), make()
    model.save_weights(path)
    with np.load(path, allow_pickle=False) as arrays:
        values = dict(arrays)
    assert list(values)[:2] == ["layers/conv2d/vars/0", "layers/conv2d/vars/1"]
    compressed = tmp_path / "compressed.npz"
    np.savez_compressed(compressed, **{name: np.asfortranarray(value, ">f8") for name, value in values.items()})
    other.load_weights(compressed)
    assert same_weights(model, other)


def rewritten(path, change):
    """Write the archive anew with the members that `change` makes of a dictionary of members."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def npy(array, **arguments):
    stream = io.BytesIO()
    np.lib.format.write_array(stream, array, **arguments)
    return stream.getvalue()


KERNEL = "layers/dense/vars/0.npy"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "no readable header"),
        (b"\x93NUMPY\x01\x00\xff\xff", "no readable header"),
        (b"\x93NUMPY\x09\x00\x10\x00" + b" " * 16, "unknown version"),
        (b"\x93NUMPY\x01\x00\x10\x00__import__('os')", "no readable header"),
        (npy(np.zeros((5, 2), np.float32)) + b"more", "takes .* bytes instead of"),
        (npy(np.zeros((5, 2), np.float32))[:-1], "takes .* bytes instead of"),
        (npy(np.zeros((5, 2), np.int32)), "dtype int32"),
        (npy(np.zeros((5, 2), object), allow_pickle=True), "dtype object"),
        (npy(np.zeros((10**6, 2), "float16")), r"has the shape \(1000000, 2\) there, \(5, 2\) in the model"),
        (npy(np.zeros((5, 2)))[:-80].replace(b"(5, 2)", b"(5, 9999999)"), "no readable header|has the shape"),
    ],
)
def test_hostile_members(tmp_path, data, message):
    path = tmp_path / "model.weights.npz"
    model = make()
    model.save_weights(path)
    rewritten(path, lambda members: members.update({KERNEL: data}))
    values = model.get_weights()
    with pytest.raises(ValueError, match=message):
        model.load_weights(path)
    assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), values, strict=True))


def test_every_damaged_byte_is_noticed_or_harmless(tmp_path):
    """A flipped bit anywhere gives a ValueError, or the very weights (where the byte does not matter)."""
    path = tmp_path / "small.weights.npz"
    model = Sequential([Input((2,)), layers.Dense(1)])
    model.save_weights(path)
    values = model.get_weights()
    content = path.read_bytes()
    for position in range(len(content)):
        damaged = bytearray(content)
        damaged[position] ^= 0x10
        path.write_bytes(damaged)
        try:
            model.load_weights(path)
        except ValueError:
            continue
        assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), values, strict=True))


def test_links_in_hdf5_are_refused(tmp_path):
    h5py = pytest.importorskip("h5py", reason="needs h5py")
    path, secret = tmp_path / "model.weights.h5", tmp_path / "secret.h5"
    model = make()
    model.save_weights(path)
    with h5py.File(secret, "w") as file:
        file["data"] = np.zeros((5, 2), np.float32)
    with h5py.File(path, "r+") as file:
        del file["layers/dense/vars/0"]
        file["layers/dense/vars/0"] = h5py.ExternalLink(str(secret), "data")
    with pytest.raises(ValueError, match="is a link; files with links are not read"):
        model.load_weights(path)


def test_hdf5_without_h5py(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "h5py", None)
    with pytest.raises(ImportError, match="pip install h5py"):
        make().save_weights(tmp_path / "model.weights.h5")
    assert list(tmp_path.iterdir()) == []
