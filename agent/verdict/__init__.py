"""Whether a result is real: paired tests, the alpha ledger, ablation, baselines, the A/A test."""
