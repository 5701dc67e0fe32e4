"""The page that steps through code, by keyboard, with the real kernel and the real source of torch."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from rich.cells import cell_len
from textual.pilot import Pilot

from tests.ui.conftest import StandIn
from tutor.client import Kernel
from tutor.progress.store import Store
from tutor.protocol import Crashed, Failed, Finished, Missing, Stopped
from tutor.stepping.remarks import REMARKS
from tutor.ui.app import TutorApp
from tutor.ui.screens.snippet import SnippetPage
from tutor.ui.screens.stepper import StepperPage
from tutor.ui.stepper.walk import Walk
from tutor.words import Language

pytestmark = pytest.mark.asyncio(loop_scope="module")

LOSS = "loss_fn = nn.CrossEntropyLoss()"
WEIGHTED = "loss_fn = nn.CrossEntropyLoss(weight=w)"


class Stepper:
    """Presses keys, and waits until the run has come to where they lead."""

    def __init__(self, app: TutorApp, pilot: Pilot[None], read: Callable[[TutorApp], str]) -> None:
        self.app, self.pilot, self._read = app, pilot, read

    @property
    def page(self) -> StepperPage:
        assert isinstance(self.app.screen, StepperPage)
        return self.app.screen

    @property
    def walk(self) -> Walk:
        return self.page.walk

    @property
    def screen(self) -> str:
        return self._read(self.app)

    @property
    def place(self) -> str:
        """Qualified name and line of where the cursor stands."""
        recording, at = self.walk.recording, self.walk.at
        return f"{recording.code(at).qualname}:{recording.events[at].line}"

    async def open(self, snippet: str, setup: str = "", seed: int = 0) -> None:
        self.app.open_stepper(snippet, setup, seed)
        await self.until(lambda: self.walk.at >= 0 or self.walk.recording.ended is not None)

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.pilot.press(key)
            await self.until(lambda: not self.walk.running)

    async def type(self, text: str) -> None:
        await self.pilot.press(*text)
        await self.pilot.pause()

    async def until(self, true: Callable[[], object]) -> None:
        async with asyncio.timeout(60):
            while not true():
                await asyncio.sleep(0.005)
        await self.pilot.pause()

    def shows(self, *texts: str) -> None:
        for text in texts:
            assert text in self.screen, f"{text!r} is not on the screen:\n{self.screen}"

    def hides(self, *texts: str) -> None:
        for text in texts:
            assert text not in self.screen, f"{text!r} is on the screen:\n{self.screen}"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def kernel() -> AsyncIterator[Kernel]:
    """One warm kernel for all apps of this module: starting one takes seconds."""
    kernel = Kernel()
    await kernel.start()
    await kernel.settled()
    yield kernel
    await kernel.close()


class Shared(StandIn):
    """The warm kernel, as an app sees its own."""

    def __init__(self, on_news: Callable[[object], object], kernel: Kernel) -> None:
        super().__init__(on_news, kernel.state)
        self.trace = kernel.trace


@pytest.fixture
def stepping(make_app: Callable[..., TutorApp], shown: Callable[[TutorApp], str], kernel: Kernel):  # type: ignore[no-untyped-def]
    @asynccontextmanager
    async def opened(
        snippet: str = LOSS, setup: str = "", size: tuple[int, int] = (80, 24), **more: object
    ) -> AsyncIterator[Stepper]:
        app = make_app(**{"kernel_factory": lambda on_news: Shared(on_news, kernel), **more})
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            stepper = Stepper(app, pilot, shown)
            if snippet:
                await stepper.open(snippet, setup)
            yield stepper

    return opened


# Through torch ---------------------------------------------------------------------------------------------


async def test_the_chain_of_constructors_is_stepped_class_by_class(stepping: Callable[..., object]) -> None:
    async with stepping(WEIGHTED, "w = torch.ones(2)") as at:  # type: ignore[attr-defined]
        at.shows("LIVE", "event 1 of 1", "▶    1  loss_fn = nn.CrossEntropyLoss(weight=w)")
        classes = []
        while len(classes) < 4:
            await at.press("s")
            if at.walk.recording.events[at.walk.at].what == "call":
                classes.append(re.search(r"\[(\w+)\]", at.screen.splitlines()[2]).group(1))  # type: ignore[union-attr]
        assert classes == ["CrossEntropyLoss", "_WeightedLoss", "_Loss", "Module"]
        at.shows("CrossEntropyLoss › _WeightedLoss › _Loss › [Module] › object")
        at.shows("torch/nn/modules/module.py", "class Module:", "_Loss.__init__ calls Module.__init__.")
        # Every line of Module.__init__ adds an attribute, by a slot in C.
        while "super().__setattr__ is a C slot" not in at.screen:
            await at.press("n")
        at.shows("super().__setattr__ is a C slot: no step into it.")
        await at.press("L")
        at.shows("super().__setattr__ 是 C 实现的槽，没有可步入的代码。")
        await at.press("L", "n")
        at.shows("+ self.training True")
        await at.press("2")
        at.shows("training", "+ added", "self: CrossEntropyLoss")
        # One step out: all of it was done by one line of this frame.
        await at.press("o")
        assert at.place.startswith("_Loss.__init__")
        assert at.screen.count("+ added") > 5
        await at.press("o", "n")
        # The weight is in the registry of buffers, which is open.
        assert "weight" in at.walk.recording.values(-1, at.walk.at)["_buffers"].entries[0][0]
        at.shows("_buffers", "'weight'  Tensor (2,) float32 [1, 1]", "~ changed")


BASES = """class Base:
    def __init__(self):
        self.kept = [1]
        self.gone = 2
