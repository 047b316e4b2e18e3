"""A language model as a proposer, and the services that it is reached through."""
