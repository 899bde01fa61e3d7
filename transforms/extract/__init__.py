"""Extract: Capture -> Article."""
