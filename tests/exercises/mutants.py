"""Small wrong changes to a right program, made by the machine: each must fail its exercise, or be shown to change nothing."""

import ast
import copy

ARITHMETIC = {
    ast.Add: [ast.Sub],
    ast.Sub: [ast.Add],
    ast.Mult: [ast.Add, ast.FloorDiv],
    ast.Div: [ast.Mult],
    ast.FloorDiv: [ast.Mult, ast.Mod, ast.Div],
    ast.Mod: [ast.FloorDiv],
    ast.MatMult: [ast.Mult],
}
COMPARISONS = {
    ast.Lt: [ast.LtE, ast.GtE],
    ast.LtE: [ast.Lt, ast.Gt],
    ast.Gt: [ast.GtE, ast.LtE],
    ast.GtE: [ast.Gt, ast.Lt],
    ast.Eq: [ast.NotEq],
    ast.NotEq: [ast.Eq],
    ast.In: [ast.NotIn],
    ast.NotIn: [ast.In],
}
NAMES = {"min": "max", "max": "min", "ceil": "floor", "floor": "ceil", "zeros": "ones", "ones": "zeros", "sum": "prod"}
STATEMENTS = (ast.Assign, ast.AugAssign, ast.Expr, ast.For, ast.While, ast.If, ast.Return)


def mutants(source, parameters):
    """Yield (description, source) of every mutant: one change each."""
    tree = ast.parse(source)
    for number, node in enumerate(ast.walk(tree)):
        for description, change in _changes(node, parameters):
            copied = copy.deepcopy(tree)
            target = list(ast.walk(copied))[number]
            before = ast.unparse(target)
            change(target)
            yield f"{description} in `{before.splitlines()[0]}`", ast.unparse(ast.fix_missing_locations(copied))


def _changes(node, parameters):
    if isinstance(node, (ast.BinOp, ast.AugAssign)):
        for new in ARITHMETIC.get(type(node.op), []):
            yield f"{type(node.op).__name__} to {new.__name__}", lambda target, new=new: setattr(target, "op", new())
    if isinstance(node, ast.Compare):
        for new in COMPARISONS.get(type(node.ops[0]), []):
            yield f"{type(node.ops[0]).__name__} to {new.__name__}", lambda target, new=new: target.ops.__setitem__(0, new())
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        for value in (node.value + 1, node.value - 1):
            yield f"{node.value} to {value}", lambda target, value=value: setattr(target, "value", value)
    if isinstance(node, ast.Constant) and type(node.value) is bool:
        yield f"{node.value} to {not node.value}", lambda target: setattr(target, "value", not target.value)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.Invert, ast.Not)):
        yield "sign dropped", lambda target: setattr(target, "op", ast.UAdd())
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        for new in [each for each in parameters if node.id in parameters and each != node.id] + [NAMES.get(node.id)]:
            if new:
                yield f"{node.id} to {new}", lambda target, new=new: setattr(target, "id", new)
    if isinstance(node, ast.Attribute) and node.attr in NAMES:
        yield f"{node.attr} to {NAMES[node.attr]}", lambda target: setattr(target, "attr", NAMES[target.attr])
    yield from _drops(node)


def _drops(node):
    for field in ("body", "orelse"):
        block = getattr(node, field, None)
        if isinstance(node, ast.Module) or not isinstance(block, list):
            continue
        for place, statement in enumerate(block):
            if isinstance(statement, STATEMENTS):
                first = ast.unparse(statement).splitlines()[0]
                yield f"dropped `{first}`", lambda target, f=field, p=place: getattr(target, f).__setitem__(p, ast.Pass())
