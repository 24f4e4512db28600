"""The team: how many threads a plan gets, several callers, forks, signals, and that an idle process burns nothing."""

import sys

import pytest

import fastcnn
from fastcnn._core import call

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

LARGE_PLAN = """
import numpy as np
import fastcnn
from fastcnn._core.call import Plan
from fastcnn._core.bias import AddBias
b = np.ones(64, np.float32)
def plan(rows):
    x = np.zeros((rows, 64), np.float32)
    return x, Plan([AddBias(x, b, x) for _ in range(10)])
def threads():
    return int(next(line for line in open("/proc/self/status") if line.startswith("Threads")).split()[1])
"""


@pytest.mark.parametrize("wrong", [0, -1, 1025, 1.0, "2", None, True])
def test_wrong_numbers_are_refused(wrong):
    before = fastcnn.get_num_threads()
    with pytest.raises(ValueError, match=f"num_threads must be an integer from 1 to 1024, received {wrong!r}"):
        fastcnn.set_num_threads(wrong)
    assert fastcnn.get_num_threads() == before


def test_set_and_get():
    before = fastcnn.get_num_threads()
    fastcnn.set_num_threads(3)
    assert fastcnn.get_num_threads() == call.get_num_threads() == 3
    fastcnn.set_num_threads(before)


def test_the_environment_sets_the_number(run_python):
    assert run_python("import fastcnn; print(fastcnn.get_num_threads())", OMP_NUM_THREADS="3") == "3\n"


@linux
def test_small_work_wakes_no_thread_and_large_work_does(run_python):
    code = """
idle = threads()
plan(10)[1].run()
print(threads() - idle)
plan(20000)[1].run()
print(threads() - idle)
"""
    assert run_python(LARGE_PLAN + code, OMP_NUM_THREADS="3") == "0\n2\n"


@linux
def test_one_thread_starts_no_other(run_python):
    code = """
idle = threads()
fastcnn.set_num_threads(1)
plan(20000)[1].run()
print(threads() - idle)
"""
    assert run_python(LARGE_PLAN + code, OMP_NUM_THREADS="3") == "0\n"


def test_an_idle_process_burns_no_cpu(run_python):
    code = """
import time
x, large = plan(20000)
for _ in range(20):
    large.run()
time.sleep(0.05)
before = time.process_time()
time.sleep(0.5)
print(time.process_time() - before)
"""
    assert float(run_python(LARGE_PLAN + code, OMP_NUM_THREADS="4")) < 0.05


@linux
def test_the_number_goes_up_and_down(run_python):
    code = """
idle = threads()
x, large = plan(20000)
for number in (4, 2, 3, 1, 4):
    fastcnn.set_num_threads(number)
    for _ in range(20):
        large.run()
print(threads() - idle, (x == 1000).all())
"""
    assert run_python(LARGE_PLAN + code, OMP_NUM_THREADS="2") == "3 True\n"


@linux
def test_callers_at_once_share_one_team(run_python):
    code = """
import threading, time
idle = threads()
most = []
def work(number):
    x, large = plan(5000)
    for _ in range(50):
        large.run()
    most.append(threads() - idle)
    right[number] = bool((x == 500).all())
right = {}
callers = [threading.Thread(target=work, args=(number,)) for number in range(4)]
for caller in callers:
    caller.start()
for caller in callers:
    caller.join()
for _ in range(500):  # a caller that was joined may be on its way out
    if threads() - idle > 2:
        time.sleep(0.01)
print(threads() - idle, max(most) <= 2 + 4, right == dict.fromkeys(range(4), True))
"""
    assert run_python(LARGE_PLAN + code, OMP_NUM_THREADS="3") == "2 True True\n"


@linux
def test_workers_have_a_name_and_leave_signals_to_python(run_python):
    code = """
import signal, time
from pathlib import Path
plan(20000)[1].run()
workers = []
for _ in range(500):  # until both have begun
    workers = [task for task in Path("/proc/self/task").iterdir() if (task / "comm").read_text() == "fastcnn\\n"]
    if len(workers) < 2:
        time.sleep(0.01)
for task in workers:
    status = dict(line.split(":", 1) for line in (task / "status").read_text().splitlines())
    blocked = int(status["SigBlk"], 16)
    print([bool(blocked >> (number - 1) & 1) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGSEGV)])
"""
    assert run_python(LARGE_PLAN + code, OMP_NUM_THREADS="3") == "[True, True, False]\n" * 2


@linux
def test_processors_are_given_back(run_python):
    """More threads than processors, and others beside them, so that they are put aside and moved."""
    code = """
import subprocess, sys, time
from pathlib import Path
before = os.sched_getaffinity(0)
beside = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2)]
x, large = plan(20000)
end, runs = time.perf_counter() + 0.3, 0
while time.perf_counter() < end:
    large.run()
    runs += 1
for process in beside:
    process.kill()
fastcnn.set_num_threads(1)
time.sleep(0.01)
masks = {frozenset(os.sched_getaffinity(int(task.name))) for task in Path("/proc/self/task").iterdir()}
print(masks == {frozenset(before)}, (x == 10 * runs).all())
"""
    assert run_python("import os\n" + LARGE_PLAN + code, OMP_NUM_THREADS="4") == "True True\n"


def test_denormals_are_as_before_outside_of_the_engine(run_python):
    code = """
x, large = plan(20000)
large.run()
print(np.float32(1e-40) * np.float32(0.5) > 0)
"""
    assert run_python(LARGE_PLAN + code, OMP_NUM_THREADS="2") == "True\n"


@pytest.mark.skipif(sys.platform == "win32", reason="this system has no fork")
@pytest.mark.parametrize("parent_ran", [True, False])
def test_a_fork_can_run_plans(run_python, parent_ran):
    code = f"""
import os, sys, warnings
x, large = plan(20000)
if {parent_ran}:
    large.run()
warnings.simplefilter("ignore")
child = os.fork()
large.run()
if child == 0:
    alive = not sys.platform.startswith("linux") or threads() == 2
    os._exit(int(not (alive and (x == {20 if parent_ran else 10}).all())))
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), (x == {20 if parent_ran else 10}).all())
"""
    assert run_python(LARGE_PLAN + code, OMP_NUM_THREADS="2") == "0 True\n"
