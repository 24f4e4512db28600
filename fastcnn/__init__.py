"""fastcnn: a fast CNN library for CPUs, with Keras's API."""

from fastcnn.threads import get_num_threads, set_num_threads

__version__ = "0.1.0"

__all__ = ["get_num_threads", "set_num_threads"]
