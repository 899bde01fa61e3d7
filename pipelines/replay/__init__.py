"""Replay: what the captures of a data set come to with other rules or another extractor, without asking the web."""
