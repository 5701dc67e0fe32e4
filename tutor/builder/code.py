"""The Python that builds the optimizer: written from the groups, and read back from what the learner made of it.

It is read as a syntax tree; nothing is evaluated here.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any, NamedTuple

from tutor.builder.groups import KEYS, MADE, SWITCHES, Builder, Group, Settings, Tensor, ordered
from tutor.words import Words

PRINTING = """\
for index, group in enumerate(optimizer.param_groups):
    for key, value in group.items():
        print(index, key, value)
"""
"""What the homework asks to be printed."""
STEPPING = """\
for gradient in [{gradients}]:
    tensors = [w for g in optimizer.param_groups for w in g["params"]]
    for tensor in tensors:
        tensor.grad = torch.full_like(tensor, gradient)
    optimizer.step()
    print(gradient, [tensor.flatten()[0].item() for tensor in tensors])
"""
"""Steps on gradients of the learner's choice; of each tensor the first element is printed."""


class Unread(NamedTuple):
    """What the form has no place for: the line of the code, counted from 1, and why."""

    line: int
    why: Words


# Writing -----------------------------------------------------------------------------------------------------


def written(builder: Builder) -> str:
    """The whole script: tensors, optimizer, the homework's printing, and the steps if there are gradients."""
    lines = ["import torch", ""]
    for tensor in builder.tensors:
        dimensions = ", ".join(map(str, tensor.shape)) or "()"
        lines.append(f"{tensor.name} = torch.{tensor.made}({dimensions}, requires_grad=True)")
    lines.append("")
    given = [_given(group, index) for index, group in enumerate(builder.groups)]
    for (name, made), group in zip(given, builder.groups, strict=True):
        lines += [f"{name} = {made}"] * bool(name) + [f"list({name})"] * (group.kind == "used up")
    params = [name or made for name, made in given]
    if builder.listed:
        lines.append("optimizer = torch.optim.SGD([")
        for index in range(builder.listed):
            lines.append(f"    {_dict(params[index], builder.groups[index].settings)},")
        lines.append(", ".join(["]", *_keywords(builder.defaults)]) + ")")
    else:
        arguments = [params[0], *_keywords(builder.groups[0].settings)]
        lines.append(f"optimizer = torch.optim.SGD({', '.join(arguments)})")
    for index in range(max(builder.listed, 1), len(builder.groups)):
        lines.append(f"optimizer.add_param_group({_dict(params[index], builder.groups[index].settings)})")
    text = "\n".join(lines) + "\n\n" + PRINTING
    if builder.gradients:
        text += "\n" + STEPPING.format(gradients=", ".join(map(repr, builder.gradients)))
    return text


def _given(group: Group, index: int) -> tuple[str, str]:
    """The variable of a group's tensors ("" without one), and the Python that makes them."""
    inside = ", ".join(group.params)
    name = group.name or (f"params{index}" if group.kind == "used up" else "")
    if group.kind == "set" and inside:
        return name, f"{{{inside}}}"
    if group.kind in ("generator", "used up"):
        return name, f"(w for w in [{inside}])"
    return name, "set()" if group.kind == "set" else f"[{inside}]"


def _dict(params: str, settings: Settings) -> str:
    pairs = [f'"params": {params}', *(f'"{key}": {settings[key]!r}' for key in KEYS if key in settings)]
    return f"{{{', '.join(pairs)}}}"


def _keywords(settings: Settings) -> list[str]:
    return [f"{key}={settings[key]!r}" for key in KEYS if key in settings]


# Reading -----------------------------------------------------------------------------------------------------


class _No(Exception):
    """This part of the code has no place in the form."""

    def __init__(self, node: ast.AST, why: Words) -> None:
        super().__init__(why.en)
        self.unread = Unread(getattr(node, "lineno", 1), why)


