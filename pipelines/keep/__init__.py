"""Verbs that keep a data set in order."""
