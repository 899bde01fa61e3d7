"""Serve the bundled newsroom to look around in: `python -m pipelines.newsroom --day 2`."""

import argparse
import threading
from pathlib import Path

from pipelines.newsroom.server import serve
from schemas.errors import UserError
from seeds.newsroom.newsroom import DAYS, load_newsroom


def main() -> None:
    """Serve until interrupted, after saying where to look."""
    parser = argparse.ArgumentParser(prog="python -m pipelines.newsroom", description=__doc__)
    parser.add_argument("--port", type=int, default=8765, help="one port for all outlets; 0 takes a free one")
    parser.add_argument("--day", type=int, default=1, choices=DAYS, help="newsroom day; later articles are not there")
    parser.add_argument("--folder", type=Path, help="other outlet files than the bundled ones")
    parser.add_argument("--feeds", type=Path, help="write a feeds file for `icewire ingest --feeds` there")
    options = parser.parse_args()
    try:
        with serve(load_newsroom(options.folder), port=options.port, day=options.day) as running:
            for host, outlet in running.hosts.items():
                print(f"http://{host}:{running.port}/  {outlet.name}")
            for fault in running.faults:
                print(f"{fault.outlet}{fault.path}: {fault.kind}: {fault.reason}")
            if options.feeds:
                options.feeds.write_text(running.feeds_toml(), encoding="utf-8")
            print("Interrupt (Ctrl-C) to stop.", flush=True)
            threading.Event().wait()
    except KeyboardInterrupt:
        pass
    except UserError as error:
        parser.exit(2, f"{error}\n")


if __name__ == "__main__":
    main()
