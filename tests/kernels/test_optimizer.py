"""Updates of weights: the kernels of csrc/optimizer.c, alone and fused with the product that is the gradient."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fastcnn import reference
from fastcnn._core import call
from fastcnn._core.gemm import Matmul
from fastcnn._core.gemm_update import MatmulUpdate
from fastcnn._core.optimizer import (
    AccumulateGradient,
    Increment,
    NadamState,
    NormScale,
    SumsOfSquares,
    Update,
    WeightAverage,
    merged,
    partial_sums,
)
from fastcnn._core.update_rule import OPTIONS
from fastcnn.ops.update import RULES as RULE_TABLE

KERNELS = {
    "sgd_update",
    "momentum_update",
    "nesterov_update",
    "adam_update",
    "amsgrad_update",
    "adamax_update",
    "nadam_update",
    "rmsprop_update",
    "rmsprop_momentum_update",
    "rmsprop_centered_update",
    "rmsprop_centered_momentum_update",
    "adagrad_update",
    "adadelta_update",
    "lion_update",
    "lamb_update",
    "ftrl_update",
    "weight_average",
    "accumulate_gradient",
    "sum_of_squares",
}

quick = settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
shapes = st.one_of(
    st.tuples(st.sampled_from([0, 1, 3, 15, 16, 17, 63, 8191, 8192, 20000])),
    st.tuples(st.integers(1, 40), st.integers(1, 40)),
)
seeds = st.integers(0, 2**32 - 1)
LR, STATE = np.array([0.01], np.float32), np.array([0.4], np.float32)
VALUES = {
    "momentum": 0.9,
    "beta_1": 0.9,
    "beta_2": 0.999,
    "epsilon": 1e-3,
    "rho": 0.9,
    "learning_rate_power": -0.5,
    "l1": 0.05,
    "l2": 0.1,
    "l2_shrinkage": 0.1,
    "beta": 0.1,
}
RULES = [rule for rule in OPTIONS if rule != "lamb"]
SHARED = {"scale": 0.5, "clip": 0.7, "weight_decay": 0.1}


def draw(seed, *shape):
    return np.random.default_rng(seed).standard_normal(shape, dtype=np.float32)


def options_of(rule):
    return {name: VALUES[name] for name in OPTIONS[rule]}


def slots_of(rule, seed, shape):
    """Slots of a kind that squares can have: the first of RMSprop's exceeds the square of its mean."""
    count = len(RULE_TABLE[rule].slots)
    slots = [np.abs(draw(seed + i, *shape)) for i in range(count)]
    if "rmsprop" in rule:
        slots[0] += 30
    return slots


def numbers(rule, iteration=4):
    return LR, np.array([iteration], np.int64), STATE if rule == "nadam" else None


def expected(rule, w, g, slots, rest, **options):
    """The new values, by the reference in double precision."""
    wide = [array.astype(np.float64) for array in (w, g, *slots)]
    return reference.update(rule, *wide, *(number for number in rest if number is not None), **options)


@pytest.mark.parametrize("rule", RULES)
@given(
    shape=shapes, seed=seeds, iteration=st.sampled_from([0, 1, 10**6]), shared=st.sampled_from([{}, SHARED]),
)  # fmt: skip
@quick
def test_update(isa, rule, shape, seed, iteration, shared):
    w, g, slots, rest = (
        draw(seed, *shape),
        draw(seed + 9, *shape),
        slots_of(rule, seed + 1, shape),
        numbers(rule, iteration),
    )
    options = {**options_of(rule), **shared}
    wanted = expected(rule, w, g, slots, rest, **options)
    call.run(Update(rule, [(w, g, slots, None)], *rest, **options))
    for array, value in zip([w, *slots], wanted, strict=True):
        scale = np.abs(value).max(initial=1)
        tolerance = 1e-4 if rule == "ftrl" else 4e-6  # Ftrl divides a difference of roots by the learning rate
        np.testing.assert_allclose(array, value, rtol=1e-5, atol=tolerance * scale)