class Derived(Base):
    def __init__(self):
        super().__init__()
        del self.gone
        self.kept.append(3)
made = Derived()
"""


async def test_back_and_forward_show_the_same(stepping: Callable[..., object]) -> None:
    async with stepping(BASES) as at:  # type: ignore[attr-defined]

        def seen() -> list[str]:
            """Chain, current line, what happens and what changed; how far the source is scrolled depends on the way."""
            rows = at.screen.splitlines()
            return [rows[2], *(row for row in rows if row.startswith(" ▶")), *rows[-5:-3]]

        there = {}
        while at.walk.place != "ended":
            there[at.walk.at] = seen()
            await at.press("s")
        at.shows("ENDED", "It is over.")
        there[at.walk.at] = seen()
        assert {" - self.gone", " ~ self.kept [1] → [1, 3]"} <= {rows[-1] for rows in there.values()}
        for event in reversed(list(there)[:-1]):
            await at.press("b")
            assert (at.walk.at, seen()) == (event, there[event])
        await at.press("b")
        at.shows("PAST", "This is the beginning.")
        await at.press(*["s"] * (len(there) - 1))
        assert seen() == there[at.walk.recording.last]


async def test_filters_are_switched_without_a_new_run(stepping: Callable[..., object]) -> None:
    async with stepping(size=(120, 40)) as at:  # type: ignore[attr-defined]
        await at.press("c", "k")
        at.hides("Module.__setattr__")
        before, run = at.walk.recording, at.walk.recording.last
        await at.press("v")
        at.shows("Module's attribute access  ", "calls", "hidden")
        await at.press("enter", "k")
        at.shows("Module.__setattr__")
        assert at.walk.recording is before and at.walk.recording.last == run
        # enter jumps to a call; it is in the past then, and the source is beside it.
        await at.press("down", "down", "enter")
        at.shows("PAST")
        assert at.walk.recording.events[at.walk.at].what == "call"


async def test_hidden_frames_stay_on_the_stack_and_are_explained(stepping: Callable[..., object]) -> None:
    setup = "w = torch.ones(2, requires_grad=True)\nopt = optim.SGD([w], lr=0.1)\nw.sum().backward()"
    async with stepping("opt.step()", setup) as at:  # type: ignore[attr-defined]
        await at.press("s")
        assert at.place.startswith("SGD.step")
        at.shows("Your code calls SGD.step, with 2 hidden frames between.")
        await at.press("2", "down")
        at.shows("2 hidden frames: wrappers")
        await at.press("enter")
        at.shows("Optimizer.profile_hook_step", "A decorator put a function around")
        # A frame further out is looked at without moving.
        await at.press("down", "enter", "1")
        at.shows("opt.step()", "This call waits at line 1.")
        await at.press("escape")
        at.shows("SGD.step")


async def test_a_generator_yields_and_goes_on(stepping: Callable[..., object]) -> None:
    code = "def g():\n    yield 1\n    return 2\nfor v in g():\n    w = v\n"
    async with stepping(code) as at:  # type: ignore[attr-defined]
        said = []
        while at.walk.place != "ended":
            await at.press("s")
            said.append(at.screen.splitlines()[-5].strip())
        told = [line for line in said if "g " in line or "g." in line]
        assert told == [
            "Your code calls g.",
            "g yields 1 and pauses.",
            "Your code goes on with g.",
            "g returns 2",
        ]
        await at.press("4")
        at.shows("Step 1: function g", "<your code>:1  visited")


async def test_the_border_to_c_is_shown_by_name(stepping: Callable[..., object]) -> None:
    async with stepping("F.cross_entropy(x, y)", "x, y = torch.zeros(1, 2), torch.tensor([0])") as at:  # type: ignore[attr-defined]
        while "C++" not in at.screen:
            await at.press("s")
        at.shows("→ C++: torch._C._nn.cross_entropy_loss", "Here Python's source ends.")


async def test_of_several_calls_on_a_line_the_learner_chooses(stepping: Callable[..., object]) -> None:
    code = "def f(x):\n    return x\ndef g(x):\n    return x\nh = f(g(1)) + g(2)\n"
    async with stepping(code) as at:  # type: ignore[attr-defined]
        await at.press("n", "n", "s")
        at.shows("› g(1)", "f(g(1))", "g(2)", "Several calls stand here.")
        await at.press("down", "enter")
        assert at.place.startswith("f:")
        await at.press("b", "b", "b")
        # In the past, too; escape enters none of them.
        while at.place != "<module>:5":
            await at.press("b")
        await at.press("s", "escape")
        assert at.place == "<module>:5"
        await at.press("s", "down", "down", "enter")
        assert (
            at.place.startswith("g:")
            and at.walk.recording.values(at.walk.shown_frame, at.walk.at)["x"].text == "2"
        )


# Breakpoints and expressions -------------------------------------------------------------------------------

LOOP = "total = 0\nfor i in range(6):\n    total += i\ndone = total\n"


async def test_breakpoints_stop_live_and_in_the_past(stepping: Callable[..., object]) -> None:
    async with stepping(LOOP) as at:  # type: ignore[attr-defined]
        await at.press("down", "down", "f")
        at.shows("●›    3      total += i")
        await at.press("c", "c")
        assert at.place == "<module>:3" and at.walk.place == "live"
        at.shows("~ i 0 → 1")
        await at.press("F", "a")
        await at.type("nonsense")
        await at.press("enter")
        at.shows("Not understood.")
        await at.press("escape", "enter")  # the one that is there, anew
        await at.type(" if i == 4")
        await at.press("enter", "c")
        value = {k: c.text for k, c in at.walk.recording.values(0, at.walk.at).items()}
        assert value == {"total": "6", "i": "4"}
        await at.press("c")
        assert isinstance(at.walk.recording.ended, Finished)
        # Back to it: the condition is asked for by a replay.
        await at.pilot.press("C")
        await at.until(lambda: at.walk.at < at.walk.recording.last)
        assert at.walk.recording.values(0, at.walk.at)["i"].text == "4"
        await at.press("F", "d")
        at.shows("None yet.")
        # A condition that cannot be evaluated stops, and says so: in the past, and live.
        await at.press("home", "a")
        await at.type("line 3 if j > 1")
        await at.pilot.press("enter", "c")
        await at.until(lambda: at.place == "<module>:3")
        at.shows("PAST", "the condition failed: NameError: name 'j' is not defined")
        at.hides("Replaying")
        await at.press("R", "c")
        at.shows("LIVE", "the condition failed: NameError")


async def test_expressions_now_and_in_the_past(stepping: Callable[..., object]) -> None:
    async with stepping(LOOP) as at:  # type: ignore[attr-defined]
        await at.press("n", "n", "n", "n", "e")
        await at.type("total * 100 + i")
        await at.press("enter")
        await at.until(lambda: at.walk.answers[-1].given)
        at.shows("total * 100 + i")
        assert at.walk.answers[-1].given.text == "1" and not at.walk.answers[-1].replayed
        await at.press("c", "b", "b", "e")
        await at.type("[total, i]")
        await at.press("enter")
        await at.until(lambda: at.walk.answers[-1].given)
        assert at.walk.answers[-1].given.text == "[15, 5]"
        at.shows("replayed", "[15, 5]")
        await at.press("e", "enter")
        at.shows("Type an expression")


async def test_to_the_cursor_and_to_where_a_value_came_from(stepping: Callable[..., object]) -> None:
    async with stepping(LOOP) as at:  # type: ignore[attr-defined]
        await at.press("down", "down", "down", "t")
        assert at.place == "<module>:4"
        await at.press("2")
        at.shows("total", "15")
        await at.press("down", "enter")
        assert at.walk.recording.events[at.walk.at].changes[0].text == "15"
        at.shows("PAST", "~ total 10 → 15")


# What goes wrong -------------------------------------------------------------------------------------------


async def test_an_exception_leaves_the_learner_where_it_was_raised(stepping: Callable[..., object]) -> None:
    async with stepping("def f(x):\n    return 1 / x\nf(0)\n") as at:  # type: ignore[attr-defined]
        await at.press("c")
        assert at.place == "f:2" and isinstance(at.walk.recording.ended, Failed)
        at.shows(
            "ZeroDivisionError is raised here: division by zero", "Nothing caught it, and the run ended."
        )
        await at.press("2")
        at.shows("▶ f", "your code", "x   0")
        await at.press("3")
        at.shows("ZeroDivisionError: division by zero")
        await at.press("1", "b", "b", "b")
        assert at.place == "<module>:3"


async def test_input_asks_in_a_field_and_output_is_spelled_out(stepping: Callable[..., object]) -> None:
    async with stepping('name = input("who? ")\nprint("\\x1b[31mhello", name)\n') as at:  # type: ignore[attr-defined]
        await at.press("n")
        at.shows("input() asks for a line: i types it.")
        await at.press("s", "i")
        at.shows("who?")
        await at.type("Ada")
        await at.press("enter")
        at.shows("+ name 'Ada'")
        await at.press("n", "3")
        at.shows("who? Ada", "\\x1b[31mhello Ada")
        await at.press("home")
        at.shows("Nothing was printed by then.")


async def test_a_run_without_an_end_asks_and_can_be_stopped(stepping: Callable[..., object]) -> None:
    async with stepping("def f(n):\n    return f(n + 1)\nf(0)\n") as at:  # type: ignore[attr-defined]
        await at.press("n", "n")
        at.shows("calls in one another. Go on? y yes, x stop")
        await at.press("2")
        at.shows("more calls")
        await at.press("y")
        at.shows("RecursionError")
    async with stepping("while True:\n    try:\n        x = 1\n    except:\n        pass\n") as at:  # type: ignore[attr-defined]
        await at.press("c")
        at.shows("100,000 events so far. Go on? y yes, x stop")
        await at.pilot.press("y")
        await at.until(lambda: at.walk.recording.last > 100_100)
        await at.pilot.press("x")
        await at.until(lambda: at.walk.recording.ended)
        assert isinstance(at.walk.recording.ended, Stopped)
        at.shows("ENDED", "Stopped here.")
        await at.press("b")
        at.shows("PAST")


@pytest.mark.parametrize(
    "line, language",
    [("sys.settrace(None)", Language.EN), ("sys.setprofile(None)", Language.ZH), ("t.start()", Language.ZH)],
)
async def test_what_the_tracing_misses_is_said_where_it_happens(
    stepping: Callable[..., object], line: str, language: Language
) -> None:
    words = REMARKS["thread" if line == "t.start()" else "settrace"].into(language)
    setup = "import sys, threading\nt = threading.Thread(target=int)"
    async with stepping(f"{line}\nx = 1\ny = 2", setup, language=language) as at:  # type: ignore[attr-defined]
        await at.press("n")
        at.shows(words)
        await at.press("n")
        at.hides(words)
        await at.press("3")
        at.shows(words)
        assert all(cell_len(each.into(language)) <= 76 for each in REMARKS.values())


NOSY = """class Nosy:
    def __repr__(self):
        print("asked")
        return "at last"
    def keep(self):
        self.other = Nosy()
        return 1
