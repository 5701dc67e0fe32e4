"""The tracer: every event of a run, with what changed since the one before.

It follows Python functions by `sys.settrace` and calls into C by `sys.setprofile`. What it finds it hands to its
`Listener`, which may wait there for as long as it likes: the run stands still meanwhile.
"""

from __future__ import annotations

import dis
import os
import sys
import types
import weakref
from typing import Any, Protocol

from tutor.kernel.groups import group_of, name_of_c
from tutor.kernel.shown import entries_of, error_text, fingerprint, mro_of, own_attributes, shown, type_name
from tutor.protocol.trace import Change, Code, Frame, Remark, Stepped, Thing, Told, What

_OURS = os.path.dirname(__file__) + os.sep
_NEAREST = 8
"""How many of the innermost frames have the attributes of their `self` watched."""
_DEEPEST = 1000
"""Python's own limit on recursion, which the learner's code meets; the tracer needs some room beyond it."""
_ROOM = 500

_NOT_WRITTEN = ("__class__", "__warningregistry__")
"""Names that Python puts there, not the learner: what `super()` needs, which warnings were given."""

_YIELD, _RESUME = dis.opmap["YIELD_VALUE"], dis.opmap["RESUME"]
"""A generator is left by the one, and gone on with by the other, whose argument is then above 0."""

Span = tuple[int, int, int, int]
_NOWHERE: Span = (0, 0, 0, 0)


class Listener(Protocol):
    """Who is told."""

    def tell(self, told: Told) -> None:
        """Something that is said once, or on the way."""

    def happened(self, event: Stepped, frame: Frame, code: Code) -> None:
        """An event; the run goes on when this returns."""


class _Seen:
    """What a name stood for when it was last looked at."""

    __slots__ = ("mark", "text", "value")

    def __init__(self, value: Any, mark: Any, text: str) -> None:
        self.value, self.mark, self.text = value, mark, text


class _Known:
    """A code object that was told, and where its instructions stand in the source."""

    __slots__ = ("_spans", "code", "told")

    def __init__(self, told: Code, code: types.CodeType) -> None:
        self.told = told
        self.code = code
        self._spans: list[Span] | None = None

    def span(self, instruction: int) -> Span:
        """Where the instruction is written: line, last line, column, end column."""
        if self._spans is None:
            self._spans = [
                (line or 0, last or 0, column or 0, end or 0)
                for line, last, column, end in self.code.co_positions()
            ]
        at = instruction // 2
        return self._spans[at] if 0 <= at < len(self._spans) else _NOWHERE


class _Object:
    """An object whose attributes are followed; it is not kept alive for that."""

    __slots__ = ("id", "names", "weak")

    def __init__(self, id: int, value: Any) -> None:
        self.id = id
        self.names: dict[str, _Seen] = {}
        try:
            self.weak: Any = weakref.ref(value)
        except TypeError:
            self.weak = lambda: value

    def of(self, value: Any) -> bool:
        """Whether this is still that object, and not another one at its address."""
        return self.weak() is value


class Open:
    """A frame that has not returned."""

    __slots__ = ("frame", "known", "names", "owner", "raising", "told")

    def __init__(self, frame: types.FrameType, told: Frame, known: _Known, owner: _Object | None) -> None:
        self.frame = frame
        self.told = told
        self.known = known
        self.owner = owner
        self.names: dict[str, _Seen] = {}
        self.raising = False
        """Whether an exception was on its way at the last event."""


