"""The bundled newsroom, served: real HTTP on loopback, so that demo and tests read pages as they come from outside.

`layouts` describes the houses, `parts` and `pages` write their HTML; `fault_rules` says what goes wrong on purpose and
`faults` plans it; `feeds` lists entries, `feed_documents` writes them; `answer` decides a response, `server` sends it.
"""
