"""Regularizers, with Keras's names, arguments and defaults.

`kernel_regularizer="l2"`, an object of a class here, or any function of an array, adds a penalty for the weight to the
loss that training minimises and that `fit` and `evaluate` report; `activity_regularizer` one for a layer's output.
"""

from fastcnn.regularizers.penalties import L1, L1L2, L2, OrthogonalRegularizer, Regularizer
from fastcnn.utils.family import Family

__all__ = [
    "L1",
    "L1L2",
    "L2",
    "OrthogonalRegularizer",
    "Regularizer",
    "deserialize",
    "get",
    "l1",
    "l1_l2",
    "l2",
    "orthogonal_regularizer",
    "serialize",
]

l1 = L1
l2 = L2
l1_l2 = L1L2
orthogonal_regularizer = OrthogonalRegularizer

FAMILY = Family(
    "regularizer",
    "keras.regularizers",
    {
        **{cls.__name__: cls for cls in (L1, L2, L1L2, OrthogonalRegularizer)},
        "l1": L1,
        "l2": L2,
        "l1_l2": L1L2,
        "l1l2": L1L2,
        "orthogonal_regularizer": OrthogonalRegularizer,
    },
)
get = FAMILY.get
serialize = FAMILY.serialize
deserialize = FAMILY.deserialize
