"""A recording tells the state at any event, whichever way one came there."""

from __future__ import annotations

import random
import time
import tracemalloc

import msgspec

from tests.unit.stepping_hand import Hand, loss
from tutor.protocol import Emission, Failed, encode
from tutor.protocol.trace import Breakpoint, Change, Go, Wrote
from tutor.stepping.recording import Recording


def _state(recording: Recording, at: int) -> object:
    """All that is shown at an event."""
    frame = recording.frame(at)
    since = recording.previous_in_frame(at)
    return (
        [recording.code(recording.first(each.id)).qualname for each in recording.stack(at)],
        recording.values(frame.id, at),
        recording.values(frame.owner, at),
        recording.marks(at, frame.owner, at if since is None else since),
        recording.lines_run(frame.id, at),
        recording.written(at),
    )


def test_back_to_the_start_and_forward_again_is_the_same_state_at_every_event() -> None:
    recording = loss()[0].recording
    there = [_state(recording, at) for at in range(recording.last + 1)]
    back = [_state(recording, at) for at in reversed(range(recording.last + 1))]
    assert there == back[::-1]
    assert len({repr(state) for state in there}) > 10


def test_what_is_recorded_later_changes_nothing_of_what_was() -> None:
    whole = loss()[0]
    growing = Recording("loss = Loss()\n")
    seen = {}
    for told in whole.told:
        growing.take(told)
        # Messages come in batches that end anywhere: between a frame and its first event, too.
        assert all(growing.first(frame.id) <= growing.last for frame in growing.frames)
        if growing.last >= 0:
            assert growing.entered(growing.last) and list(growing.tree(()))
            seen[growing.last] = repr(_state(growing, growing.last))
    del seen[growing.last]  # the end of the run shows what was printed to the end
    assert seen == {at: repr(_state(growing, at)) for at in seen}


def test_attributes_and_locals_are_those_of_the_event() -> None:
    hand, at = loss()
    recording = hand.recording
    assert recording.values(-1, at["first"]) == {}
    assert {k: v.text for k, v in recording.values(-1, at["change"]).items()} == {
        "reduction": "'mean'",
        "spare": "1",
    }
    assert {k: v.text for k, v in recording.values(-1, at["Loss returns"]).items()} == {"reduction": "'sum'"}
    assert set(recording.values(recording.frame(at["change"]).id, at["change"])) == {"self", "x"}
    # The caller's frame is what it was at that event, too.
    assert recording.values(0, at["first"]) == {}


def test_marks_say_what_the_last_line_of_this_frame_did() -> None:
    hand, at = loss()
    recording = hand.recording
    since = recording.previous_in_frame
    # `super().__init__()` was one line, whatever it did inside.
    assert since(at["change"]) == at["super"]
    assert recording.marks(at["change"], -1, at["super"]) == {"reduction": "added", "spare": "added"}
    assert recording.marks(at["delete"], -1, at["change"]) == {"reduction": "changed"}
    assert recording.marks(at["Loss returns"], -1, at["delete"]) == {"spare": "removed"}
    assert since(at["Loss"]) is None


def test_a_value_that_came_back_to_what_it_was_is_not_marked() -> None:
    hand = Hand()
    hand.call("<module>")
    first = hand.line(1, Change(0, "x", "1"))
    hand.line(2, Change(0, "x", "2"))
    third = hand.line(3, Change(0, "x", "1"))
    assert hand.recording.marks(third, 0, first) == {}
    assert hand.recording.marks(third, 0, first + 1) == {"x": "changed"}


def test_what_was_entered_by_an_event_comes_in_the_order_of_the_first_calls() -> None:
    hand, at = loss()
    names = [code.qualname for code in hand.recording.entered(at["first"])]
    assert names == ["<module>", "Loss.__init__", "Base.__init__"]
    assert [code.qualname for code in hand.recording.entered(at["set"])] == [*names, "Module.__setattr__"]


