"""The number of threads to start with: affinity, container quota (with fake files), OMP_NUM_THREADS."""

import math
import os

import pytest

from fastcnn._core import cpus


@pytest.fixture
def container(tmp_path):
    """A function that lays out fake cgroup files and tells the quota found in them."""

    def quota(files, membership):
        for name, text in files.items():
            path = tmp_path / "fs" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        (tmp_path / "cgroup").write_text(membership)
        return cpus.cgroup_quota(tmp_path / "fs", tmp_path / "cgroup")

    return quota


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("150000 100000\n", 1.5),
        ("50000 100000\n", 0.5),
        ("max 100000\n", math.inf),
        ("", math.inf),
        ("nonsense\n", math.inf),
        ("0 100000\n", math.inf),
        ("100000 0\n", math.inf),
    ],
)
def test_version_2(container, text, expected):
    assert container({"cpu.max": text}, "0::/\n") == expected


def test_version_2_smallest_quota_on_the_way_to_the_root(container):
    files = {"cpu.max": "max 100000", "a/cpu.max": "200000 100000", "a/b/cpu.max": "300000 100000"}
    assert container(files, "0::/a/b\n") == 2


def test_version_2_path_outside_of_the_namespace(container):
    assert container({"cpu.max": "100000 100000"}, "0::/../../elsewhere\n") == 1


@pytest.mark.parametrize("mount", ["cpu", "cpu,cpuacct"])
@pytest.mark.parametrize(("quota", "expected"), [("250000\n", 2.5), ("-1\n", math.inf), ("", math.inf)])
def test_version_1(container, mount, quota, expected):
    files = {f"{mount}/cpu.cfs_quota_us": quota, f"{mount}/cpu.cfs_period_us": "100000\n"}
    assert container(files, "4:cpu,cpuacct:/\n3:memory:/\n") == expected


def test_version_1_own_group_binds(container):
    files = {
        "cpu/docker/x/cpu.cfs_quota_us": "100000\n",
        "cpu/docker/x/cpu.cfs_period_us": "50000\n",
        "cpu/cpu.cfs_quota_us": "-1\n",
        "cpu/cpu.cfs_period_us": "100000\n",
    }
    assert container(files, "4:cpu,cpuacct:/docker/x\n0::/\n") == 2


def test_no_cgroup_files(tmp_path):
    assert cpus.cgroup_quota(tmp_path / "none", tmp_path / "nothing") == math.inf


def test_unreadable_bytes_count_as_no_limit(tmp_path):
    (tmp_path / "cpu.max").write_bytes(b"\xff\xfe\x00")
    assert cpus.cgroup_quota(tmp_path, tmp_path / "nothing") == math.inf


@pytest.mark.parametrize(
    ("text", "expected"),
    [(None, None), ("", None), ("3", 3), (" 4 ", 4), ("4,2", 4), ("0", None), ("-1", None), ("many", None)],
)
def test_omp_num_threads(text, expected):
    assert cpus.omp_num_threads(text) == expected


@pytest.mark.parametrize(
    ("asked", "cpu_count", "quota", "expected"),
    [
        (None, 8, math.inf, 8),
        (None, 8, 2.0, 2),
        (None, 8, 2.5, 3),
        (None, 8, 0.5, 1),
        (None, 2, 16.0, 2),
        ("5", 2, 1.0, 5),
        ("100000", 2, 1.0, 1024),
        ("none", 2, math.inf, 2),
    ],
)
def test_default_threads(monkeypatch, asked, cpu_count, quota, expected):
    monkeypatch.setattr(cpus, "affinity", lambda: cpu_count)
    monkeypatch.setattr(cpus, "cgroup_quota", lambda: quota)
    if asked is None:
        monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    else:
        monkeypatch.setenv("OMP_NUM_THREADS", asked)
    assert cpus.default_threads() == expected


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system has no CPU affinity")
def test_affinity_is_obeyed(run_python):
    code = """
import os
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
import fastcnn
print(fastcnn.get_num_threads())
"""
    assert run_python(code, OMP_NUM_THREADS=None) == "1\n"
