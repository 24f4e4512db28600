"""The result of a profile: a row for each op of a step, and what the step takes as a whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from fastcnn.profiling.machine import Machine


@dataclass(frozen=True)
class Row:
    """An op of the step, as fused.

    Attributes:
        layers: the names of the layers that it comes from, or `loss`, `optimizer`, a metric.
        op: its name in `fastcnn.ops`; `gather` is the fetching of the batch.
        shape: the shape of its first output.
        seconds: the median time of its calls, in the quarter of all runs that took least; best: the least.
        flops: floating-point operations, a multiply-add as two; of convolutions always those of the direct method.
        bytes: what its inputs and outputs hold.
        memory: the bytes of its outputs and temporary arrays.
        gflops, gigabytes: FLOPs and bytes a second, in billions.
        peak: `gflops` as a share of what multiply-adds reach on this machine.
        bandwidth: `gigabytes` as a share of what the memory level reaches that holds so many bytes.
        level: this level: "L2", "L3" or "memory".
        kernel: which kernel was chosen, and why.
    """

    layers: tuple[str, ...]
    op: str
    shape: tuple[int, ...]
    seconds: float
    best: float
    flops: int
    bytes: int
    memory: int
    gflops: float
    gigabytes: float
    peak: float
    bandwidth: float
    level: str
    kernel: str


@dataclass(frozen=True)
class Profile:
    """What `Model.profile` returns. Printed, it is a table; `rows` and `to_dict()` have the same as data.

    Attributes:
        model: the model's name.
        mode: "training" or "prediction".
        batch_size: rows of the batch.
        rows: a `Row` for each op, in the order in which they run.
        seconds: the median time of the whole step, in which independent ops run side by side; best: the least.
        memory: bytes by what they are for: the step's own ("activations and workspaces", "batch", "scratch of
            threads"), "weights" and, in training, "optimizer".
        machine: what this machine can do at most.
    """

    model: str
    mode: str
    batch_size: int
    rows: tuple[Row, ...]
    seconds: float
    best: float
    memory: Mapping[str, int]
    machine: Machine

    def to_dict(self) -> dict[str, Any]:
        """Everything as dictionaries and lists, as JSON takes them."""
        return asdict(self)

    def __str__(self) -> str:
        return "\n".join([*self.head(), "", *table(self.rows, self.seconds), "", *self.foot()])

    __repr__ = __str__

    def head(self) -> list[str]:
        """Lines above the table."""
        limits = ", ".join(f"{level.name} {level.read:,.0f}" for level in self.machine.levels)
        threads = "1 thread" if self.machine.threads == 1 else f"{self.machine.threads} threads"
        return [
            f"{self.model}: {self.mode}, batch {self.batch_size}, {threads}",
            f"a step takes {self.seconds * 1e3:.3f} ms (best {self.best * 1e3:.3f}): "
            f"{self.batch_size / self.seconds:,.0f} rows/s",
            f"this machine, {self.machine.instruction_set}: "
            f"{self.machine.gflops:,.0f} GFLOP/s; GB/s read from {limits}",
        ]

    def foot(self) -> list[str]:
        """Lines below the table."""
        lines = ["memory: " + ", ".join(f"{name} {readable(size)}" for name, size in self.memory.items()), *LEGEND]
        notes = [note for exceeds, note in EXCEEDED if any(exceeds(row) for row in self.rows)]
        return lines + notes


HEADER = ("layers", "op", "output", "µs", "%", "MFLOP", "GFLOP/s", "peak", "MB", "GB/s", "of", "memory", "kernel")
LEFT = {"layers", "op", "kernel"}
LEGEND = (
    "µs: each op by itself, where the step runs independent ones side by side; peak: of the GFLOP/s above; of: of what",
    "the level of memory reaches that its bytes fit into. Ops of a few µs are bound by the time of a start.",
)
EXCEEDED: tuple[tuple[Callable[[Row], bool], str], ...] = (
    (
        lambda row: row.peak > 1,
        "peak over 100%: FLOPs are those of the direct method in float32, of which Winograd's algorithm and what skips "
        "zeros do fewer;\nprocessors with AVX-512 BF16 do twice as many bfloat16 ones.",
    ),
    (lambda row: row.bandwidth > 1, "bandwidth over 100%: part of the bytes came from, or went to, a faster cache."),
)
"""Notes on figures that look impossible, and the rows that need them."""
LONGEST_LAYERS = 34


def table(rows: Sequence[Row], seconds: float) -> list[str]:
    """The lines of the table; percentages of time are of the sum over the ops."""
    total = sum(row.seconds for row in rows) or 1.0
    cells = [HEADER, *(row_cells(row, total) for row in rows), sum_cells(rows, total)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEADER))]
    lines = []
    for line in cells:
        padded = [
            text.ljust(width) if name in LEFT else text.rjust(width)
            for name, text, width in zip(HEADER, line, widths, strict=True)
        ]
        lines.append("  ".join(padded).rstrip())
    rule = "-" * max(map(len, lines))
    return [lines[0], rule, *lines[1:-1], rule, lines[-1]]


def row_cells(row: Row, total: float) -> tuple[str, ...]:
    """A row as text."""
    layers = ", ".join(row.layers)
    return (
        layers if len(layers) <= LONGEST_LAYERS else layers[: LONGEST_LAYERS - 1] + "…",
        row.op,
        "x".join(map(str, row.shape)),
        f"{row.seconds * 1e6:.1f}",
        f"{100 * row.seconds / total:.0f}",
        f"{row.flops / 1e6:.2f}",
        f"{row.gflops:.1f}",
        f"{100 * row.peak:.0f}%",
        f"{row.bytes / 1e6:.2f}",
        f"{row.gigabytes:.1f}",
        f"{100 * row.bandwidth:.0f}% {row.level}",
        readable(row.memory),
        row.kernel,
    )


def sum_cells(rows: Sequence[Row], total: float) -> tuple[str, ...]:
    """The last line: sums."""
    flops, size = sum(row.flops for row in rows), sum(row.bytes for row in rows)
    cells = dict.fromkeys(HEADER, "")
    cells |= {"layers": "all", "µs": f"{total * 1e6:.1f}", "%": "100", "MFLOP": f"{flops / 1e6:.2f}"}
    cells |= {"GFLOP/s": f"{flops / total / 1e9:.1f}", "MB": f"{size / 1e6:.2f}"}
    cells |= {"GB/s": f"{size / total / 1e9:.1f}"}
    return tuple(cells.values())


def readable(size: int) -> str:
    """A number of bytes in a readable unit."""
    for unit, factor in (("MB", 1e6), ("kB", 1e3)):
        if size >= factor:
            return f"{size / factor:.3g} {unit}"
    return f"{size} B"