@pytest.mark.parametrize("power", [-0.8, 0.0, -1.0])
def test_ftrl_with_other_powers(isa, power):
    options = {**options_of("ftrl"), "learning_rate_power": power}
    w, g, slots = draw(1, 77), draw(2, 77), slots_of("ftrl", 3, (77,))
    wanted = expected("ftrl", w, g, slots, numbers("ftrl"), **options)
    call.run(Update("ftrl", [(w, g, slots, None)], *numbers("ftrl"), **options))
    for array, value in zip([w, *slots], wanted, strict=True):
        np.testing.assert_allclose(array, value, rtol=1e-4, atol=1e-4 * np.abs(value).max())


@pytest.mark.parametrize("rule", RULES)
def test_nan_comes_through(isa, rule):
    w, g, slots = np.ones(40, np.float32), np.ones(40, np.float32), slots_of(rule, 1, (40,))
    g[[3, 35]] = np.nan
    call.run(Update(rule, [(w, g, slots, None)], *numbers(rule), **options_of(rule), clip=0.5))
    assert np.flatnonzero(np.isnan(w)).tolist() == [3, 35]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(
    ("batch", "rows", "columns"), [(0, 5, 10), (1, 131, 1), (32, 64, 100), (400, 131, 130), (1000, 6, 64)]
)
def test_fused_update_has_the_bits_of_product_and_update(isa, rule, batch, rows, columns):
    x, dy = draw(1, batch, rows), draw(2, batch, columns)
    w, slots = draw(3, rows, columns), slots_of(rule, 4, (rows, columns))
    fused, fused_slots = w.copy(), [slot.copy() for slot in slots]
    g = np.full((rows, columns), np.nan, np.float32)
    options = {**options_of(rule), **SHARED}
    call.run(Matmul(x, dy, g, transpose_a=True))
    call.run(Update(rule, [(w, g, slots, None)], *numbers(rule), **options))
    call.run(MatmulUpdate(rule, x, dy, fused, fused_slots, *numbers(rule), **options))
    for one, other in zip((w, *slots), (fused, *fused_slots), strict=True):
        assert one.tobytes() == other.tobytes()


def test_steps_without_an_update_change_nothing(isa):
    x, dy, w = draw(1, 8, 70), draw(2, 8, 30), draw(3, 70, 30)
    before, count = w.copy(), np.array([1], np.int64)
    call.run(Update("sgd", [(w, w * 2, (), None)], LR, count, steps=3))
    call.run(MatmulUpdate("sgd", x, dy, w, (), LR, count, steps=3))
    np.testing.assert_array_equal(w, before)


def test_many_weights_in_one_call(isa):
    """Merged updates give the bits of single ones, in fewer tasks, and each gradient keeps its own scale."""
    sizes = [1, 64, 10, 20000, 128, 3, 0]
    single, together = [], []
    for collection in (single, together):
        for index, size in enumerate(sizes):
            scale = np.array([0.1 * index], np.float32) if index % 2 else None
            collection.append((draw(index, size), draw(index + 50, size), slots_of("adam", index + 90, (size,)), scale))
    count = np.array([2], np.int64)
    updates = [
        [Update("adam", [segment], LR, count, **options_of("adam")) for segment in segments]
        for segments in (single, together)
    ]
    call.run(*updates[0])
    assert len({update.key for update in updates[1]}) == 1
    one = merged(updates[1])
    assert one.tasks == 4  # three small ones; three for the large one, of which the last has room for the rest
    call.run(one)
    for (w, _, slots, _), (other, _, other_slots, _) in zip(single, together, strict=True):
        for array, twin in zip((w, *slots), (other, *other_slots), strict=True):
            assert array.tobytes() == twin.tobytes()


