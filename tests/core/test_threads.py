"""The gate: how many threads a plan gets, what a fork changes, and that an idle process burns nothing."""

import sys

import pytest

import fastcnn
from fastcnn._core import call

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
with_openmp = pytest.mark.skipif(not call.has_openmp(), reason="this build has no OpenMP: it runs on one thread")

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


@with_openmp
def test_set_and_get():
    before = fastcnn.get_num_threads()
    fastcnn.set_num_threads(3)
    assert fastcnn.get_num_threads() == call.get_num_threads() == 3
    fastcnn.set_num_threads(before)


@with_openmp
def test_the_environment_sets_the_number(run_python):
    assert run_python("import fastcnn; print(fastcnn.get_num_threads())", OMP_NUM_THREADS="3") == "3\n"


@linux
@with_openmp
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
@with_openmp
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


@pytest.mark.skipif(sys.platform == "win32", reason="this system has no fork")
@pytest.mark.parametrize("parent_ran", [True, False])
def test_a_fork_can_run_plans(run_python, parent_ran):
    code = f"""
import os, warnings
x, large = plan(20000)
if {parent_ran}:
    large.run()
warnings.simplefilter("ignore")
child = os.fork()
large.run()
if child == 0:
    os._exit(int(not (x == {20 if parent_ran else 10}).all()))
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), (x == {20 if parent_ran else 10}).all())
"""
    assert run_python(LARGE_PLAN + code, OMP_NUM_THREADS="2") == "0 True\n"
