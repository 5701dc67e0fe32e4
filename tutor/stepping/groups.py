"""What can be hidden while stepping: groups of functions, by the names that the kernel gives them."""

from __future__ import annotations

from typing import NamedTuple

from tutor.words import Words


class Group(NamedTuple):
    """A name for the list of filters, and a sentence that explains what stands there when it is hidden."""

    name: Words
    about: Words


GROUPS: dict[str, Group] = {
    "attributes": Group(
        Words("Module's attribute access", "Module 的属性存取"),
        Words(
            "Module watches every `self.x = ...`: a Parameter, a Buffer or a Module goes into its registry. What is not"
            " found in `__dict__` is looked for there by `__getattr__`.",
            "Module 监视每一次 `self.x = ...`：Parameter、Buffer 和 Module 会放进各自的注册表；在 `__dict__` 里找不到的名字由"
            " `__getattr__` 到注册表里找。",
        ),
    ),
    "metaclass": Group(
        Words("isinstance checks", "isinstance 检查"),
        Words(
            "`isinstance(x, Parameter)` asks the class's metaclass: `__instancecheck__`.",
            "`isinstance(x, Parameter)` 会询问该类的元类：`__instancecheck__`。",
        ),
    ),
    "wrappers": Group(
        Words("wrappers", "包装函数"),
        Words(
            "A decorator put a function around the one that was called: it runs hooks, turns gradients off or on,"
            " or notes the time, and then calls the one inside.",
            "装饰器在被调用的函数外面包了一层：先执行钩子、开关梯度或记录耗时，再调用里面的函数。",
        ),
    ),
    "plumbing": Group(
        Words("torch's other files", "torch 的其他文件"),
        Words(
            "Code of torch that serves no lesson: profiling, compiling, device questions.",
            "torch 中与本课无关的代码：性能分析、编译、设备查询等。",
        ),
    ),
    "stdlib": Group(
        Words("Python's own library", "Python 标准库"),
        Words("Functions of the standard library and of other packages.", "标准库和其他软件包中的函数。"),
    ),
    "comprehensions": Group(
        Words("comprehensions", "推导式"),
        Words(
            "A comprehension or generator expression runs in a frame of its own.",
            "推导式或生成器表达式在自己的栈帧中运行。",
        ),
    ),
    "builtins": Group(
        Words("built-in functions", "内置函数"),
        Words(
            "Functions of Python that are written in C, such as `isinstance` and `len`.",
            "Python 中用 C 写成的函数，例如 `isinstance` 和 `len`。",
        ),
    ),
    "checks": Group(
        Words("torch's questions to C++", "torch 对 C++ 的查询"),
        Words(
            "Calls into C++ that only ask or note something: is gradient on, is this being traced.",
            "只查询或登记状态的 C++ 调用：是否记录梯度、是否正在 trace 等。",
        ),
    ),
}
"""In the order in which they are listed. All are hidden until the learner asks for them."""

HIDDEN = frozenset(GROUPS)
"""What is hidden at first."""
