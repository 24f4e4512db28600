"""Milliseconds that `import fastcnn` costs on top of `import numpy`, each in fresh processes: best and median.

    python bench/import_time.py [RUNS]

Python's bytecode is in place, as pip leaves it: the first run, which is not counted, writes what is missing.
"""

import os
import statistics
import subprocess
import sys

CODE = """
import time, numpy
before = time.perf_counter()
import fastcnn
print(time.perf_counter() - before)
"""


def measured(runs: int) -> list[float]:
    """Milliseconds of each run."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    times = [
        float(subprocess.check_output([sys.executable, "-c", CODE], text=True, env=environment))
        for _ in range(runs + 1)
    ]
    return [1000 * seconds for seconds in times[1:]]


if __name__ == "__main__":
    milliseconds = measured(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
    print(f"import fastcnn: best {min(milliseconds):.1f} ms, median {statistics.median(milliseconds):.1f} ms")
