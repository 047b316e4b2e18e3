"""Use of a GPU by the processes of an evaluation; on a CPU every function does nothing."""

import warnings

import torch

from tracks.device import is_cuda

OUT_OF_MEMORY = ("allocate memory", "out of memory", "alloc_failed", "allocation_failed")
"""In errors of the CPU, of CUDA, and of its libraries, as in CUBLAS_STATUS_ALLOC_FAILED."""


def select(device: str) -> None:
    """Compute on this GPU from here on; before anything else, so that no other one is opened."""
    if is_cuda(device):
        torch.cuda.set_device(device)


def prepare(device: str) -> None:
    """Create the process's CUDA context and load what most optimizers need, in about a second."""
    if not is_cuda(device):
        return
    select(device)
    weight = torch.nn.Parameter(torch.ones(8, 8, device=device))
    weight.grad = weight.detach() @ weight.detach()
    torch.optim.AdamW([weight]).step()
    torch.cuda.synchronize()


def synchronize(device: str) -> None:
    """Wait until the GPU has finished the work of this process."""
    if is_cuda(device):
        torch.cuda.synchronize()


def require_repeatable(required: bool) -> None:
    """Use torch's deterministic algorithms where it has them, else its fastest."""
    torch.use_deterministic_algorithms(required, warn_only=True)
    # filling fresh memory would slow down every step, and a read of it is the submission's bug
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    warnings.filterwarnings("ignore", message=".*does not have a deterministic implementation.*")


def limit_memory(device: str, memory_mb: int) -> None:
    """Bound what torch may allocate on the GPU in this process, in MiB."""
    if is_cuda(device):
        total = torch.cuda.get_device_properties(device).total_memory
        torch.cuda.set_per_process_memory_fraction(min(1.0, memory_mb * 2**20 / total), device)


def random_state(device: str) -> str:
    """The state of the GPU's global generator, hexadecimal; empty on a CPU."""
    if not is_cuda(device):
        return ""
    return bytes(torch.cuda.get_rng_state(device).tolist()).hex()


def set_random_state(device: str, state: str) -> None:
    if state:
        torch.cuda.set_rng_state(
            torch.frombuffer(bytearray.fromhex(state), dtype=torch.uint8), device
        )


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an allocation failed, in Python, on the CPU or on a GPU."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    try:
        text = str(error).lower() if isinstance(error, RuntimeError) else ""
    except Exception:  # a submission's own kind of error
        return False
    return any(words in text for words in OUT_OF_MEMORY)