n = Nosy()
n.keep()
"""


async def test_code_of_a_class_is_run_to_show_a_value_only_when_asked(
    stepping: Callable[..., object],
) -> None:
    async with stepping(NOSY) as at:  # type: ignore[attr-defined]
        await at.press("n", "n", "2")
        at.shows("<Nosy> ", "compute? e")
        await at.press("e")
        assert at.page.field.query_one("Input").value == "n"
        await at.press("enter")
        await at.until(lambda: at.walk.answers[-1].given)
        at.shows("asked", "at last")
        await at.press("1", "s", "s", "n", "2", "L")
        at.shows("other   <Nosy>", "要计算？按 e")
        await at.press("e")
        assert at.page.field.query_one("Input").value == "self.other"
        await at.press("escape", "3")
        at.hides("asked")


async def test_a_crash_keeps_the_last_event_and_a_new_run_begins(stepping: Callable[..., object]) -> None:
    async with stepping("import os\nos._exit(7)\n") as at:  # type: ignore[attr-defined]
        await at.press("n", "n")
        await at.until(lambda: at.walk.recording.ended)
        assert at.walk.recording.ended == Crashed(7)
        at.shows("The process is gone (status 7): this was its last event.", "os._exit(7)")
        await at.press("R")
        await at.until(lambda: at.walk.at >= 0)
        at.shows("LIVE", "event 1 of 1")


async def test_a_set_up_that_fails_is_told(stepping: Callable[..., object]) -> None:
    async with stepping("x = 1", "y = nowhere") as at:  # type: ignore[attr-defined]
        at.shows("Nothing was stepped: the set-up failed.", "NameError", "nowhere")
        at.hides("last event")
        await at.press("s", "b", "f", "e", "2", "k", "j")  # nothing to do, and nothing breaks
        at.shows("[Journal]")
    async with stepping("x = 1", "import os; os._exit(3)") as at:  # type: ignore[attr-defined]
        at.shows("the set-up failed.", "The process is gone (status 3).")
        at.hides("last event")
    async with stepping("x = (") as at:  # type: ignore[attr-defined]
        at.shows("Nothing was stepped.", "SyntaxError")
        at.hides("set-up")


async def test_without_torch_that_is_said(stepping: Callable[..., object]) -> None:
    missing = Missing("ModuleNotFoundError: No module named 'torch'")

    class NoTorch(StandIn):
        def trace(self, *given: object, **more: object) -> object:
            class Run:
                async def batches(self):  # type: ignore[no-untyped-def]
                    yield [Failed("ModuleNotFoundError", "No module named 'torch'")]

                def interrupt(self) -> None:
                    pass

            return Run()

    kernel = {"kernel_factory": lambda on_news: NoTorch(on_news, missing)}
    async with stepping(**kernel) as at:  # type: ignore[attr-defined]
        at.shows("torch cannot be imported", "python -m pip install")


# Around it -------------------------------------------------------------------------------------------------


async def test_what_was_recorded_is_there_on_coming_back(
    stepping: Callable[..., object], store: Store
) -> None:
    async with stepping() as at:  # type: ignore[attr-defined]
        await at.press("s", "s", "s")
        there, recording, stood = at.place, at.walk.recording, at.walk.at
        await at.press("4")
        at.shows("class CrossEntropyLoss", "visited")
        await at.press("enter")
        await at.type("It begins here.")
        await at.press("enter")
        at.shows("It begins here.")
        await at.press("escape")
        await at.pilot.press("escape")
        await at.pilot.pause()
        assert isinstance(recording.ended, Stopped)
        await at.open(LOSS)
        assert (at.place, at.walk.recording, at.walk.at) == (there, recording, stood)
        await at.press("4")
        at.shows("It begins here.")
    kept = store.journal(LOSS, "")
    assert kept is not None and "It begins here." in kept.notes.values()


async def test_a_recording_is_saved_and_opened(stepping: Callable[..., object], tmp_path: Path) -> None:
    async with stepping() as at:  # type: ignore[attr-defined]
        await at.press("c", "home", "w")
        file = tmp_path / "loss.steps"
        at.page.field.query_one("Input").value = str(file)  # type: ignore[attr-defined]
        await at.press("enter")
        await at.until(file.exists)
        last = at.walk.recording.last
        at.app.open_snippet()
        await at.pilot.pause()
        await at.pilot.press("ctrl+o")
        at.app.screen.query_one("StepField Input").value = str(tmp_path / "other.steps")  # type: ignore[attr-defined]
        await at.pilot.press("enter")
        await at.until(lambda: "cannot be read: No such file" in at.screen)
        await at.pilot.press("ctrl+o")
        at.app.screen.query_one("StepField Input").value = str(file)  # type: ignore[attr-defined]
        await at.pilot.press("enter")
        await at.until(lambda: isinstance(at.app.screen, StepperPage))
        at.shows("PAST", f"event 1 of {last}")
        await at.press("s", "s")
        assert at.place.startswith("CrossEntropyLoss.__init__")


async def test_code_is_checked_before_anything_runs(stepping: Callable[..., object]) -> None:
    async with stepping("") as at:  # type: ignore[attr-defined]
        at.app.open_snippet()
        await at.pilot.pause()
        await at.pilot.press("ctrl+r")
        at.shows("There is nothing to step through")
        await at.type("# a remark")
        await at.pilot.press("ctrl+r")
        at.shows("There is nothing to step through")
        await at.pilot.press("ctrl+a", "backspace", *["backspace"] * 10)
        await at.type("x = (1")
        await at.pilot.press("ctrl+r")
        await at.pilot.pause()
        at.shows("Not run: line 1 of the code is no Python", "x = (1", "    ^")
        assert isinstance(at.app.screen, SnippetPage)
        await at.type(")")
        await at.pilot.press("ctrl+r")
        await at.until(lambda: isinstance(at.app.screen, StepperPage) and at.walk.at >= 0)
        at.shows("x = (1)", "LIVE")


async def test_both_languages_every_tab_and_any_size(stepping: Callable[..., object]) -> None:
    async with stepping(language=Language.ZH) as at:  # type: ignore[attr-defined]
        await at.press("s", "s", "s", "s", "n")
        at.shows("实时", "即将执行第")
        words = {
            "2": "调用栈",
            "3": "到此为止没有打印",
            "4": "第一步",
            "5": "你的代码",
            "6": "包装函数",
            "7": "还没有断点",
            "8": "求值",
        }
        for key, word in words.items():
            await at.press(key)
            at.shows(word)
        await at.press("L")
        at.shows("[Evaluate]", "LIVE")
        for size in ((40, 10), (200, 60), (80, 24), (120, 40)):
            await at.pilot.resize_terminal(*size)
            await at.press("tab", "s", "b")
        await at.press("5", "s")
        # With room for it, the functions entered so far stand below the source, too.
        at.shows("[Calls]", "Journal   CrossEntropyLoss.__init__   _WeightedLoss.__init__")
        # Where a step of the journal leaves no room for it, its place stands below.
        await at.press("4")
        for size in ((80, 24), (100, 30), (120, 40)):
            await at.pilot.resize_terminal(*size)
            at.shows("class Module, register_buffer", "module.py:", "visited")
    async with stepping(ascii=True, size=(120, 30)) as at:  # type: ignore[attr-defined]
        await at.press("s", "n", "f", "2", "n", "5", "6", "7", "8")
        drawn, _, keys = at.screen.rpartition("\n")
        assert drawn.isascii() and "evaluate" in keys, at.screen
