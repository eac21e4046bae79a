"""The changes to a module's source, one at a time."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from attrs import frozen

_COMPARED: dict[type[ast.cmpop], str] = {
    ast.Eq: "!=",
    ast.NotEq: "==",
    ast.Lt: "<=",
    ast.LtE: "<",
    ast.Gt: ">=",
    ast.GtE: ">",
    ast.Is: "is not",
    ast.IsNot: "is",
    ast.In: "not in",
    ast.NotIn: "in",
}
_COMPUTED: dict[type[ast.operator], str] = {
    ast.Add: "-",
    ast.Sub: "+",
    ast.Mult: "/",
    ast.Div: "*",
    ast.FloorDiv: "*",
    ast.Mod: "*",
    ast.Pow: "*",
    ast.BitAnd: "|",
    ast.BitOr: "&",
}
_DECIDED = (ast.Compare, ast.BoolOp)  # conditions that have changes of their own
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
Changes = Iterator[tuple[ast.expr | ast.stmt, str]]


@frozen
class Mutant:
    """The whole source with one change, and where and what that is."""

    line: int
    was: str
    now: str
    source: str

    def __str__(self) -> str:
        return f"{self.line}: {' '.join(self.was.split())[:60]}  ->  {' '.join(self.now.split())[:60]}"


def mutants(source: str) -> Iterator[Mutant]:
    """Yields every mutant that is Python and differs from the source, from the first line to the last."""
    seen = {source}
    for node, now in _changes(ast.parse(source)):
        mutant = _spliced(source, node, now)
        if mutant.source not in seen and _compiles(mutant.source):
            seen.add(mutant.source)
            yield mutant


def _changes(tree: ast.Module) -> Changes:
    ignored = {id(inner) for node in _ignored(tree) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) not in ignored:
            for change in (_compare, _compute, _decide, _constant, _statement, _keyword):
                yield from change(node)


def _ignored(tree: ast.Module) -> Iterator[ast.AST]:
    """What no behaviour hangs on: annotations, docstrings, texts of errors, imports for type checkers."""
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign | ast.arg) and node.annotation:
            yield node.annotation
        elif isinstance(node, _FUNCTIONS) and node.returns:
            yield node.returns
        elif isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Expr) and _is_text(node)):
            yield node
        elif isinstance(node, ast.Raise):
            yield from (found for found in ast.walk(node) if isinstance(found, ast.Constant))
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            yield node


def _is_text(node: ast.Expr) -> bool:
    """True for a docstring, and for a line of the log."""
    logged = isinstance(node.value, ast.Call) and ast.unparse(node.value.func).startswith("logger.")
    return logged or isinstance(node.value, ast.Constant)


def _compare(node: ast.AST) -> Changes:
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        operator = _COMPARED[type(node.ops[0])]
        yield node, f"({ast.unparse(node.left)} {operator} {ast.unparse(node.comparators[0])})"


def _compute(node: ast.AST) -> Changes:
    if isinstance(node, ast.BinOp) and type(node.op) in _COMPUTED:
        yield node, f"({ast.unparse(node.left)} {_COMPUTED[type(node.op)]} {ast.unparse(node.right)})"


def _decide(node: ast.AST) -> Changes:
    if isinstance(node, ast.BoolOp):
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield node, f"({ast.unparse(ast.BoolOp(other, node.values))})"
        for left_out in node.values:
            rest = [value for value in node.values if value is not left_out]
            yield node, f"({ast.unparse(rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest))})"
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node, f"({ast.unparse(node.operand)})"
    elif isinstance(node, ast.If | ast.While | ast.IfExp) and not isinstance(node.test, _DECIDED):
        yield node.test, f"(not {ast.unparse(node.test)})"


def _constant(node: ast.AST) -> Changes:
    if not isinstance(node, ast.Constant):
        return
    value = node.value
    if isinstance(value, bool):
        yield node, str(not value)
    elif isinstance(value, int | float):
        yield node, str(value + 1)
    elif isinstance(value, str | bytes):
        yield node, repr(value + (b"X" if isinstance(value, bytes) else "X"))  # type: ignore[operator]  # the same kind


def _statement(node: ast.AST) -> Changes:
    if isinstance(node, ast.Return) and node.value and not _is_none(node.value):
        yield node, "return None"
    elif isinstance(node, ast.Expr | ast.Raise | ast.AugAssign):
        yield node, "pass"
    elif isinstance(node, ast.Break | ast.Continue):
        yield node, "continue" if isinstance(node, ast.Break) else "break"


def _keyword(node: ast.AST) -> Changes:
    if isinstance(node, ast.Call):
        for left_out in node.keywords:
            rest = [keyword for keyword in node.keywords if keyword is not left_out]
            yield node, ast.unparse(ast.Call(node.func, node.args, rest))


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _spliced(source: str, node: ast.expr | ast.stmt, now: str) -> Mutant:
    lines = source.encode().splitlines(keepends=True)  # columns count bytes
    offset: Callable[[int], int] = lambda line: sum(map(len, lines[: line - 1]))  # noqa: E731 - used twice, here
    assert node.end_lineno is not None and node.end_col_offset is not None
    data = source.encode()
    start, end = offset(node.lineno) + node.col_offset, offset(node.end_lineno) + node.end_col_offset
    changed = data[:start] + now.encode() + data[end:]
    return Mutant(node.lineno, data[start:end].decode(), now, changed.decode())


def _compiles(source: str) -> bool:
    try:
        compile(source, "mutant", "exec")
    except SyntaxError:
        return False
    return True
