"""What the kernel says of itself, in the few words that fit into a corner."""

from __future__ import annotations

from tutor.client import Gone
from tutor.protocol import Missing, Ready, Warming
from tutor.ui.looks import Piece
from tutor.words import Language, Words

GET_TORCH = 'python -m pip install "torch>=2.6"'


def told(state: object, language: Language) -> list[Piece]:
    """The kernel's state as the header shows it."""
    words, look = _words(state)
    return [(words.into(language), look)]


def _words(state: object) -> tuple[Words, str]:
    match state:
        case Ready(torch=version):
            return Words("torch {v} ready", "torch {v} 已就绪").filled(v=version.partition("+")[0]), "muted"
        case Warming(what=what):
            return Words("importing {what} ...", "正在导入 {what} ...").filled(what=what), "muted"
        case Missing():
            return Words("torch missing: labs need it", "缺少 torch：实验需要它"), "warn"
        case _:
            return Words("torch is gone: labs start it again", "torch 已退出：运行实验时会重新启动"), "warn"


def advice(state: object) -> Words | None:
    """What the learner can do about the kernel's state; None if nothing needs doing."""
    if isinstance(state, Gone):
        return state.reason
    if not isinstance(state, Missing):
        return None
    return Words(
        "torch cannot be imported ({reason}). Lessons and questions work without it; labs need it,"
        " in the Python that runs tutor:\n{get}\n`tutor doctor` says more.",
        "无法导入 torch（{reason}）。课文和练习不受影响，实验需要 torch，请安装到运行 tutor 的 Python 环境中："
        "\n{get}\n详情请运行 `tutor doctor`。",
    ).filled(reason=state.reason, get=GET_TORCH)
