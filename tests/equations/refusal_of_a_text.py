"""A text that must be refused → its refusal, which says what to do."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gatedsym.errors import EquationError


def refusal_of(read: Callable[[str], object], text: str) -> EquationError:
    """The error with which a reader refuses a text; it must have a mend."""
    with pytest.raises(EquationError) as caught:
        read(text)
    assert caught.value.mend
    return caught.value
