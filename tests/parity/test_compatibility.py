"""The page of Keras's names is what the suite gives."""

from compatibility import DIFFERENT, MISSING, OTHER_FIELDS, PAGE, page, part

import fastcnn


def test_the_page_is_up_to_date(keras):
    text, share = page(keras, fastcnn)
    assert PAGE.read_text() == text, "run python tests/parity/compatibility.py"
    assert share >= 0.95


def test_what_is_said_to_be_missing_or_different_is(keras):
    for why, families in OTHER_FIELDS.items():
        for family, names in families.items():
            for name in names.split():
                assert hasattr(part(keras, family), name), f"{family}.{name}: {why}"
                assert not hasattr(part(fastcnn, family), name), f"{family}.{name}: {why}"
    for family, names in MISSING.items():
        assert not any(hasattr(part(fastcnn, family), name) for name in names)
    for family, names in DIFFERENT.items():
        assert all(hasattr(part(fastcnn, family), name) for name in names)
