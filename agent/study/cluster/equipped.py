"""The equipment of a worker on this machine, and what gives it to a worker that Dask starts.

`dask worker --preload agent.study.cluster.equipped` is such a worker, as dask-jobqueue writes it
into the scripts of a batch system.
"""

from distributed import Worker

from agent.study.cluster.machine import Machine
from agent.study.cluster.worker import Equipment
from agent.study.cores import cores
from agent.study.measurer import Measurer
from tracks import device as devices
from tracks.isolation.launcher import Launcher


def equipped(asked: str, jobs: int | None) -> Equipment:
    """Processes that evaluate on a device, `jobs` at once; `auto` is a GPU where there is one.

    Raises UserError for a device that this machine does not have.
    """
    device, spread = asked, [asked]
    if asked != devices.CPU:
        # with torch, which takes seconds
        from agent.study.device_choice import choose, default_jobs, gpus, spread_over

        gpu = "cuda" if gpus() else devices.CPU
        device = gpu if asked == devices.AUTO else choose(asked, "").device
        jobs, spread = jobs or default_jobs(device), spread_over(device)
    return Equipment(Machine.here(device), Measurer(Launcher(device), spread), jobs or cores())


async def dask_setup(worker: Worker) -> None:
    """Dask calls it before the worker registers; each of its threads is an evaluation."""
    await worker.plugin_add(equipped(devices.AUTO, worker.state.nthreads))
