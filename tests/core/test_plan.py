"""The executor: calls in order, stages of independent calls, refusals. The calls are those of the bias drivers."""

import threading

import numpy as np
import pytest

from fastcnn._core import call
from fastcnn._core.bias import AddBias, BiasGradient, SumPartials
from fastcnn._core.call import Plan, mixed_order

COLUMNS = 7


def rows(count=23, seed=0):
    return np.random.default_rng(seed).standard_normal((count, COLUMNS), dtype=np.float32)


def bias(seed=1):
    return np.random.default_rng(seed).standard_normal(COLUMNS, dtype=np.float32)


def empty(count=23):
    return np.full((count, COLUMNS), np.nan, np.float32)


@pytest.fixture
def num_threads():
    before = call.get_num_threads()
    yield call.set_num_threads
    call.set_num_threads(before)


def sizes(calls):
    return [len(stage) for stage in Plan(calls).stages]


def test_independent_calls_are_one_stage():
    x, b = rows(), bias()
    assert sizes([AddBias(x, b, empty()), AddBias(x, b, empty()), AddBias(rows(), b, empty())]) == [3]


def test_a_call_waits_for_what_it_reads():
    x, b, y, z = rows(), bias(), empty(), empty()
    assert sizes([AddBias(x, b, y), AddBias(y, b, z)]) == [1, 1]


def test_a_call_waits_until_what_it_overwrites_is_read():
    x, b, y, other = rows(), bias(), empty(), rows()
    assert sizes([AddBias(x, b, y), AddBias(other, b, x)]) == [1, 1]


def test_a_call_waits_for_an_earlier_write_to_the_same_memory():
    b, y = bias(), empty()
    assert sizes([AddBias(rows(), b, y), AddBias(rows(), b, y)]) == [1, 1]


def test_a_call_may_depend_on_any_call_of_a_stage():
    x, b, y, z = rows(), bias(), empty(), empty()
    assert sizes([AddBias(x, b, y), AddBias(x, b, z), AddBias(y, b, empty()), AddBias(z, b, empty())]) == [2, 2]


def test_a_call_joins_an_earlier_stage_that_it_does_not_depend_on():
    x, b, y, z = rows(), bias(), empty(), empty()
    chain = [AddBias(x, b, y), AddBias(y, b, z), AddBias(z, b, empty())]
    assert sizes([*chain, AddBias(x, b, empty())]) == [2, 1, 1]
    assert sizes([*chain, AddBias(y, b, empty())]) == [1, 2, 1]
    assert sizes([*chain, AddBias(rows(), b, x)]) == [1, 2, 1]


