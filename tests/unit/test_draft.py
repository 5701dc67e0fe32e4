"""A line with a cursor, edited by the usual keys; it can never be left out of its text."""

from hypothesis import given
from hypothesis import strategies as st

from tutor.ui.widgets.draft import Draft

KEYS = ["backspace", "delete", "left", "right", "home", "end", "ctrl+u", "ctrl+a", "ctrl+e"]


def test_it_is_edited_as_one_is_used_to() -> None:
    draft = Draft("", 0, 8)
    for key in [
        "中",
        "文",
        "left",
        "x",
        "home",
        "delete",
        "end",
        "!",
        "left",
        "left",
        "backspace",
        "end",
        *"123456789",
    ]:
        if not draft.press(key):
            draft.insert(key)
    assert (draft.text, draft.at) == ("x文!12345"[1:] + "6", 8)


@given(st.text(max_size=5), st.lists(st.sampled_from([*KEYS, "a", "文", "pageup"]), max_size=30))
def test_whatever_is_pressed_the_cursor_stays_in_the_text(text: str, keys: list[str]) -> None:
    draft = Draft(text, len(text), 10)
    for key in keys:
        if not draft.press(key) and len(key) == 1:
            draft.insert(key)
        assert 0 <= draft.at <= len(draft.text) <= 10
