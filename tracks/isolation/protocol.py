"""What the trainer and the optimizer host say to each other at each step, a byte each way."""

ZERO_GRAD = b"z"
"""Order: call the submission's own zero_grad."""
STEP = b"s"
"""Order: step; followed by a byte for each parameter, 1 where it has a gradient."""
QUIT = b"q"
"""Order: end."""
OK = b"k"
"""Reply: done, the parameters are in the shared memory."""
FAILED = b"f"
"""Reply: the submission failed; a message with `state`, `reason` and `traceback` follows."""
MAX_REASON = 2_000
"""Characters of a reason."""
