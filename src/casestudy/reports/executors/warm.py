"""What a warm server of this project imports before it forks kernels and workers: what the notebooks need."""

from casestudy.kernels import WarmProvisioner
from casestudy.reports.executors.task import PRELOAD


class Provisioner(WarmProvisioner):
    """Kernels forked from a server that has imported what the notebooks need."""

    preload = PRELOAD