class Tracer:
    """Follows one piece of code. `quiet` names of its namespace are not told: they were there before the learner."""

    def __init__(self, listener: Listener, quiet: dict[str, Any]) -> None:
        self.at = -1
        """The number of the last event."""
        self.stack: list[Open] = []
        """The frames that have not returned, the innermost last."""
        self.busy = False
        """Set while code of our own runs in between: it is not followed."""
        self._listener = listener
        self._quiet = quiet
        self._codes: dict[types.CodeType, _Known] = {}
        self._open: dict[types.FrameType, Open] = {}
        self._objects: dict[int, _Object] = {}
        self._object_count = 0
        self._frames = 0
        self._c_names: dict[Any, tuple[str, str]] = {}
        self._remarked: set[str] = set()
        self._armed = False
        self._trace_function = self._trace
        self._profile_function = self._profile

    def run(self, code: types.CodeType, namespace: dict[str, Any]) -> None:
        """Execute `code` and follow it; raises what it raises."""
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(limit + _ROOM)
        self._base = sys._getframe()
        self._armed = True
        sys.setprofile(self._profile_function)
        sys.settrace(self._trace_function)
        try:
            exec(code, namespace)
        finally:
            sys.settrace(None)
            self._armed = False
            sys.setprofile(None)
            sys.setrecursionlimit(limit)

    # What Python calls -----------------------------------------------------------------------------------------

    def _trace(self, frame: types.FrameType, what: str, arg: Any) -> Any:
        if self.busy or not self._armed or frame.f_code.co_filename.startswith(_OURS):
            return None
        if what == "call" and len(self.stack) >= _DEEPEST:
            # Beyond it there is no room for the tracer; it is armed again when this is on its way out.
            raise RecursionError("maximum recursion depth exceeded")
        if sys.getprofile() is not self._profile_function:
            self._remark("settrace")
            sys.setprofile(self._profile_function)
        self.busy = True
        try:
            self._event(frame, what, arg)
        except Exception:  # whatever goes wrong here must not reach the learner's code
            self._remark("mistraced")
        finally:
            self.busy = False
        return self._trace_function

    def _profile(self, frame: types.FrameType, what: str, arg: Any) -> None:
        if self.busy or not self._armed:
            return
        if sys.gettrace() is not self._trace_function and frame is not self._base:
            self._rearm(frame)
        if what == "c_call":
            opened = self._open.get(frame)
            if opened is not None:
                self.busy = True
                try:
                    self._c_call(opened, frame, arg)
                except Exception:
                    self._remark("mistraced")
                finally:
                    self.busy = False

    def _rearm(self, frame: types.FrameType | None) -> None:
        """Follow again: the code under us has set a tracer of its own, or ran out of stack."""
        if self.stack and len(self.stack) < _DEEPEST - 1:
            self._remark("settrace")
        sys.settrace(self._trace_function)
        while frame is not None and frame is not self._base:
            frame.f_trace = self._trace_function
            frame = frame.f_back

    def _remark(self, what: Any) -> None:
        if what not in self._remarked:
            self._remarked.add(what)
            self._listener.tell(Remark(max(self.at, 0), what))

    # Events ----------------------------------------------------------------------------------------------------

    def _event(self, frame: types.FrameType, what: str, arg: Any) -> None:
        opened = self._open.get(frame)
        if opened is None or what == "call":
            opened = self._enter(frame)
        self._leave_what_is_gone(opened)
        changes = self._changes(opened)
        name = text = ""
        again = False
        if what == "return":
            # Left by an exception, it returns nothing; Python gives None for that, too.
            text = "" if arg is None and opened.raising else shown(arg)
            name = "yield" if _instruction(frame)[0] == _YIELD else ""
        elif what == "call":
            operation, of = _instruction(frame)
            again = operation == _RESUME and of > 0
        elif what == "exception":
            name, text = type_name(arg[1]), error_text(arg[1])
            again = arg[2] is not None and arg[2].tb_next is not None
        opened.raising = what == "exception"
        self._happened(opened, what, frame, changes, name=name, text=text, again=again)
        if what == "return":
            self._leave(opened)

    def _c_call(self, opened: Open, frame: types.FrameType, function: Any) -> None:
        self._leave_what_is_gone(opened)
        key = (getattr(function, "__name__", None), type(getattr(function, "__self__", None)))
        known = self._c_names.get(key)
        if known is None:
            known = self._c_names[key] = name_of_c(function)
        name, group = known
        if name.endswith("start_new_thread"):
            self._remark("thread")
        span = opened.known.span(frame.f_lasti)
        self._happened(opened, "c_call", frame, [], name=name, group=group, span=span)

    def _happened(
        self, opened: Open, what: What | str, frame: types.FrameType, changes: list[Change], **more: Any
    ) -> None:
        self.at += 1
        event = Stepped(self.at, what, opened.told.id, frame.f_lineno or 0, changes, **more)  # type: ignore[arg-type]
        self._listener.happened(event, opened.told, opened.known.told)

    def _enter(self, frame: types.FrameType) -> Open:
        known = self._known(frame.f_code)
        back, parent = frame.f_back, None
        while back is not None and (parent := self._open.get(back)) is None:
            back = back.f_back
        owner = self._self_of(frame)
        span = parent.known.span(back.f_lasti) if parent is not None and back is not None else _NOWHERE
        told = Frame(
            self._frames,
            known.told.id,
            parent.told.id if parent is not None else -1,
            parent.told.depth + 1 if parent is not None else 0,
            owner.id if owner is not None else 0,
            span,
        )
        self._frames += 1
        self._listener.tell(told)
        opened = self._open[frame] = Open(frame, told, known, owner)
        self.stack.append(opened)
        return opened

    def _leave(self, opened: Open) -> None:
        self._open.pop(opened.frame, None)
        if opened in self.stack:
            self.stack.remove(opened)

    def _leave_what_is_gone(self, opened: Open) -> None:
        """Frames above this one whose return was not seen are over."""
        while self.stack and self.stack[-1] is not opened and opened in self.stack:
            self._leave(self.stack[-1])

    def _known(self, code: types.CodeType) -> _Known:
        known = self._codes.get(code)
        if known is None:
            file = code.co_filename
            qualname = getattr(code, "co_qualname", code.co_name)
            told = Code(
                len(self._codes),
                file,
                code.co_firstlineno,
                qualname,
                group_of(file, qualname),
            )
            known = self._codes[code] = _Known(told, code)
            self._listener.tell(told)
        return known

    def _self_of(self, frame: types.FrameType) -> _Object | None:
        code = frame.f_code
        if not code.co_argcount or code.co_varnames[0] != "self":
            return None
        value = frame.f_locals.get("self")
        if value is None or issubclass(type(value), type) or own_attributes(value) is None:
            return None
        found = self._objects.get(id(value))
        if found is None or not found.of(value):
            self._object_count += 1
            found = self._objects[id(value)] = _Object(-self._object_count, value)
            self._listener.tell(Thing(found.id, mro_of(value)))
        return found

    # Changes ---------------------------------------------------------------------------------------------------

    def _changes(self, opened: Open) -> list[Change]:
        changes: list[Change] = []
        names: dict[str, Any] = opened.frame.f_locals
        if opened.frame.f_code.co_name == "<module>":
            quiet = self._quiet
            names = {
                name: value
                for name, value in names.items()
                if not (name in quiet and quiet[name] is value)
                and not issubclass(type(value), types.ModuleType)
            }
        _compare(opened.told.id, opened.names, names, changes)
        done: list[_Object] = []
        for each in self.stack[-_NEAREST:]:
            owner = each.owner
            if owner is not None and owner not in done:
                done.append(owner)
                attributes = own_attributes(owner.weak())
                if attributes is not None:
                    _compare(owner.id, owner.names, attributes, changes)
        return changes


def _instruction(frame: types.FrameType) -> tuple[int, int]:
    """The last instruction of a frame, and its argument."""
    code = frame.f_code.co_code
    return (code[frame.f_lasti], code[frame.f_lasti + 1]) if frame.f_lasti >= 0 else (-1, 0)


def _compare(owner: int, seen: dict[str, _Seen], names: dict[str, Any], changes: list[Change]) -> None:
    """Add what is new, other or gone among `names` since they were last `seen`."""
    for name, value in list(names.items()):
        if name in _NOT_WRITTEN:
            continue
        before = seen.get(name)
        mark = fingerprint(value)
        if before is not None and before.value is value and before.mark == mark:
            continue
        text, entries = shown(value), entries_of(value)
        seen[name] = _Seen(value, mark, text)
        if before is None or entries or before.text != text:
            changes.append(Change(owner, str(name), text, entries))
    for name in [name for name in seen if name not in names]:
        del seen[name]
        changes.append(Change(owner, str(name), None))
