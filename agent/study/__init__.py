"""A study: its records, its storage and the measuring of trials; the one room that knows Optuna."""
