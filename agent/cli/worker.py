"""`autoresearch worker`: evaluations for studies on other machines."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from agent.cli import output
from agent.cli.interrupt import ending_with
from agent.cli.machine import TLS, DeviceName
from agent.study.errors import UserError

if TYPE_CHECKING:
    from agent.study.cluster.connection import Address


def worker(
    scheduler: str = typer.Option(
        ..., help="Address of the scheduler: tcp://HOST:PORT or tls://HOST:PORT.", metavar="ADDRESS"
    ),
    with_scheduler: bool = typer.Option(
        False, "--with-scheduler", help="Be the scheduler at this address, too."
    ),
    jobs: int | None = typer.Option(
        None, min=0, help="Evaluations at once [default: the cores]; 0: the scheduler alone."
    ),
    device: DeviceName = typer.Option("cpu", help="auto: a GPU if there is one."),
    host: str = typer.Option("127.0.0.1", help="Address or name of this machine, for others."),
    tls: Path | None = typer.Option(None, help=TLS, metavar="FOLDER"),
) -> None:
    """Evaluate here for studies that run elsewhere, until Ctrl-C.

    One worker a machine, with the versions of the study's machine. Anyone who can reach its port or
    the scheduler's can run code as you: stay on 127.0.0.1, or use tls:// with certificates.

    \b
    Examples:
      autoresearch worker --scheduler tcp://127.0.0.1:8786 --with-scheduler
      autoresearch worker --scheduler tcp://127.0.0.1:8786 --jobs 4
      autoresearch worker --scheduler tls://lab-1:8786 --host lab-2 --tls certificates
    """
    if not jobs and jobs is not None and not with_scheduler:
        raise UserError("--jobs 0 is a scheduler alone: add --with-scheduler, or give more --jobs")
    from agent.study.cluster.connection import Address, require_distributed

    address = Address(scheduler, tls)
    require_distributed()
    address.security()
    with ending_with("interrupted; evaluations that ran here run again on other workers"):
        _serve(address, host, with_scheduler, device, jobs)


def _serve(
    address: "Address", host: str, with_scheduler: bool, device: DeviceName, jobs: int | None
) -> None:
    from agent.study.cluster.equipped import equipped
    from agent.study.cluster.worker import Serving, serve

    equipment = None if jobs == 0 else equipped(device, jobs)
    try:
        serve(Serving(address, host, equipment, with_scheduler, output.say))
    finally:
        if equipment:
            equipment.measurer.close()
