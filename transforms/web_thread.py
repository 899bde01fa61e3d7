"""The event loop of this process, in a thread of its own, and the Web that lives on it."""

import asyncio
import atexit
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

from transforms.answer import WebSettings
from transforms.web import Web

T = TypeVar("T")


class WebThread:
    """The event loop of this process, in a thread of its own, and the webs that live on it.

    Runners make many DoFn instances in one process; they share one loop and, for equal settings, one Web, so that a
    domain's turns hold across all of them.
    """

    _lock = threading.Lock()
    _instance: "WebThread | None" = None

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._webs: dict[WebSettings, Web] = {}
        threading.Thread(target=self._loop.run_forever, name="icewire-web", daemon=True).start()
        atexit.register(self.close_webs)

    @classmethod
    def shared(cls) -> "WebThread":
        """The one of this process."""
        with cls._lock:
            if cls._instance is None:
                cls._instance = cls()
            return cls._instance

    def web(self, settings: WebSettings) -> Web:
        """The Web for these settings."""
        return self.submit(self._web(settings)).result()

    def submit(self, work: Coroutine[Any, Any, T]) -> "Future[T]":
        """Start work on the loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    async def _web(self, settings: WebSettings) -> Web:
        if settings not in self._webs:
            await self._close_webs()  # a new run in a worker that outlives runs
            self._webs = {settings: Web(settings)}
        return self._webs[settings]

    def close_webs(self) -> None:
        """Close what a run kept open, and forget what it learnt of hosts; the next run starts afresh."""
        self.submit(self._close_webs()).result(timeout=5)

    async def _close_webs(self) -> None:
        webs, self._webs = self._webs, {}
        for web in webs.values():
            await web.close()
