"""Download: Entry -> Capture."""
