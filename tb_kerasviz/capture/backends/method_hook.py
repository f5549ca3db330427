"""Calls something around a method of one object, without the object's knowing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class MethodHook:
    """Stands in the place of a method, in the `__dict__` of one object.

    Straight in `__dict__`: an optimizer tracks what is assigned to its
    attributes, and must not come to hold anything of ours. A copy of the
    object, pickled or not, has its own method there again.

    Args:
        owner: The object.
        name: Name of the method.
        around: Called instead, with the method as it was and its arguments.
    """

    def __init__(self, owner: Any, name: str, around: Callable[..., Any]) -> None:
        self.active = True
        self._owner = owner
        self._name = name
        self._around = around
        # Another hook, if there is one.
        self._previous = owner.__dict__.get(name)
        self._original: Callable[..., Any] = getattr(owner, name)
        owner.__dict__[name] = self

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Calls what stands around the method, as long as it is active."""
        if not self.active:
            return self._original(*args, **kwargs)
        return self._around(self._original, *args, **kwargs)

    def __reduce__(self) -> tuple[Any, ...]:
        # While a copy is made, it has no attributes yet: this is its method.
        return getattr, (self._owner, self._name)

    def remove(self) -> None:
        """Gives the method back; may be called more than once.

        Two callbacks end in the order in which they began: the hook of the
        first can only go when that of the second, around it, does.
        """
        self.active = False
        attributes = self._owner.__dict__
        while True:
            hook = attributes.get(self._name)
            if not isinstance(hook, MethodHook) or hook.active:
                return
            if hook._previous is None:
                del attributes[self._name]
            else:
                attributes[self._name] = hook._previous