def test_hidden_frames_stay_between_those_that_called_and_were_called() -> None:
    hand = Hand()
    hand.call("<module>")
    hand.call("Optimizer.profile_hook_step", group="wrappers")
    hand.call("no_grad", group="wrappers")
    here = hand.call("SGD.step")
    shown = hand.recording.shown_stack(here, {"wrappers"})
    names = [[hand.recording.codes[f.code].qualname for f in [frame, *between]] for frame, between in shown]
    assert names == [["SGD.step", "no_grad", "Optimizer.profile_hook_step"], ["<module>"]]
    assert [len(between) for _, between in hand.recording.shown_stack(here, ())] == [0, 0, 0, 0]
    # Where we are is shown even if its group is hidden.
    assert hand.recording.shown_stack(here - 1, {"wrappers"})[0][0].id == 2


def test_the_tree_leaves_hidden_calls_out_and_their_callees_in() -> None:
    hand = Hand()
    hand.call("<module>")
    hand.call("wrapper", group="wrappers")
    hand.call("step")
    border = hand.event("c_call", 7, name="torch._C._nn.mse_loss")
    hand.event("c_call", 7, name="len", group="builtins")
    told = [
        (hand.recording.code(at).qualname, depth)
        for at, depth in hand.recording.tree({"wrappers", "builtins"})
    ]
    assert told == [("<module>", 0), ("step", 1), ("step", 2)]
    assert [at for at, _ in hand.recording.tree({"wrappers", "builtins"})][-1] == border
    assert [depth for _, depth in hand.recording.tree(())] == [0, 1, 2, 3, 3]
    assert hand.recording.counts == {"": 3, "wrappers": 1, "builtins": 1}


def test_output_is_what_was_printed_by_then() -> None:
    hand = Hand()
    hand.call("<module>")
    hand.line(1)
    hand.recording.take(Wrote(1, "one\n"))
    last = hand.line(2)
    hand.recording.take(Wrote(2, "two\n"))
    assert hand.recording.written(1) == []
    assert [wrote.text for wrote in hand.recording.written(last)] == ["one\n"]
    hand.end()
    assert [wrote.text for wrote in hand.recording.written(last)] == ["one\n", "two\n"]
    hand.recording.take(Wrote(2, "x" * 500_000, dropped=7))
    kept = hand.recording.written(last)
    assert sum(len(wrote.text) for wrote in kept) == 500_000 and kept[0].dropped == 8 + 7


def _go(recording: Recording, at: int, how: str, back: bool = False, **more: object) -> int | None:
    frame = recording.frame(at)
    go = Go(how, frame.id, frame.depth, **{"hidden": ["attributes"], **more})  # type: ignore[arg-type]
    return recording.find(go, at, back)


def test_steps_lead_to_the_same_places_in_both_directions() -> None:
    hand, at = loss()
    recording = hand.recording
    assert _go(recording, at["snippet"], "into") == at["Loss"]
    assert _go(recording, at["snippet"], "over") == at["module returns"]
    assert _go(recording, at["super"], "over") == at["change"]
    assert _go(recording, at["change"], "over", back=True) == at["super"]
    assert _go(recording, at["first"], "out") == at["change"]
    assert _go(recording, at["first"], "out", back=True) == at["super"]
    # What is hidden does not count, in either direction, until it is shown.
    assert _go(recording, at["first"], "into") == at["second"]
    assert _go(recording, at["second"], "into", back=True) == at["first"]
    assert _go(recording, at["first"], "into", hidden=[]) == at["set"]
    assert _go(recording, at["Loss"], "to", file="/torch/loss.py", line=13) == at["delete"]
    assert _go(recording, at["Loss"], "to", file="/torch/loss.py", line=99) is None
    # Before the snippet's first line there is nothing to see.
    assert _go(recording, at["snippet"], "into", back=True) is None
    assert _go(recording, recording.last, "into") is None


