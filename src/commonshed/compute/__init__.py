"""Where kernels run: threads of this machine, later a cluster."""
