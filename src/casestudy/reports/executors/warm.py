"""What a warm server of this project imports before it forks kernels and workers: what the notebooks need."""

import pkgutil
from pathlib import Path

import casestudy
from casestudy.kernels import WarmProvisioner

OURS = [
    module.name
    for room in ("models", "plots")
    for module in pkgutil.iter_modules([str(Path(casestudy.__file__).parent / room)], f"casestudy.{room}.")
]
PRELOAD = (
    *(f"ipykernel.{name}" for name in ("kernelapp", "ipkernel", "zmqshell", "debugger")),
    *(f"IPython.core.{name}" for name in ("pylabtools", "debugger", "completerlib", "oinspect", "logger")),
    *("IPython.extensions.storemagic", "tornado.platform.asyncio", "psutil"),
    *("numpy", "pandas", "pandas.io.formats.html", "pandas.io.formats.string", "scipy.stats", "seaborn"),
    *("statsmodels.api", "statsmodels.formula.api", "statsmodels.miscmodels.ordinal_model"),
    *("matplotlib.pyplot", "matplotlib.backends.backend_agg", "matplotlib.backends.backend_svg"),
    *(f"PIL.{name}ImagePlugin" for name in ("Bmp", "Gif", "Jpeg", "Png", "Ppm")),
    *("casestudy.claims", "casestudy.claims.printed", *OURS),
    *("papermill", "nbformat", "nbconvert"),  # these, and the next, for workers
    *("casestudy.reports.executors.worker", "casestudy.reports.pages.document"),
)


class Provisioner(WarmProvisioner):
    """Kernels forked from a server that has imported what the notebooks need."""

    preload = PRELOAD