def read(code: str) -> Builder | Unread:
    """The groups that `code` makes, or the first thing in it that the form cannot show."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        said = error.msg if isinstance(error, SyntaxError) else str(error)
        line = (error.lineno or 1) if isinstance(error, SyntaxError) else 1
        return Unread(
            line, Words("Python cannot read it: {said}", "Python 无法解析：{said}").filled(said=said)
        )
    reader = _Reader()
    try:
        for statement in tree.body:
            reader.take(statement)
        return reader.builder(tree)
    except _No as no:
        return no.unread


class _Reader:
    """Goes through the statements in their order."""

    def __init__(self) -> None:
        self._tensors: dict[str, Tensor] = {}
        self._held: dict[str, Group] = {}
        """Variables that hold the tensors of a group; a group's settings are not known yet."""
        self._groups: list[Group] = []
        self._listed = 0
        self._defaults: Settings = {}
        self._optimizer = ""
        self._gradients: tuple[float, ...] = ()
        self._stage = 0
        """0 while it is built; 1 after the printing, 2 after the steps: the form has them in this order."""
        self._printing = ast.dump(ast.parse(PRINTING).body[0])

    def builder(self, tree: ast.Module) -> Builder:
        """What was read; raises `_No` if no optimizer was built."""
        if not self._optimizer:
            last = tree.body[-1] if tree.body else tree
            raise _No(last, Words("no torch.optim.SGD is built", "没有构建 torch.optim.SGD"))
        return Builder(
            tuple(self._groups), tuple(self._tensors.values()), self._listed, self._defaults, self._gradients
        )

    def take(self, statement: ast.stmt) -> None:
        match statement:
            case ast.Import(names=names) if all(name.name.split(".")[0] == "torch" for name in names):
                return
            case ast.ImportFrom(module=str(module)) if module.split(".")[0] == "torch":
                return
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                self._assign(name, value)
            case ast.Expr(
                value=ast.Call(func=ast.Name(id="list"), args=[ast.Name(id=name)], keywords=[])
            ) if name in self._held and self._held[name].kind == "generator":
                held = self._held[name]
                self._held[name] = Group(held.params, name=name, kind="used up")
            case ast.Expr(
                value=ast.Call(
                    func=ast.Attribute(value=ast.Name(id=name), attr="add_param_group"),
                    args=[ast.Dict() as group],
                    keywords=[],
                )
            ) if name == self._optimizer and self._stage == 0:
                self._groups.append(self._group(group))
            case ast.For() if self._dump(statement) == self._printing and self._stage == 0:
                self._stage = 1
            case ast.For(iter=ast.List(elts=elements)) if (
                self._dump(statement) == self._stepping(statement) and self._stage < 2
            ):
                self._stage = 2
                self._gradients = tuple(_number(element) for element in elements)
            case _:
                raise _No(statement, Words("the form has no place for it", "表单中没有对应的位置"))

    def _dump(self, statement: ast.stmt) -> str:
        """The tree as text, whatever the optimizer is called."""
        text = ast.dump(statement)
        return text.replace(f"id='{self._optimizer}'", "id='optimizer'") if self._optimizer else text

    def _stepping(self, statement: ast.For) -> str:
        ours = ast.parse(STEPPING.format(gradients="")).body[0]
        assert isinstance(ours, ast.For)
        ours.iter = statement.iter
        return ast.dump(ours)

    def _assign(self, name: str, value: ast.expr) -> None:
        if name in (*self._tensors, *self._held):
            raise _No(value, Words("{name} is assigned anew", "{name} 被重新赋值").filled(name=name))
        function = _dotted(value.func) if isinstance(value, ast.Call) else ""
        if isinstance(value, ast.Call) and function.split(".")[-1] == "SGD":
            if self._optimizer:
                raise _No(value, Words("a second optimizer is built", "又构建了一个优化器"))
            self._optimizer = name
            self._construct(value)
        elif isinstance(value, ast.Call) and function.removeprefix("torch.") in MADE:
            self._tensors[name] = _tensor(name, function.removeprefix("torch."), value)
        elif isinstance(value, ast.List | ast.Set | ast.GeneratorExp) or function == "set":
            self._held[name] = self._params(value, name)
        else:
            raise _No(value, Words("the form has no place for it", "表单中没有对应的位置"))

    def _construct(self, call: ast.Call) -> None:
        if len(call.args) > 1:
            why = Words("the form gives lr and the others by name", "表单用关键字传入 lr 等参数")
            raise _No(call.args[1], why)
        settings: dict[str, float | bool] = {}
        params = list(call.args)
        for keyword in call.keywords:
            if keyword.arg == "params" and not params:
                params.append(keyword.value)
            else:
                settings[keyword.arg or "**"] = _setting(keyword.arg or "**", keyword.value)
        if not params:
            raise _No(call, Words("SGD gets no params", "没有给 SGD 传入 params"))
        match params[0]:
            case ast.List(elts=[*dicts]) if dicts and all(isinstance(each, ast.Dict) for each in dicts):
                for each in dicts:
                    if isinstance(each, ast.Dict):
                        self._groups.append(self._group(each))
                self._listed, self._defaults = len(dicts), ordered(settings)
            case given:
                group = self._given(given)
                self._groups = [Group(group.params, ordered(settings), group.name, group.kind)]

    def _group(self, node: ast.Dict) -> Group:
        """A group's dict; raises `_No` for a key that the form does not have."""
        settings: dict[str, float | bool] = {}
        held: Group | None = None
        for key, value in zip(node.keys, node.values, strict=True):
            if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
                raise _No(node, Words("a key is no plain text", "有的键不是普通字符串"))
            if key.value == "params":
                held = self._given(value)
            else:
                settings[key.value] = _setting(key.value, value)
        if held is None:
            raise _No(node, Words('the group has no "params"', '这一组没有 "params"'))
        return Group(held.params, ordered(settings), held.name, held.kind)

    def _given(self, node: ast.expr) -> Group:
        if isinstance(node, ast.Name) and node.id in self._held:
            if any(group.name == node.id for group in self._groups):
                why = Words("{name} is used for two groups", "{name} 被用于两组")
                raise _No(node, why.filled(name=node.id))
            return self._held[node.id]
        return self._params(node, "")

    def _params(self, node: ast.expr, name: str) -> Group:
        """Tensors in a list, a set or a generator."""
        match node:
            case ast.List(elts=elements):
                return Group(self._tensors_in(elements), name=name)
            case ast.Set(elts=elements):
                return Group(self._tensors_in(elements), name=name, kind="set")
            case ast.Call(func=ast.Name(id="set"), args=[], keywords=[]):
                return Group((), name=name, kind="set")
            case ast.GeneratorExp(
                elt=ast.Name(id=inside),
                generators=[
                    ast.comprehension(target=ast.Name(id=each), iter=ast.List(elts=elements), ifs=[])
                ],
            ) if inside == each:
                return Group(self._tensors_in(elements), name=name, kind="generator")
        why = Words(
            "params can be a list, a set or (w for w in [...]) of tensors in the form",
            "表单中的 params 只能是张量的列表、集合或 (w for w in [...])",
        )
        raise _No(node, why)

    def _tensors_in(self, elements: Iterable[ast.expr]) -> tuple[str, ...]:
        found = []
        for element in elements:
            match element:
                case ast.Name(id=name) if name in self._tensors:
                    found.append(name)
                case ast.BinOp(left=ast.Name(id=name), op=ast.Mult(), right=ast.Constant(value=2)) if (
                    name in self._tensors
                ):
                    found.append(f"{name} * 2")
                case _:
                    why = Words("{what} is no tensor that was made above", "{what} 不是上面创建的张量")
                    raise _No(element, why.filled(what=ast.unparse(element)))
        return tuple(found)


