"""How many threads this process may use: affinity, the container's CPU quota, OMP_NUM_THREADS."""

import math
import os

PathLike = str | os.PathLike[str]
CGROUP_ROOT = "/sys/fs/cgroup"
PROC_CGROUP = "/proc/self/cgroup"


def read(*path: PathLike) -> str | None:
    """The text of a small file, or None where it cannot be read."""
    try:
        with open(os.path.join(*path)) as file:
            return file.read()
    except (OSError, UnicodeDecodeError):
        return None


def own_groups(proc_cgroup: PathLike) -> dict[str, str]:
    """This process's cgroup path per controller; the unified hierarchy of version 2 has the key ''."""
    groups = {}
    for line in (read(proc_cgroup) or "").splitlines():
        _, _, rest = line.partition(":")
        controllers, separator, path = rest.partition(":")
        if separator:
            for controller in controllers.split(","):
                groups[controller] = path
    return groups


def with_parents(root: PathLike, group: str) -> list[str]:
    """Folders from the group's own up to the root: a quota anywhere on the way binds."""
    parts = [part for part in group.split("/") if part not in ("", "..")]
    return [os.path.join(root, *parts[:count]) for count in range(len(parts), -1, -1)]


def quota_v2(folder: PathLike) -> float:
    """CPUs allowed by `cpu.max` ("max 100000" or "150000 100000"); infinity where there is no limit."""
    fields = (read(folder, "cpu.max") or "").split()
    try:
        quota, period = float(fields[0]), float(fields[1])
    except (ValueError, IndexError):
        return math.inf
    return quota / period if quota > 0 and period > 0 else math.inf


def quota_v1(folder: PathLike) -> float:
    """CPUs allowed by `cpu.cfs_quota_us` (-1: no limit) and `cpu.cfs_period_us`."""
    try:
        quota = float(read(folder, "cpu.cfs_quota_us") or "")
        period = float(read(folder, "cpu.cfs_period_us") or "")
    except ValueError:
        return math.inf
    return quota / period if quota > 0 and period > 0 else math.inf


def cgroup_quota(root: PathLike = CGROUP_ROOT, proc_cgroup: PathLike = PROC_CGROUP) -> float:
    """CPUs that the container's quota allows, by cgroup version 1 or 2; infinity where none is set."""
    groups = own_groups(proc_cgroup)
    quotas = [quota_v2(folder) for folder in with_parents(root, groups.get("", ""))]
    for mount in ("cpu", "cpu,cpuacct"):
        quotas += [quota_v1(folder) for folder in with_parents(os.path.join(root, mount), groups.get("cpu", ""))]
    return min(quotas)


def affinity() -> int:
    """CPUs that the scheduler lets this process use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def omp_num_threads(text: str | None) -> int | None:
    """The first level of OMP_NUM_THREADS ("4" or "4,2"); None where it is unset or not a positive number."""
    first = (text or "").split(",")[0].strip()
    return int(first) if first.isdecimal() and int(first) > 0 else None


def default_threads() -> int:
    """Threads to start with: OMP_NUM_THREADS if set, else as many as affinity and quota allow."""
    asked = omp_num_threads(os.environ.get("OMP_NUM_THREADS"))
    if asked is not None:
        return min(asked, 1024)
    quota = cgroup_quota()
    allowed = affinity() if quota == math.inf else min(affinity(), max(1, math.ceil(quota)))
    return min(max(1, allowed), 1024)
