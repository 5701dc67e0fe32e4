"""What can be known of the Python beside a lesson without running it: a check must not run what a stranger wrote."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from pathlib import Path

from tutor.words import Words


class SourceError(Exception):
    """The function is not there to be called: what is `wrong`, and what to `write`."""

    def __init__(self, wrong: Words, write: Words) -> None:
        super().__init__(wrong.en)
        self.wrong = wrong
        self.write = write


def function_in(folder: Path, file: str, name: str, wanted: Sequence[str]) -> ast.FunctionDef:
    """The function `name` of `file` in `folder`; `wanted` are the parameters it should have.

    Raises `SourceError` where there is no such file or function, or it is no Python.
    """
    try:
        tree = ast.parse((folder / file).read_bytes(), file)
    except OSError:
        raise SourceError(
            Words(f"there is no file {file} beside this lesson", f"本课目录中没有文件 {file}"),
            Words("write it, or mend its name", "请编写该文件，或改正文件名"),
        ) from None
    except (SyntaxError, ValueError) as error:
        raise SourceError(
            Words(f"{file}: Python cannot read it ({error})", f"{file}：Python 无法解析（{error}）"),
            Words("mend its syntax", "请改正语法"),
        ) from None
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    if name not in functions:
        head = f"`def {name}({', '.join(wanted)}):`"
        raise SourceError(
            Words(f"{file} has no function {name}", f"{file} 中没有函数 {name}"),
            Words(f"write {head}", f"请编写 {head}"),
        )
    return functions[name]


def beside(folder: Path, file: str) -> list[str]:
    """`file` and the Python beside it that it imports, and what that imports in turn, each once."""
    found = [file]
    for name in found:  # it grows on the way
        try:
            tree = ast.parse((folder / name).read_bytes(), name)
        except (OSError, SyntaxError, ValueError):
            continue
        for node in ast.walk(tree):
            imported = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            imported += [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
            for module in imported:
                if f"{module}.py" not in found and (folder / f"{module}.py").is_file():
                    found.append(f"{module}.py")
    return found


def takes(function: ast.FunctionDef, wanted: Sequence[str]) -> bool:
    """Whether the parameters are these, in any order, each to be given by its name."""
    given = function.args
    names = [each.arg for each in (*given.args, *given.kwonlyargs)]
    return sorted(names) == sorted(wanted) and not (given.posonlyargs or given.vararg or given.kwarg)


def parameters(function: ast.FunctionDef) -> str:
    """Its parameters as they are written, in a row."""
    given = function.args
    return ", ".join(each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs))
