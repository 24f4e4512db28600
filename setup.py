"""Build of the compiled core: Cython drivers, and the C kernels once per instruction set.

Environment variables, all optional:
    FASTCNN_WERROR=1            warnings in our own C are errors
    FASTCNN_SANITIZE=address,undefined   build with these sanitizers
"""

import os
import platform
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from glob import glob
from pathlib import Path
from runpy import run_path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

X86 = platform.machine().lower() in ("x86_64", "amd64")
ISA_FLAGS = {"generic": []}
if X86:
    ISA_FLAGS["avx2"] = ["-mavx2", "-mfma"]
    ISA_FLAGS["avx512"] = [
        "-mavx512f", "-mavx512bw", "-mavx512dq", "-mavx512vl", "-mfma", "-mprefer-vector-width=512",
    ]  # fmt: skip
ONLY_FOR = {"bfloat16": ("avx512", ["-mavx512bf16"])}  # end of a source's name: its one instruction set, and flags
C_FLAGS = ["-std=gnu11", "-O3", "-ffp-contract=fast", "-fno-math-errno", "-fno-trapping-math", "-fvisibility=hidden"]
SANITIZED = ["-O1", "-g", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer"]  # -O3 would take many minutes
WARNINGS = ["-Wall", "-Wextra"] + (["-Werror"] if os.environ.get("FASTCNN_WERROR") == "1" else [])
TEAM_SOURCES = [f"fastcnn/_core/{name}.c" for name in ("team", "workers", "places")]
TABLES = "csrc/odd_functions.py"
HEADERS = [*glob("csrc/*.h"), *glob("fastcnn/_core/*.h"), TABLES, "setup.py"]
EXTRA_SOURCES = {"fastcnn._core.kernels": glob("csrc/*.c"), "fastcnn._core.call": TEAM_SOURCES}
CPUS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class BuildCore(build_ext):
    """Adds the per-instruction-set kernel objects, the team of threads, and the sanitizers."""

    def finalize_options(self):
        super().finalize_options()
        self.parallel = self.parallel or CPUS

    def build_extensions(self):
        if self.compiler.compiler_type == "msvc":
            raise SystemExit("fastcnn needs GCC or Clang: its kernels are written with their vector extensions")
        sanitize = os.environ.get("FASTCNN_SANITIZE")
        self.common = [*SANITIZED, f"-fsanitize={sanitize}"] if sanitize else []
        link = [f"-fsanitize={sanitize}"] if sanitize else ["-Wl,-s"] if sys.platform == "linux" else []
        for ext in self.extensions:
            ext.extra_compile_args += C_FLAGS + self.common
            ext.extra_link_args += link
            if ext.name == "fastcnn._core.kernels":
                ext.extra_objects += self.compile_kernels()
            if ext.name == "fastcnn._core.call":
                for source in TEAM_SOURCES:
                    ext.extra_objects += self.compile(source, "team", [*WARNINGS, "-pthread"])
                ext.extra_link_args += ["-pthread"]
        super().build_extensions()

    def compile(self, source, folder, flags, macros=()):
        """Object files of one source, compiled anew only where the source, a header or the flags have changed."""
        flags = C_FLAGS + self.common + flags
        folder = os.path.join(self.build_temp, f"{folder}-{zlib.crc32(repr(flags).encode()):08x}")
        objects = self.compiler.object_filenames([source], output_dir=folder)
        if not self.force and is_newer(objects[0], [source, *HEADERS]):
            return objects
        return self.compiler.compile(
            [source], output_dir=folder, macros=list(macros), include_dirs=["csrc", self.tables()], extra_postargs=flags
        )

    def tables(self):
        """The folder of the header that TABLES writes."""
        return os.path.join(self.build_temp, "tables")

    def compile_kernels(self):
        run_path(TABLES)["write"](os.path.join(self.tables(), "odd_tables.h"))
        sources = [source for source in sorted(glob("csrc/*.c")) if Path(source).name != "dispatch.c"]
        jobs = []
        for source in sources:
            only, more = ONLY_FOR.get(Path(source).stem.rpartition("_")[2], (None, []))
            for isa, flags in ISA_FLAGS.items():
                if only in (None, isa):
                    jobs.append((source, isa, WARNINGS + flags + more, [(f"FASTCNN_ISA_{isa.upper()}", None)]))
        macros = [("FASTCNN_BUILD_X86", None)] if X86 else []
        jobs.append(("csrc/dispatch.c", "dispatch", WARNINGS, macros))
        with ThreadPoolExecutor(self.parallel) as pool:
            return [name for names in pool.map(lambda job: self.compile(*job), jobs) for name in names]


def is_newer(path, others):
    return os.path.exists(path) and all(os.path.getmtime(path) > os.path.getmtime(other) for other in others)


def module_name(source):
    return source[: -len(".pyx")].replace(os.sep, ".")


def extensions():
    from Cython.Build import cythonize

    modules = [
        Extension(
            module_name(source),
            [source],
            include_dirs=["csrc", "fastcnn/_core"],
            depends=HEADERS + EXTRA_SOURCES.get(module_name(source), []),
        )
        for source in sorted(glob("fastcnn/_core/*.pyx"))
    ]
    directives = {"language_level": 3, "cdivision": True, "embedsignature": True}
    return cythonize(modules, compiler_directives=directives, build_dir="build/cython")


setup(ext_modules=extensions(), cmdclass={"build_ext": BuildCore})
