"""Write: records -> files -> one commit."""
