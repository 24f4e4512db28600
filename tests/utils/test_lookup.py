"""Names are found, and wrong ones get the nearest suggested."""

import re

import pytest

from fastcnn.utils.lookup import lookup

TABLE = {"GlorotUniform": 1, "glorot_uniform": 1, "he_normal": 2, "zeros": 3}


def test_known_name():
    assert lookup("initializer", "he_normal", TABLE) == 2


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [
        ("he_norm", "he_normal"),
        ("HeNormal", "he_normal"),
        ("HE_NORMAL", "he_normal"),
        ("zero", "zeros"),
        ("glorot_unif", "glorot_uniform"),
        ("GlorotUnif", "GlorotUniform"),
    ],
)
def test_suggestion(name, suggestion):
    message = (
        f"unknown initializer '{name}'; did you mean '{suggestion}'? Known: 'glorot_uniform', 'he_normal', 'zeros'"
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        lookup("initializer", name, TABLE)


def test_nothing_near():
    with pytest.raises(ValueError, match=r"unknown initializer 'qqqqqqqq'\. Known: "):
        lookup("initializer", "qqqqqqqq", TABLE)


@pytest.mark.parametrize("name", [3, None, ["zeros"], b"zeros"])
def test_not_a_string(name):
    with pytest.raises(ValueError, match="initializer must be a name"):
        lookup("initializer", name, TABLE)
