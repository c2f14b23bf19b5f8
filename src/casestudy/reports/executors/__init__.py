"""Where sets run: on this machine, or on a dask cluster; and what a worker does."""
