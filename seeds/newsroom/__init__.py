"""The bundled newsroom: fictional outlets and all they publish in three days, each in a TOML file of this folder.

The content is invented and honestly labelled (`on_domain`, `topics`, `wire_of`), so that a run over it can be scored.
`outlet_file` is the format it is written in, `newsroom` what it becomes; `pipelines.newsroom` serves it over HTTP.
"""
