"""Parity with Keras 3, call by call, where Keras is installed: `pip install keras jax`, then `pytest tests/parity`."""

import os

import pytest

os.environ.setdefault("KERAS_BACKEND", "jax")


@pytest.fixture(scope="session")
def keras():
    """The package keras, on JAX."""
    pytest.importorskip("jax", reason="Keras's side of the parity tests runs on JAX: pip install keras jax")
    return pytest.importorskip("keras", reason="the parity tests compare with Keras: pip install keras jax")
