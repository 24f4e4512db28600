"""How many threads the engine uses: the public face of the core's thread gate."""

from fastcnn._core import call


def set_num_threads(num_threads: int) -> None:
    """Let each call of the engine use at most so many threads, from now on and in the whole process.

    At import the number is `OMP_NUM_THREADS` where that is set, else as many as the process's CPU affinity and the
    CPU quota of its container allow. Work too small to be worth waking a thread runs on one anyway. The number
    changes no result: the same bits come out for any.

    Args:
        num_threads: an integer from 1 to 1024.

    Raises:
        ValueError: if `num_threads` is anything else.

    Example:

    >>> import fastcnn
    >>> before = fastcnn.get_num_threads()
    >>> fastcnn.set_num_threads(1)
    >>> fastcnn.get_num_threads()
    1
    >>> fastcnn.set_num_threads(before)
    """
    call.set_num_threads(num_threads)


def get_num_threads() -> int:
    """The most threads that a call of the engine uses; see `set_num_threads`."""
    return call.get_num_threads()