@pytest.mark.parametrize("rows", [5408, 37])
def test_bits_do_not_depend_on_threads(isa, rows):
    x, dy = draw(1, 32, rows), draw(2, 32, 128)
    before = call.get_num_threads()
    results = set()
    for threads in (1, 2):
        call.set_num_threads(threads)
        w, slots = draw(3, rows, 128), slots_of("adam", 4, (rows, 128))
        call.run(MatmulUpdate("adam", x, dy, w, slots, *numbers("adam"), **options_of("adam")))
        call.run(Update("adam", [(w, slots[0] * 1, slots, None)], *numbers("adam"), **options_of("adam")))
        results.add(b"".join(array.tobytes() for array in (w, *slots)))
    call.set_num_threads(before)
    assert len(results) == 1


@pytest.mark.parametrize("size", [0, 1, 17, 200, 20001])
def test_norms(isa, size):
    arrays = [draw(1, size), draw(2, 5, 3)]
    partial, out = np.full(partial_sums([size, 15]), np.nan), np.zeros(1, np.float32)
    call.run(SumsOfSquares(arrays, partial), NormScale(partial, out, kind="global", limit=0.5, scale=2.0))
    wanted = reference.norm_scale(*(a.astype(np.float64) for a in arrays), kind="global", limit=0.5, scale=2.0)
    np.testing.assert_allclose(out, wanted, rtol=1e-5)
    call.run(NormScale(partial, out, kind="trust", split=partial_sums([size])))
    norms = [float(np.linalg.norm(array.astype(np.float64))) for array in arrays]
    np.testing.assert_allclose(out, norms[0] / norms[1] if all(norms) else 1, rtol=1e-5)


@pytest.mark.parametrize("size", [1, 16, 23, 8200])
@pytest.mark.parametrize("iteration", [0, 1, 5])
def test_averages_and_sums(isa, size, iteration):
    w, average, g, count = draw(1, size), draw(2, size), draw(3, size), np.array([iteration])
    total = average.copy()
    means = reference.weight_average(average, w, count, momentum=0.75, every=2, steps=1)
    sums = reference.accumulate_gradient(total, g, count, steps=2)
    call.run(WeightAverage(average, w, count, momentum=0.75, every=2), AccumulateGradient(total, g, count, steps=2))
    for array, value in zip((average, w, total), (*means, *sums), strict=True):
        np.testing.assert_allclose(array, value, rtol=1e-6, atol=1e-6)


def test_counters():
    counter, product = np.array([5, 2**40], np.int64), np.array([0.5], np.float32)
    call.run(Increment(counter), NadamState(product, np.array([0], np.int64), beta_1=0.9))
    assert counter.tolist() == [5, 2**40 + 1]
    assert product[0] == np.float32(0.5 * 0.9 * (1 - 0.5 * 0.96))


def test_errors_name_the_argument():
    def zeros(*shape):
        return np.zeros(shape, np.float32)

    count = np.zeros(1, np.int64)
    with pytest.raises(ValueError, match=r"g must have the shape of w, \(3, 4\), received \(3, 5\)"):
        Update("sgd", [(zeros(3, 4), zeros(3, 5), (), None)], LR, count)
    with pytest.raises(ValueError, match="lr must have one element"):
        Update("sgd", [(zeros(3, 4), zeros(3, 4), (), None)], zeros(2), count)
    with pytest.raises(ValueError, match="iteration must have one element"):
        Update("sgd", [], LR, np.zeros(2, np.int64))
    with pytest.raises(ValueError, match="the rule 'adam' has 2 slots, received 1"):
        Update("adam", [(zeros(3), zeros(3), (zeros(3),), None)], LR, count, **options_of("adam"))
    with pytest.raises(ValueError, match="there is no rule 'adan'"):
        Update("adan", [], LR, count)
    with pytest.raises(TypeError, match="the rule 'sgd' takes no epsilon"):
        Update("sgd", [], LR, count, epsilon=1.0)
    with pytest.raises(ValueError, match=r"w must have shape \(4, 5\), received \(5, 4\)"):
        MatmulUpdate("sgd", zeros(2, 4), zeros(2, 5), zeros(5, 4), (), LR, count)
