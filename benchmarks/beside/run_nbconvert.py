"""OUT NOTEBOOK ...: nbconvert --execute of all in one call; without parameters, so each set has its own notebook."""

import subprocess
import sys

if __name__ == "__main__":
    convert = [sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute", "--output-dir", sys.argv[1]]
    subprocess.run([*convert, *sys.argv[2:]], check=True)
