"""Packaging: the four packages, listed by name since several top-level packages defeat auto-discovery."""

from setuptools import setup

STAGES = ["discover", "download", "extract", "link", "tag", "write"]

setup(
    name="icewire",
    version="0.1.0",
    description="A streaming ingestion pipeline for US immigration-enforcement news",
    license="Apache-2.0",
    python_requires=">=3.11",
    packages=[
        "pipelines",
        "pipelines.feeds",
        "pipelines.newsroom",
        "transforms",
        *(f"transforms.{stage}" for stage in STAGES),
        "schemas",
        "seeds",
        "seeds.newsroom",
    ],
    package_data={"seeds": ["*.toml"], "seeds.newsroom": ["*.toml"], "schemas": ["py.typed"]},
    install_requires=[
        "apache-beam==2.77.*",
        "pyarrow>=25,<26",
        "feedparser>=6.0.14,<7",
        "trafilatura>=2.3.1,<3",
        "lxml_html_clean",
        "lxml",
        "numpy",
        "tzdata",
        "htmldate",
        "aiohttp>=3.14.4,<4",
        "yarl",
        "protego>=0.7",
        "publicsuffixlist",
        "pebble>=5.2,<6",
        "pyahocorasick>=2.3",
        "sentencex>=1.0.32",
        "py3langid>=0.4",
        "msgspec>=0.22",
        "click>=8.4",
        "rich",
        "duckdb>=2,<3",
        "tomli-w>=1.2,<2",
        "warcio>=1.8.1",
    ],
    extras_require={
        "dev": [
            "pytest",
            "pytest-timeout",
            "pytest-xdist",
            "hypothesis",
            "trustme",
            "ruff",
            "mypy",
            "lxml-stubs",
            "pandas",
            "polars",
        ],
    },
    entry_points={"console_scripts": ["icewire=pipelines.cli:main"]},
)
