"""Properties are judged by what holds, not by how fast a busy machine shows it."""

from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
