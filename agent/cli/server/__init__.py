"""The tool server of `autoresearch mcp`: the verbs that an agent needs, as tools."""
