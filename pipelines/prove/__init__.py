"""Verbs that show that a data set is what was captured: all of it, one row, or for a filing."""
