"""Check a built wheel: its size, what must be in it, and what must not.

python tools/check_wheel.py fastcnn-*.whl
"""

import re
import sys
import zipfile
from pathlib import Path

MEGABYTE = 1e6
LIMIT_WITH_IMAGES = 6 * MEGABYTE
LIMIT_WITHOUT_IMAGES = 4 * MEGABYTE
IMAGES = "fastcnn/datasets/mnist_small.npz"
NEEDED = [
    "fastcnn/py.typed",
    IMAGES,
    r"fastcnn/_core/call\..*\.so",
    r"fastcnn/_core/kernels\..*\.so",
    r"fastcnn-.*\.dist-info/.*LICENSE",
]
ALLOWED = r"fastcnn/.*\.(py|so|npz|typed)|fastcnn-[^/]*\.dist-info/.*"


def problems(path: Path) -> list[str]:
    """What is wrong with a wheel, a line each."""
    found = []
    with zipfile.ZipFile(path) as wheel:
        members = wheel.infolist()
    names = [member.filename for member in members]
    images = sum(member.compress_size for member in members if member.filename == IMAGES)
    size = path.stat().st_size
    if size > LIMIT_WITH_IMAGES:
        found.append(f"it has {size / MEGABYTE:.2f} MB, more than {LIMIT_WITH_IMAGES / MEGABYTE:.0f}")
    if size - images > LIMIT_WITHOUT_IMAGES:
        found.append(f"it has {(size - images) / MEGABYTE:.2f} MB without the embedded images, more than "
                     f"{LIMIT_WITHOUT_IMAGES / MEGABYTE:.0f}")  # fmt: skip
    found += [f"it lacks {needed}" for needed in NEEDED if not any(re.fullmatch(needed, name) for name in names)]
    found += [f"{name} does not belong into it" for name in names if not re.fullmatch(ALLOWED, name)]
    return found


def main(paths: list[str]) -> int:
    """Check all wheels; 1 if one has a problem."""
    failed = 0
    for path in map(Path, paths):
        found = problems(path)
        failed |= bool(found)
        print(f"{path.name}: {path.stat().st_size / MEGABYTE:.2f} MB: {'; '.join(found) or 'good'}")
    return failed if paths else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