def test_calls_of_a_stage_advance_alike():
    few, many = AddBias(rows(6000), bias(), empty(6000)), AddBias(rows(60_000), bias(), empty(60_000))
    order = mixed_order([few, many])
    assert sorted(order) == [number for number, one in enumerate((few, many)) for _ in range(one.tasks)]
    halves = order[: len(order) // 2], order[len(order) // 2 :]
    assert all(set(half) == {0, 1} for half in halves)


def test_dependence_is_by_bytes_not_by_array_objects():
    memory = np.zeros((40, COLUMNS), np.float32)
    b = bias()
    assert sizes([AddBias(rows(20), b, memory[:20]), AddBias(rows(20), b, memory[20:])]) == [2]
    assert sizes([AddBias(rows(20), b, memory[:20]), AddBias(rows(21), b, memory[19:])]) == [1, 1]


def test_calls_without_tasks_are_left_out():
    plan = Plan([AddBias(empty(0), bias(), empty(0)), AddBias(rows(), bias(), empty())])
    assert [len(stage) for stage in plan.stages] == [1]
    assert len(plan.calls) == 2
    plan.run()


@pytest.mark.parametrize("threads", [1, 2])
def test_seconds_of_each_stage(num_threads, threads):
    num_threads(threads)
    x, b, y = rows(100_000), bias(), empty(100_000)
    calls = [AddBias(x, b, y), AddBias(rows(0), b, empty(0)), BiasGradient(rows(), empty(1))]
    plan = Plan(calls, apart=True)
    assert [len(stage) for stage in plan.stages] == [1, 1]
    seconds = plan.seconds()
    assert len(seconds) == 2
    assert min(seconds) > 0
    assert np.array_equal(y, x + b)


def test_a_call_says_what_it_runs():
    call_of_a_driver = BiasGradient(rows(), empty(1))
    assert call_of_a_driver.kernel == "bias gradient: the only kernel for this op"
    call_of_a_driver.kernel = "one pass: few columns"
    assert call_of_a_driver.kernel == "one pass: few columns"


def test_an_empty_plan_runs():
    plan = Plan([])
    plan.run()
    assert plan.stages == []


def test_work_is_the_sum_over_calls():
    calls = [AddBias(rows(), bias(), empty()), AddBias(rows(5), bias(), empty(5))]
    assert Plan(calls).work == sum(one.work for one in calls)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_a_chain_of_dependent_calls_runs_in_order(num_threads, threads):
    num_threads(threads)
    x, b = rows(6000), bias()
    y = x.copy()
    plan = Plan([AddBias(y, b, y) for _ in range(50)])
    assert len(plan.stages) == 50
    plan.run()
    expected = x.copy()
    for _ in range(50):
        expected += b
    np.testing.assert_array_equal(y, expected)
    plan.run()
    for _ in range(50):
        expected += b
    np.testing.assert_array_equal(y, expected)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_calls_of_one_stage_all_run(num_threads, threads):
    num_threads(threads)
    counts = [1, 3000, 2, 5000, 7, 9000, 400]
    xs, b = [rows(count, seed=count) for count in counts], bias()
    ys = [empty(count) for count in counts]
    plan = Plan([AddBias(x, b, y) for x, y in zip(xs, ys, strict=True)])
    assert len(plan.stages) == 1
    plan.run()
    for x, y in zip(xs, ys, strict=True):
        np.testing.assert_array_equal(y, x + b)


def test_arrays_are_kept_alive():
    y = empty()
    plan = Plan([AddBias(rows(), bias(), y)])
    plan.run()
    np.testing.assert_array_equal(y, rows() + bias())


def test_a_read_only_output_is_refused():
    y = empty()
    y.flags.writeable = False
    with pytest.raises((ValueError, BufferError), match="read-only"):
        Plan([AddBias(rows(), bias(), y)])


def test_a_read_only_input_is_fine():
    x, b, y = rows(), bias(), empty()
    x.flags.writeable = b.flags.writeable = False
    call.run(AddBias(x, b, y))
    np.testing.assert_array_equal(y, x + b)


@pytest.mark.parametrize(
    ("spoil", "error", "message"),
    [
        (lambda y: np.empty((COLUMNS, 23), np.float32).T, ValueError, "contiguous"),
        (lambda y: y.astype(np.float64), TypeError, "expected an array of float32, received one of float64"),
        (lambda y: y.astype(">f4"), TypeError, "expected an array of float32, received one of >f4"),
        (lambda y: y.view(np.int32), TypeError, "expected an array of float32, received one of int32"),
    ],
)
def test_drivers_take_pointers_of_fitting_arrays_only(spoil, error, message):
    with pytest.raises(error, match=message):
        AddBias(rows(), bias(), spoil(empty()))


def test_denormals_are_flushed_inside_only(num_threads):
    tiny = np.float32(1e-40)
    for threads in (1, 2):
        num_threads(threads)
        x, y = np.full((40000, COLUMNS), tiny), empty(40000)
        call.run(AddBias(x, np.zeros(COLUMNS, np.float32), y))
        assert not y.any()
        assert (x[:5] * np.float32(0.5)).all()  # the caller still computes with denormals


def test_a_running_plan_is_refused_in_another_thread():
    x, b = rows(50000), bias()
    y = x.copy()
    plan = Plan([AddBias(y, b, y) for _ in range(200)])
    start = threading.Barrier(2)
    outcomes = []

    def run():
        start.wait()
        try:
            plan.run()
            outcomes.append("ran")
        except RuntimeError as error:
            outcomes.append(str(error))

    for _ in range(100):
        pair = [threading.Thread(target=run) for _ in range(2)]
        for thread in pair:
            thread.start()
        for thread in pair:
            thread.join()
        if set(outcomes) != {"ran"}:
            break
    assert "this plan is running in another thread; each thread needs a plan of its own" in outcomes
    expected = x.copy()
    for _ in range(200 * outcomes.count("ran")):
        expected += b
    np.testing.assert_array_equal(y, expected)


def test_plans_of_their_own_run_in_many_python_threads():
    b = bias()
    xs = [rows(3000, seed) for seed in range(8)]
    ys = [x.copy() for x in xs]
    plans = [Plan([AddBias(y, b, y) for _ in range(20)]) for y in ys]
    threads = [threading.Thread(target=plan.run) for plan in plans]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for x, y in zip(xs, ys, strict=True):
        expected = x.copy()
        for _ in range(20):
            expected += b
        np.testing.assert_array_equal(y, expected)


@pytest.mark.parametrize("count", [1, 5000, 21_000, 40_000, 61_000])
def test_every_task_is_run_once(num_threads, count):
    x, b = rows(count), bias()
    y, z = empty(count), empty(count)
    for threads in (1, 2, 3):
        num_threads(threads)
        plan = Plan([AddBias(x, b, y), AddBias(y, b, z), AddBias(rows(count, 2), b, x)])
        for _ in range(4):
            expected = x + b + b
            z[...] = np.nan
            plan.run()
            np.testing.assert_array_equal(z, expected)


def test_bits_do_not_depend_on_the_number_of_threads(num_threads):
    dy = rows(200000)
    results = set()
    for threads in (1, 2, 8):
        num_threads(threads)
        partials, out = np.empty((64, COLUMNS), np.float32), np.empty(COLUMNS, np.float32)
        call.run(BiasGradient(dy, partials), SumPartials(partials, out))
        results.add(out.tobytes())
    assert len(results) == 1
