from __future__ import annotations

import copy
import pickle
from typing import Any

from tb_kerasviz.capture.backends.method_hook import MethodHook


class Counter:
    """What a hook stands in."""

    def __init__(self) -> None:
        self.count = 0

    def add(self, number: int = 1) -> int:
        self.count += number
        return self.count


def recording(calls: list[Any]) -> Any:
    def around(original: Any, *args: Any, **kwargs: Any) -> Any:
        calls.append((args, kwargs))
        return original(*args, **kwargs)

    return around


def test_a_hook_stands_around_the_method_until_it_is_removed() -> None:
    counter, calls = Counter(), []  # type: ignore[var-annotated]
    hook = MethodHook(counter, "add", recording(calls))
    assert counter.add(2) == 2
    assert counter.add(number=3) == 5
    assert calls == [((2,), {}), ((), {"number": 3})]
    hook.remove()
    hook.remove()
    assert vars(counter) == {"count": 5}
    assert counter.add() == 6
    assert len(calls) == 2


def test_hooks_go_in_the_order_in_which_they_came() -> None:
    counter = Counter()
    first: list[Any] = []
    second: list[Any] = []
    one = MethodHook(counter, "add", recording(first))
    two = MethodHook(counter, "add", recording(second))
    counter.add()
    one.remove()
    assert counter.add() == 2
    assert (len(first), len(second)) == (1, 2)
    two.remove()
    assert vars(counter) == {"count": 2}


def test_hooks_go_in_the_opposite_order() -> None:
    counter = Counter()
    calls: list[Any] = []
    one = MethodHook(counter, "add", recording(calls))
    MethodHook(counter, "add", recording([])).remove()
    assert vars(counter)["add"] is one
    one.remove()
    assert vars(counter) == {"count": 0}


def test_a_copy_has_its_own_method() -> None:
    counter, calls = Counter(), []  # type: ignore[var-annotated]
    MethodHook(counter, "add", recording(calls))
    for copied in (copy.deepcopy(counter), pickle.loads(pickle.dumps(counter))):
        assert copied.add(5) == 5
        assert copied.count == 5
    assert counter.count == 0
    assert calls == []


def test_what_was_in_its_place_comes_back() -> None:
    counter = Counter()
    vars(counter)["add"] = own = lambda number: -number
    hook = MethodHook(counter, "add", recording([]))
    assert counter.add(3) == -3
    hook.remove()
    assert vars(counter)["add"] is own
