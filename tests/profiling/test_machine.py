"""What the machine can do: measured, plausible, and measured once."""

from fastcnn._core import call, kernels
from fastcnn.profiling import machine


def test_limits_are_measured_once(monkeypatch):
    monkeypatch.setattr(machine, "PEAK_ROUNDS", 1)
    monkeypatch.setattr(machine, "PEAK_SECONDS", 1e-4)
    monkeypatch.setattr(machine, "BANDWIDTH_SECONDS", 1e-4)
    monkeypatch.setitem(machine.WORKING_SET, "memory", 1 << 20)
    machine.measured.cache_clear()
    found = machine.machine()
    assert machine.machine() is found
    machine.measured.cache_clear()
    assert found.threads == call.get_num_threads()
    assert found.gflops > 0
    assert [level.name for level in found.levels] == ["L2", "L3", "memory"]
    for level in found.levels:
        assert min(level.read, level.copy) > 0
    assert found.levels[0].capacity < found.levels[1].capacity < found.levels[2].capacity


def test_cache_sizes(monkeypatch, tmp_path):
    monkeypatch.setattr(machine, "CACHES", tmp_path)
    assert machine.cache_size("L2") == machine.USUAL["L2"]
    for index, level, size in [(1, "1", "32K"), (2, "2", "512K"), (3, "3", "32768K")]:
        folder = tmp_path / f"index{index}"
        folder.mkdir()
        (folder / "level").write_text(f"{level}\n")
        (folder / "size").write_text(f"{size}\n")
    assert machine.cache_size("L2") == 512 << 10
    assert machine.cache_size("L3") == 32 << 20
    (tmp_path / "index3" / "size").write_text("32M\n")
    assert machine.cache_size("L3") == machine.USUAL["L3"]


def test_peak_of_an_instruction_set(isa):
    assert kernels.isa() == isa
    assert machine.peak_gflops(1) > 0
