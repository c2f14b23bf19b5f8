"""OUT NOTEBOOK ...: nbconvert --execute for each; it takes no parameters, so each set has a notebook of its own."""

import subprocess
import sys

if __name__ == "__main__":
    for notebook in sys.argv[2:]:
        convert = [sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute", "--output-dir", sys.argv[1]]
        subprocess.run([*convert, notebook], check=True)
