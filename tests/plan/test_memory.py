"""Planned memory: blocks that live at the same time never share a byte, and memory is reused."""

from hypothesis import given
from hypothesis import strategies as st

from fastcnn.plan.memory import ALIGNMENT, Lifetime, aligned_zeros, place

blocks = st.builds(
    lambda size, first, length: Lifetime(size, first, first + length),
    st.integers(0, 1000),
    st.integers(0, 20),
    st.integers(0, 8),
)


@given(st.lists(blocks, max_size=25))
def test_blocks_alive_together_do_not_overlap(lifetimes):
    offsets, total = place(lifetimes)
    for i, (offset, block) in enumerate(zip(offsets, lifetimes, strict=True)):
        assert offset % ALIGNMENT == 0
        assert offset + block.size <= total
        for other_offset, other in zip(offsets[:i], lifetimes[:i], strict=True):
            if block.meets(other) and block.size and other.size:
                assert offset + block.size <= other_offset or other_offset + other.size <= offset


def test_memory_is_reused_when_a_block_is_dead():
    _, total = place([Lifetime(640, 0, 1), Lifetime(640, 1, 2), Lifetime(640, 2, 3)])
    assert total == 2 * 640


def test_arrays_are_aligned_and_zero():
    array = aligned_zeros((3, 5), "float32")
    assert array.ctypes.data % ALIGNMENT == 0
    assert array.shape == (3, 5)
    assert not array.any()
