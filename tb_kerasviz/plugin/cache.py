"""A cache bounded in bytes that loads each entry once, however many ask."""

from __future__ import annotations

import collections
import threading
from collections.abc import Callable, Hashable
from concurrent import futures
from typing import Generic, TypeVar

V = TypeVar("V")


class LoadingCache(Generic[V]):
    """Least recently used entries go first; safe for any number of threads.

    While an entry is being loaded, others who ask for it wait for that one
    load and share its result or its error. Errors are not kept.
    """

    def __init__(self, max_bytes: int, size_of: Callable[[V], int]) -> None:
        """Makes an empty cache.

        Args:
            max_bytes: Most bytes to keep; a larger entry is not kept at all.
            size_of: Bytes of an entry.
        """
        self._max_bytes = max_bytes
        self._size_of = size_of
        self._lock = threading.Lock()
        self._entries: collections.OrderedDict[Hashable, V] = collections.OrderedDict()
        self._loading: dict[Hashable, futures.Future[V]] = {}
        self._bytes = 0

    @property
    def nbytes(self) -> int:
        """Bytes of what is kept."""
        with self._lock:
            return self._bytes

    def get(self, key: Hashable, load: Callable[[], V]) -> V:
        """Returns an entry, which `load` makes if it is not there.

        Raises:
            Exception: What `load` raised.
        """
        with self._lock:
            if key in self._entries:
                self._entries.move_to_end(key)
                return self._entries[key]
            future = self._loading.get(key)
            mine = future is None
            if future is None:
                future = self._loading[key] = futures.Future()
        if not mine:
            return future.result()
        try:
            value = load()
        except BaseException as error:
            with self._lock:
                del self._loading[key]
            future.set_exception(error)
            raise
        with self._lock:
            del self._loading[key]
            self._keep(key, value)
        future.set_result(value)
        return value

    def _keep(self, key: Hashable, value: V) -> None:
        size = self._size_of(value)
        if size > self._max_bytes:
            return
        self._entries[key] = value
        self._bytes += size
        while self._bytes > self._max_bytes:
            _, dropped = self._entries.popitem(last=False)
            self._bytes -= self._size_of(dropped)
