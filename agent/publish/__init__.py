"""A winner leaves the study: as a commit with its evidence, or in the form of another contest."""
