"""Tables of wrong arguments, for this library and for Keras.

A row is a call that takes the library, the class of the error where it is not ValueError, and what the message says:
(lambda k: k.layers.Dense(-1), "units", "-1"), (lambda k: k.layers.RepeatVector(2.5), TypeError, "n", "2.5").
"""

import warnings

import numpy as np
import pytest


def zeros(*shape):
    return np.zeros(shape, "float32")


def parts(row):
    """A row as the call, the class of the error, and the words."""
    call, *words = row
    error = words.pop(0) if words and not isinstance(words[0], str) else ValueError
    return call, error, words


def each(rows):
    """The decorator of a test of each row; the line of the table names it."""
    return pytest.mark.parametrize(
        "row", [pytest.param(row, id=f"{row[0].__code__.co_firstlineno} {' '.join(parts(row)[2])}") for row in rows]
    )


def check_words(row, package):
    """The call is refused, by the class of the row, in the words of the row."""
    call, error, words = parts(row)
    with pytest.raises(error) as caught:
        call(package)
    message = str(caught.value)
    missing = [word for word in words if word not in message]
    assert not missing, f"{missing} not in {message!r}"


def check_refused(row, package):
    """The call is refused by the class of the row."""
    call, error, _ = parts(row)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(error):
            call(package)


def small_model(k, compiled=True, **arguments):
    """A model of four numbers to one."""
    model = k.Sequential([k.Input((4,)), k.layers.Dense(1)])
    if compiled:
        model.compile(**{"optimizer": "sgd", "loss": "mse", **arguments})
    return model