def _dotted(node: ast.expr) -> str:
    """`torch.optim.SGD` as text; "" for what is no such name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (before := _dotted(node.value)):
        return f"{before}.{node.attr}"
    return ""


def _tensor(name: str, made: str, call: ast.Call) -> Tensor:
    sizes = call.args
    if len(sizes) == 1 and isinstance(sizes[0], ast.Tuple | ast.List):
        sizes = sizes[0].elts
    shape = []
    for size in sizes:
        value = size.value if isinstance(size, ast.Constant) else None
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise _No(size, Words("a size is a whole number from 1 on", "尺寸应为不小于 1 的整数"))
        shape.append(value)
    given = {keyword.arg: getattr(keyword.value, "value", None) for keyword in call.keywords}
    if given != {"requires_grad": True}:
        why = Words(
            "in the form a tensor has requires_grad=True and nothing else",
            "表单中的张量只带 requires_grad=True",
        )
        raise _No(call, why)
    return Tensor(name, tuple(shape), next(each for each in MADE if each == made))


def _setting(key: str, node: ast.expr) -> float | bool:
    if key not in KEYS:
        raise _No(node, Words("the form has no {key}", "表单中没有 {key}").filled(key=key))
    if key in SWITCHES:
        if isinstance(node, ast.Constant) and isinstance(node.value, bool):
            return node.value
        raise _No(
            node,
            Words("{key} is True or False in the form", "表单中 {key} 只能是 True 或 False").filled(key=key),
        )
    return _number(node)


def _number(node: ast.expr) -> float:
    sign = 1
    while isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        sign = -sign if isinstance(node.op, ast.USub) else sign
        node = node.operand
    value: Any = node.value if isinstance(node, ast.Constant) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e300:
        why = Words("{what} is no plain number", "{what} 不是普通的数")
        raise _No(node, why.filled(what=ast.unparse(node)))
    return sign * value