def test_breakpoints_stop_both_ways_even_in_what_is_hidden() -> None:
    hand, at = loss()
    recording = hand.recording
    changed = Breakpoint("attribute", "Base.reduction")
    assert _go(recording, at["snippet"], "on", breakpoints=[changed]) == at["second"]
    assert _go(recording, at["second"], "on", breakpoints=[changed]) == at["delete"]
    assert _go(recording, recording.last, "on", True, breakpoints=[changed]) == at["delete"]
    assert _go(recording, at["snippet"], "over", breakpoints=[Breakpoint("class", "Base")]) == at["Base"]
    hidden = Breakpoint("function", "Module.__setattr__")
    assert _go(recording, at["snippet"], "on", breakpoints=[hidden]) == at["set"]
    assert _go(recording, at["set"], "on", breakpoints=[hidden]) is None
    # A condition was asked for at each event where the breakpoint is; it holds only at some.
    asked = Breakpoint("attribute", "reduction", condition="self.reduction == 'sum'")
    go = Go("on", breakpoints=[asked])
    assert recording.find(go, 0, holds={asked: {at["delete"]}}) == at["delete"]
    assert recording.find(go, 0, holds={}) == at["second"]


def test_after_an_exception_we_are_where_it_was_raised() -> None:
    hand = Hand()
    hand.call("<module>")
    hand.call("inner")
    hand.line(5)
    # One that was caught, of the same type, must not be taken for it.
    hand.event("exception", 5, name="KeyError", text="'x'")
    hand.line(6)
    raised = hand.event("exception", 6, name="KeyError", text="'y'")
    hand.leave(6)
    hand.event("exception", 1, name="KeyError", text="'y'", again=True)
    hand.leave(1)
    assert hand.recording.raised is None
    assert hand.end(Failed("KeyError", "'y'")).raised == raised
    assert [hand.recording.codes[f.code].qualname for f in hand.recording.stack(raised)] == [
        "inner",
        "<module>",
    ]


def long(events: int) -> Hand:
    """A recording of so many events, which change attributes and locals as real ones do."""
    hand, random_ = Hand(), random.Random(0)
    groups = ["", "attributes", "plumbing", "stdlib", "wrappers"]
    hand.call("<module>")
    while hand.recording.last < events:
        if len(hand.open) > 1 and random_.random() < 0.15 * len(hand.open) / 8:
            hand.leave(3)
        elif random_.random() < 0.15:
            which = random_.randrange(200)
            owner = -1 - which % 20
            if owner not in hand.recording.things:
                hand.thing(owner, f"Class{which}", "object")
            hand.call(
                f"Class{which}.run",
                owner,
                "/torch/x.py",
                which,
                groups[which % 5],
                x=str(hand.recording.last),
            )
        else:
            at = hand.recording.last
            owner = -1 - random_.randrange(20)
            hand.line(
                at % 50, Change(hand.open[-1], f"n{at % 7}", f"tensor({at})"), Change(owner, "w", str(at))
            )
    hand.end()
    return hand


def test_a_hundred_thousand_events_are_small_and_quick() -> None:
    wire = b"".join(encode(told) for told in long(100_000).told)
    decoder = msgspec.json.Decoder(Emission)
    recording = Recording("")
    tracemalloc.start()
    for line in wire.splitlines():
        recording.take(decoder.decode(line))
    used = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert recording.last >= 100_000
    assert used < 150 << 20, f"{used >> 20} MiB for {len(wire) >> 20} MiB on the wire"
    spots = random.Random(1).sample(range(recording.last), 2000)
    begun = time.perf_counter()
    for at in spots:
        _state(recording, at)
    # A key is felt to be late after about 50 ms; this is the mean, on a machine that has other things to do.
    assert (time.perf_counter() - begun) / len(spots) < 0.005
    begun = time.perf_counter()
    for how in ("over", "out", "on", "into"):
        _go(recording, 1, how, breakpoints=[])
        _go(recording, recording.last, how, True, breakpoints=[])
    assert _go(recording, 1, "on", breakpoints=[Breakpoint("exception")]) is None
    assert (time.perf_counter() - begun) < 2
    begun = time.perf_counter()
    assert len(list(recording.tree({"plumbing"}))) < len(list(recording.tree(())))
    assert time.perf_counter() - begun < 1
