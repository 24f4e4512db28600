"""Constraints of weights, with Keras's names, arguments and defaults.

`kernel_constraint="non_neg"`, an object of a class here, or any function of an array, is applied to a weight after each
update of training.
"""

from fastcnn.constraints.projections import Constraint, MaxNorm, MinMaxNorm, NonNeg, UnitNorm
from fastcnn.utils.family import Family

__all__ = [
    "Constraint",
    "MaxNorm",
    "MinMaxNorm",
    "NonNeg",
    "UnitNorm",
    "deserialize",
    "get",
    "max_norm",
    "min_max_norm",
    "non_neg",
    "serialize",
    "unit_norm",
]

max_norm = MaxNorm
min_max_norm = MinMaxNorm
non_neg = NonNeg
unit_norm = UnitNorm

FAMILY = Family(
    "constraint",
    "keras.constraints",
    {
        **{cls.__name__: cls for cls in (MaxNorm, MinMaxNorm, NonNeg, UnitNorm)},
        "max_norm": MaxNorm,
        "min_max_norm": MinMaxNorm,
        "non_neg": NonNeg,
        "unit_norm": UnitNorm,
    },
)
get = FAMILY.get
serialize = FAMILY.serialize
deserialize = FAMILY.deserialize
