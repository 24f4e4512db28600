"""fastcnn beside other frameworks: `fastcnn bench`, of the package that is imported here.

python bench/compare.py --torch VENV/bin/python --tensorflow VENV/bin/python --jax VENV/bin/python
"""

import sys

from fastcnn.cli import main

if __name__ == "__main__":
    sys.exit(main(["bench", *sys.argv[1:]]))
