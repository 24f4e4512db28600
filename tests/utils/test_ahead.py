"""Results computed ahead by threads: in order, bounded, with errors in their place, and no thread left behind."""

import threading
import time

import pytest

from fastcnn.utils.ahead import ahead


@pytest.fixture(autouse=True)
def no_thread_stays():
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before


@pytest.mark.parametrize("workers", [1, 2, 5])
@pytest.mark.parametrize("waiting", [0, 1, 7])
def test_as_map(workers, waiting):
    assert list(ahead(lambda n: n * n, range(40), workers, waiting)) == [n * n for n in range(40)]
    assert list(ahead(str, [], workers, waiting)) == []


def test_results_come_in_order_however_long_they_take():
    assert list(ahead(lambda n: time.sleep(0.002 * (n % 3)) or n, range(12), 4, 6)) == [*range(12)]


def test_no_more_is_begun_than_may_wait():
    begun, released = [], threading.Semaphore(0)
    results = ahead(lambda n: (begun.append(n), released.release()), range(100), 3, 4)
    next(results)
    for _ in range(5):
        released.acquire()
    time.sleep(0.02)
    assert sorted(begun) == [*range(5)]
    results.close()


def test_errors_come_in_their_place():
    def call(number):
        if number == 3:
            raise OSError("no third")
        return number

    results = ahead(call, range(9), 2, 4)
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(OSError, match="no third"):
        next(results)

    def items():
        yield 1
        raise KeyError("items")

    results = ahead(call, items(), 2, 4)
    assert next(results) == 1
    with pytest.raises(KeyError, match="items"):
        next(results)


def test_items_are_closed():
    closed = []

    def items():
        try:
            yield from range(100)
        finally:
            closed.append(True)

    results = ahead(str, items(), 2, 3)
    next(results)
    results.close()
    assert closed


def test_nothing_is_begun_before_the_first_result_is_asked_for():
    begun = []
    results = ahead(begun.append, range(5))
    time.sleep(0.01)
    assert not begun
    results.close()
