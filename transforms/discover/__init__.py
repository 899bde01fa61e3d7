"""Discover: Feed -> Poll, Entry."""
