"""Whether the adapted scripts step as the originals do: their first two updates side by side.

PYTHONPATH=benchmarks python -m track3.faithful --records FOLDER

The original is the script with only the GPU, the model and the data replaced: it keeps half
precision and its own numbers of steps. A warm-up in fractions of the run begins with a larger step
than the original's, and so the lengths differ where there is one.
"""

import argparse
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import cosine_similarity

from track3.records import entries
from track3.stage import first_updates


def agreement(ours: dict[str, Tensor], theirs: dict[str, Tensor]) -> tuple[float, float, float]:
    """The lowest cosine of a parameter's updates, and the lowest and highest ratio of lengths."""
    cosines, ratios = [], []
    for name, update in ours.items():
        cosines.append(cosine_similarity(update.flatten(), theirs[name].flatten(), dim=0).item())
        ratios.append((update.norm() / theirs[name].norm()).item())
    return min(cosines), min(ratios), max(ratios)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=Path, required=True)
    parser.add_argument("--scale", default="quarter")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    print("result  lowest cosine  ratio of lengths")
    for entry in entries(arguments.records.resolve()):
        updates = [first_updates(entry, arguments.scale, adapted=a) for a in (True, False)]
        cosine, low, high = agreement(*updates)
        print(f"{entry.number:6}  {cosine:13.4f}  {low:.3f} to {high:.3f}", flush=True)


if __name__ == "__main__":
    main()
