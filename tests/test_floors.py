"""The house has floors, and imports point down only: a table of who may import whom, held against the sources."""

import ast
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "fastcnn"

# What each part below the Keras face may import of the project, besides itself. Parts that are not named here are the
# face (layers, models, trainers, losses, ...): they may import each other and everything below.
MAY_IMPORT = {
    "ops": {"passes", "plan", "graph", "reference"},
    "passes": {"graph"},
    "plan": {"graph", "_core"},
    "graph": set(),
    "_core": set(),
    # Side rooms: no floor, and nothing but what is named here.
    "reference": set(),
    "utils": {"_core"},
    "data": {"utils"},
    "initializers": {"utils"},
    "datasets": {"utils"},
    "threads": {"_core"},
    "config": {"_core", "dtype_policies", "graph", "utils"},
    "dtype_policies": set(),
    "benchmarks": {"datasets", "utils"},
    "profiling": {"_core", "graph", "losses", "plan", "trainers", "utils"},
}
STANDARD_AND_NUMPY_ONLY = ["reference", "graph", "passes", "plan", "ops", "_core"]
FORBIDDEN_IN_KERNELS = {
    "Python": r"Python\.h|\bPy[A-Z_]\w*",
    "threads": r"\bpthread|\bthrd_|\bomp_|#\s*pragma\s+omp|\bomp\.h|threads\.h",
    "memory allocation": r"\b(malloc|calloc|realloc|free|alloca|aligned_alloc|posix_memalign|mmap)\s*\(",
    "input and output": r"stdio\.h|\bf?printf\s*\(",
}


def is_type_checking(statement):
    return isinstance(statement, ast.If) and getattr(statement.test, "id", "") == "TYPE_CHECKING"


def imported_modules(tree):
    """Full names of all modules that a module imports when it runs; imports for type checkers alone do not count."""
    for statement in ast.iter_child_nodes(tree):
        if isinstance(statement, ast.Import):
            yield from (alias.name for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom):
            if statement.level:
                raise AssertionError(f"line {statement.lineno}: relative import; name the module in full")
            if statement.module == "fastcnn":
                yield from (f"fastcnn.{alias.name}" for alias in statement.names)
            else:
                yield statement.module
        elif is_type_checking(statement):
            yield from (name for branch in statement.orelse for name in imported_modules(branch))
        else:
            yield from imported_modules(statement)


def cython_imports(text):
    """The same for a Cython source, which ast cannot read: its import lines."""
    found = re.findall(r"^\s*(?:from\s+([\w.]+)\s+c?import\b|c?import\s+([\w.]+))", text, re.MULTILINE)
    return [one or other for one, other in found]


def imports_of(part):
    """(file, module) for every import in a part of the package."""
    folder = PACKAGE / part
    sources = sorted(folder.rglob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]
    for path in sources:
        for module in imported_modules(ast.parse(path.read_text())):
            yield path.relative_to(ROOT), module
    for path in sorted([*folder.glob("*.pyx"), *folder.glob("*.pxd")]):
        for module in cython_imports(path.read_text()):
            yield path.relative_to(ROOT), module


def parts():
    return sorted({path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()})


def test_the_table_names_existing_parts():
    assert set(MAY_IMPORT) <= set(parts())


@pytest.mark.parametrize("part", sorted(MAY_IMPORT))
def test_imports_point_down_only(part):
    allowed = MAY_IMPORT[part] | {part}
    wrong = [
        f"{path} imports {module}"
        for path, module in imports_of(part)
        if module.split(".")[0] == "fastcnn" and module.split(".")[1] not in allowed
    ]
    assert not wrong


@pytest.mark.parametrize("part", STANDARD_AND_NUMPY_ONLY)
def test_lower_floors_need_numpy_alone(part):
    known = {*sys.stdlib_module_names, "numpy", "fastcnn", "libc", "cpython", "cython"}
    assert {module for _, module in imports_of(part) if module.split(".")[0] not in known} == set()


def test_every_module_says_what_it_is():
    silent = [path for path in PACKAGE.rglob("*.py") if not ast.get_docstring(ast.parse(path.read_text()))]
    assert not [path for path in silent if path.read_text().strip()]


def without_comments(text):
    return re.sub(r"//[^\n]*|/\*.*?\*/", " ", text, flags=re.DOTALL)


@pytest.mark.parametrize("what", sorted(FORBIDDEN_IN_KERNELS))
def test_kernels_are_pure(what):
    found = [
        (path.name, match.group())
        for path in sorted((ROOT / "csrc").glob("*.[ch]"))
        for match in re.finditer(FORBIDDEN_IN_KERNELS[what], without_comments(path.read_text()))
    ]
    assert not found


def test_nothing_is_built_for_this_machine_only():
    builders = [ROOT / "setup.py", ROOT / "pyproject.toml", *(ROOT / ".ci").glob("*"), *(ROOT / "csrc").glob("*")]
    for path in builders:
        assert not re.search(r"-m(arch|tune|cpu)=native", path.read_text()), path
