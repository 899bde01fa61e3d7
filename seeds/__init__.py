"""Where it starts: data, checked when loaded."""
