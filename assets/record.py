"""The recording of the README: from `nn.CrossEntropyLoss()` down to `class Module`, and back in time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from textual.pilot import Pilot
from textual.strip import Strip

from tutor.ui import svg
from tutor.ui.app import TutorApp
from tutor.ui.screens.stepper import StepperPage
from tutor.ui.stepper.bars import PositionBar
from tutor.ui.stepper.walk import Walk
from tutor.words import Words

SNIPPET = "loss_fn = nn.CrossEntropyLoss()"
SIZE = (100, 30)


@dataclass
class Scene:
    """`key` is pressed until it has led where it should; then this is seen for so many `seconds`."""

    key: str
    says: Words
    there: Callable[[Walk], bool] = lambda walk: True
    seconds: float = 1.6


def entered(qualname: str) -> Callable[[Walk], bool]:
    """Whether the walk stands at the call of a function."""
    return lambda walk: (
        walk.recording.events[walk.at].what == "call" and walk.recording.code(walk.at).qualname == qualname
    )


def added(name: str) -> Callable[[Walk], bool]:
    """Whether the last line added this attribute."""
    return lambda walk: any(
        change.name == name and walk.since < at <= walk.at
        for at in range(walk.since, walk.at + 1)
        for change in walk.recording.events[at].changes
    )


def at_line(text: str) -> Callable[[Walk], bool]:
    """Whether the next line has this text."""

    def there(walk: Walk) -> bool:
        block = walk.sources.block(walk.recording.code(walk.at))
        step = walk.recording.events[walk.at]
        return step.what == "line" and block is not None and text in block.text(step.line)

    return there


SCENES = (
    Scene("", Words("one line of yours", "你的一行代码"), seconds=2),
    Scene("s", Words("into it", "步入"), entered("CrossEntropyLoss.__init__")),
    Scene("s", Words("up the chain of classes", "沿着类的链向上"), entered("_WeightedLoss.__init__")),
    Scene("s", Words("and up", "继续"), entered("_Loss.__init__")),
    Scene("s", Words("class Module, where it ends", "到达 class Module"), entered("Module.__init__"), 2),
    Scene("n", Words("over lines, one by one", "逐行步过"), at_line("super().__setattr__(")),
    Scene("n", Words("the first attribute appears", "第一个属性出现"), added("training")),
    Scene("n", Words("then the registries", "然后是各个注册表"), added("_parameters")),
    Scene("n", Words("one after another", "一个接一个"), added("_buffers")),
    Scene("n", Words("all of it is torch's own source", "全都是 torch 自己的源码"), added("_modules")),
    Scene("o", Words("out: what one call has done", "步出：一次调用做了什么"), seconds=2),
    Scene("b", Words("and back in time", "回到过去")),
    Scene("b", Words("state as it was", "状态与当时一样")),
    Scene("N", Words("back over lines, too", "也能反向步过")),
    Scene("end", Words("forward to now", "回到现在")),
    Scene("c", Words("on to the end", "运行到结束"), lambda walk: walk.place == "ended"),
    Scene("j", Words("the journal to hand in: homework 1", "可以上交的日志：作业 1"), seconds=2),
)


async def record(app: TutorApp, pilot: Pilot[None]) -> str:
    """Press the keys of all scenes; the recording as SVG."""
    app.open_stepper(SNIPPET)
    await pilot.pause()
    page = app.screen
    assert isinstance(page, StepperPage)
    await settled(page, pilot)
    screens = []
    for scene in SCENES:
        await play(scene, page, pilot)
        screens.append([*svg.strips(app), *caption(scene, app)])
    return svg.recording(screens, [scene.seconds for scene in SCENES], svg.ground(app))


async def play(scene: Scene, page: StepperPage, pilot: Pilot[None]) -> None:
    """Press the key of a scene until it has led there."""
    for _ in range(200 if scene.key else 0):
        await pilot.press(scene.key)
        await settled(page, pilot)
        if scene.there(page.walk):
            return
    assert not scene.key, f"{scene.key} did not lead to: {scene.says.en}"


async def settled(page: StepperPage, pilot: Pilot[None]) -> None:
    """Wait until the run waits, or is over."""
    async with asyncio.timeout(60):
        while page.walk.running or (page.walk.at < 0 and page.walk.recording.ended is None):
            await asyncio.sleep(0.01)
    await pilot.pause()


def caption(scene: Scene, app: TutorApp) -> list[Strip]:
    """Below the screen: the key that was pressed, and where it led."""
    looks = app.screen.query_one(PositionBar)
    key = f" {scene.key} " if scene.key else " tutor "
    words = app.say(scene.says)
    return [
        Strip.blank(SIZE[0]),
        looks.strip([("  ", ""), (key, "strong"), (f"  {words}", "accent")], SIZE[0]),
    ]
