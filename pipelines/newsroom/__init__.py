"""The bundled newsroom, served: real HTTP on loopback, so that demo and tests read pages as they come from outside.

`pages` writes the HTML, `feeds` the feed documents, `faults` says what goes wrong on purpose, `server` answers.
"""
