"""The changes to a module's source, one at a time."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import attrs
from attrs import field, frozen

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
_FORM = ("kw_only", "init", "eq")  # of attrs: which arguments and operators a class has
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
Changes = Iterator[tuple[ast.expr | ast.stmt, str]]


@frozen(kw_only=True)
class Mutant:
    """The whole source with one change, where and what that is.

    `on`: the first line there as it was, without its indent. `bound`: the names that the statement of the module there
    binds; `around`: the lines of the function or class there.
    """

    line: int
    last: int = field(default=attrs.Factory(lambda self: self.line, takes_self=True))
    was: str
    now: str
    source: str
    on: str = ""
    bound: tuple[str, ...] = ()
    around: range = range(0)

    @property
    def change(self) -> str:
        """What was, what is now: in one line each."""
        return f"{' '.join(self.was.split())}  ->  {' '.join(self.now.split())}"


def mutants(source: str) -> Iterator[Mutant]:
    """Yields every mutant that is Python, from the first line to the last."""
    return filter(lambda mutant: _compiles(mutant.source), changed(source))


def changed(source: str) -> Iterator[Mutant]:
    """Yields every mutant that differs from the source and from the others, Python or not."""
    seen, tree = {source}, ast.parse(source)
    owners = list(_owners(tree))
    for node, now in _changes(tree):
        around = min((lines for lines in owners if node.lineno in lines), key=len, default=range(0))
        mutant = attrs.evolve(_spliced(source, node, now), bound=_bound(tree, node), around=around)
        if mutant.source not in seen:
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
        elif isinstance(node, ast.Raise) or (isinstance(node, ast.Call) and _is_type_variable(node)):
            yield from (found for found in ast.walk(node) if isinstance(found, ast.Constant))
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            yield node  # the layout is tested by itself
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value) == "Literal":
            yield node
        elif isinstance(node, ast.keyword) and node.arg in _FORM:
            yield node.value
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            yield node


def _is_text(node: ast.Expr) -> bool:
    """True for a docstring, and for a line of the log."""
    logged = isinstance(node.value, ast.Call) and ast.unparse(node.value.func).startswith("logger.")
    return logged or isinstance(node.value, ast.Constant)


def _is_type_variable(node: ast.Call) -> bool:
    return ast.unparse(node.func) in ("TypeVar", "cast")


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
    if isinstance(node, ast.Return) and node.value and not _is_falsy(node.value):
        yield node, "return None"
    elif isinstance(node, ast.Expr | ast.Raise | ast.AugAssign):
        yield node, "pass"
    elif isinstance(node, ast.Break | ast.Continue):
        yield node, "continue" if isinstance(node, ast.Break) else "break"


def _keyword(node: ast.AST) -> Changes:
    if isinstance(node, ast.Call):
        for left_out in (keyword for keyword in node.keywords if keyword.arg not in _FORM):
            rest = [keyword for keyword in node.keywords if keyword is not left_out]
            yield node, ast.unparse(ast.Call(node.func, node.args, rest))


def _is_falsy(node: ast.expr) -> bool:
    """True for the constants that a condition cannot distinguish from None."""
    return isinstance(node, ast.Constant) and not node.value


def _bound(tree: ast.Module, node: ast.expr | ast.stmt) -> tuple[str, ...]:
    """Returns the names of the module that the statement around a node binds."""
    around = next(s for s in reversed(tree.body) if _first(s) <= node.lineno)
    if isinstance(around, (*_FUNCTIONS, ast.ClassDef)):
        return (around.name,)
    return tuple(n.id for n in ast.walk(around) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))


def _first(statement: ast.stmt) -> int:
    return min(s.lineno for s in (statement, *getattr(statement, "decorator_list", ())))


def _owners(tree: ast.Module) -> Iterator[range]:
    """Yields the lines of each function and class."""
    for node in ast.walk(tree):
        if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            yield range(_first(node), (node.end_lineno or 0) + 1)


def _spliced(source: str, node: ast.expr | ast.stmt, now: str) -> Mutant:
    data = source.encode()  # columns count bytes
    lines = data.splitlines(keepends=True)
    assert node.end_lineno is not None and node.end_col_offset is not None
    start = sum(map(len, lines[: node.lineno - 1])) + node.col_offset
    end = sum(map(len, lines[: node.end_lineno - 1])) + node.end_col_offset
    # As many lines as before: the code of all other functions stays the same.
    fewer = "\n" * (node.end_lineno - node.lineno - now.count("\n"))
    filled = f"({now}{fewer})" if fewer and isinstance(node, ast.expr) else now + fewer
    changed = data[:start] + filled.encode() + data[end:]
    return Mutant(
        line=node.lineno,
        last=node.end_lineno,
        was=data[start:end].decode(),
        now=now,
        source=changed.decode(),
        on=lines[node.lineno - 1].decode().strip(),
    )


def _compiles(source: str) -> bool:
    try:
        compile(source, "mutant", "exec")
    except SyntaxError:
        return False
    return True
