"""The frameworks that are compared, as data; read by the comparison and, in another Python, by the workers."""

from typing import NamedTuple


class Contestant(NamedTuple):
    """A way to train a model.

    `module` is the worker that does it and `variant` what it is asked for; `needs` is what its Python must be able to
    import, and `option` the option of `fastcnn bench` that names this Python.
    """

    module: str
    variant: str
    needs: str
    option: str


CONTESTANTS = {
    "fastcnn": Contestant("worker_keras", "fastcnn", "fastcnn", "fastcnn"),
    "fastcnn-mixed-bfloat16": Contestant("worker_keras", "fastcnn mixed_bfloat16", "fastcnn", "fastcnn"),
    "torch": Contestant("worker_torch", "contiguous", "torch", "torch"),
    "torch-channels-last": Contestant("worker_torch", "channels_last", "torch", "torch"),
    "keras-tensorflow": Contestant("worker_keras", "tensorflow", "keras, tensorflow", "tensorflow"),
    "keras-jax": Contestant("worker_keras", "jax", "keras, jax", "jax"),
    "jax": Contestant("worker_jax", "jit", "jax", "jax"),
}
OURS = ("fastcnn", "fastcnn-mixed-bfloat16")
