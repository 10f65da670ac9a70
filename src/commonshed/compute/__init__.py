"""Where kernels run: threads of this machine, later a cluster."""

from commonshed.compute.local import Executor, Local

__all__ = ["Executor", "Local"]
