"""What flows: one frozen record per stage, and the tables they become."""
