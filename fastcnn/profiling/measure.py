"""Time the ops of a program: each by itself, one after another, again and again; and the whole as it is run."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Sequence

from fastcnn._core.call import Plan
from fastcnn.graph.origin import merged
from fastcnn.plan import Program
from fastcnn.plan.program import Part, bytes_of
from fastcnn.profiling.machine import Machine, machine
from fastcnn.profiling.profile import Profile, Row

WARM_UP = 3
LEAST_RUNS, MOST_RUNS = 5, 2000
UNDISTURBED = 4
"""Of so many runs one counts for the ops, the fastest: in others a process may have taken a core for milliseconds."""


def profile_program(
    program: Program, *, model: str, mode: str, batch_size: int, memory: dict[str, int], seconds: float
) -> Profile:
    """Run a program for so many seconds; its in-place updates happen, whoever calls this puts back what they change.

    Args:
        program: the program.
        model: a name for the profile.
        mode: "training" or "prediction".
        batch_size: rows of the batch.
        memory: bytes that are not the program's own, by what they are for.
        seconds: how long to measure.
    """
    limits = machine()
    apart = Plan(program.plan.calls, apart=True)
    for _ in range(WARM_UP):
        program.run()
        apart.seconds()
    whole: list[float] = []
    each: list[list[float]] = []
    end = time.perf_counter() + seconds
    while len(whole) < LEAST_RUNS or (len(whole) < MOST_RUNS and time.perf_counter() < end):
        before = time.perf_counter()
        program.run()
        whole.append(time.perf_counter() - before)
        each.append(apart.seconds())
    each = sorted(each, key=math.fsum)[: max(LEAST_RUNS, len(each) // UNDISTURBED)]
    times = iter(zip(*each, strict=True))
    rows = [row(program, part, [next(times) for call in part.calls if call.tasks], limits) for part in program.parts]
    own = {
        "activations and workspaces": program.arena.memory.nbytes,
        "batch": sum(program.array(tensor).nbytes for tensor in program.graph.inputs),
        "scratch of threads": limits.threads * max((call.scratch for call in program.plan.calls), default=0),
    }
    return Profile(
        model=model,
        mode=mode,
        batch_size=batch_size,
        rows=tuple(row for row in rows if row.seconds),
        seconds=statistics.median(whole),
        best=min(whole),
        memory={**own, **memory},
        machine=limits,
    )


def row(program: Program, part: Part, times: Sequence[Sequence[float]], limits: Machine) -> Row:
    """What a profile says of an op, given the times of each of its calls."""
    runs = [math.fsum(run) for run in zip(*times, strict=True)] or [0.0]
    seconds = statistics.median(runs)
    if part.node is None:
        written = sum(array.nbytes for call in part.calls for array in call.writes)
        flops, size, memory = 0, 2 * written, written
        layers: tuple[str, ...] = ("batch",)
        op, shape = "gather", tuple(part.calls[0].writes[0].shape) if part.calls else ()
    else:
        node = part.node
        layers = merged(*(other.origin for other in part.does or (node,)))
        flops, op, shape = sum(other.flops for other in part.does), node.op.name, node.outputs[0].static_shape
        written, read = (
            sum(bytes_of(tensor.static_shape, tensor.dtype) for tensor in tensors)
            for tensors in (part.writes, part.reads)
        )
        size = written + read
        memory = part.workspace + (0 if node.op.in_place else written)
    level = limits.level_of(size)
    bandwidth = level.limit(written / size if size else 0)
    speed = 1 / seconds if seconds else math.inf
    main = max(part.calls, key=lambda call: call.work, default=None)
    return Row(
        layers=layers,
        op=op,
        shape=shape,
        seconds=seconds,
        best=min(runs),
        flops=flops,
        bytes=size,
        memory=memory,
        gflops=flops * speed / 1e9,
        gigabytes=size * speed / 1e9,
        peak=flops * speed / 1e9 / limits.gflops,
        bandwidth=size * speed / 1e9 / bandwidth,
        level=level.name,
        kernel=main.kernel if main is not None else "",
    )
