"""When something last changed that prepared steps may depend on: variables and layers leave a mark here.

Whoever keeps a step remembers the mark, and looks for what has changed only where the mark is another one by now.
"""


class Mark:
    """A moment. Marks are told apart by identity."""


class Changes:
    """The last mark that was left."""

    latest = Mark()


def note_change() -> Mark:
    """Leave a new mark, which is returned."""
    Changes.latest = mark = Mark()
    return mark
