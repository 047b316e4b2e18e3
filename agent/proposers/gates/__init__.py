"""What a proposal must pass before it costs a trial."""
