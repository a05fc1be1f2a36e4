"""Finds the words of the interface in Python code, for Babel (``make words``).

Babel's own reader goes by tokens, of which an f-string is one before Python 3.12: it misses what
stands inside.
"""

import ast
from collections.abc import Collection, Iterator
from typing import IO

Found = tuple[int, str, tuple[str | None, ...], list[str]]  # line, function, texts, comments


def extract_python(
    fileobj: IO[bytes],
    keywords: Collection[str],
    comment_tags: object,  # noqa: ARG001  # as Babel calls it
    options: object,  # noqa: ARG001
) -> Iterator[Found]:
    """The calls of the keywords in the order of their lines; what is no literal is None."""
    calls = [node for node in ast.walk(ast.parse(fileobj.read())) if isinstance(node, ast.Call)]
    for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
        if isinstance(call.func, ast.Name) and call.func.id in keywords:
            yield call.lineno, call.func.id, tuple(map(_text, call.args)), []


def _text(argument: ast.expr) -> str | None:
    value = argument.value if isinstance(argument, ast.Constant) else None
    return value if isinstance(value, str) else None
