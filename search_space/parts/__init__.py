"""The parts, one small file a kind."""
