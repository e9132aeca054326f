"""Expressions of another tool's tests, as a suite on the trusted side writes them. Pure: nothing is run.

An expression is either the student's, a call that `submission` carries to the sandbox, or the suite's own: literals and
what numpy, torch and math make of them. From the syntax alone one knows of what kind the suite's own are; of what kind
an answer is, nobody knows.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from grader.importing.names import LIBRARIES, Names

ANSWER: Final = "answer"
"""What a call of the student's gave: anything."""
OBJECT: Final = "object"
"""An object of a class, which stays in the sandbox."""
ASKED: Final = frozenset({ANSWER, OBJECT})

_ALIASES: Final = {"numpy": "np"}
"""What the suite calls a library, where not by its name."""
_SENT: Final = frozenset({"int", "float", "number", "bool", "str", "none", "list", "tuple", "dict", "tensor", "array"})
"""Kinds that may be arguments of a question, besides what comes from there."""
RESERVED: Final = frozenset({"call", "library", "file", "aside", "has", "value"})
"""Names of functions that `submission.NAME` does not reach."""
_TAKEN: Final = frozenset(
    {
        *("submission", "draw", "expect", "check", "np", "torch", "math", "Submission", "Draw", "Handle"),
        *(
            "agree",
            "single",
            "comparable",
            "has_text",
            "shape_of",
            "sizes",
            "shaped",
            "counted",
            "entry",
            "truth",
            "answer",
            "value",
            "printed",
            "unchanged",
        ),
        *("SIGNS", "Any", "operator", "pytest"),
    }
)
"""Names that the suite uses itself."""

_DTYPES: Final = {"float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "bool", "long", "double"}
_CONSTANTS: Final[Mapping[str, str]] = {
    **{f"{library}.{name}": "float" for library in LIBRARIES for name in ("pi", "e", "inf", "nan")},
    **{f"{library}.{name}": "dtype" for library in ("numpy", "torch") for name in sorted(_DTYPES | {"float", "int"})},
    "numpy.True_": "bool",
    "numpy.False_": "bool",
    "numpy.bool_": "dtype",
}
_ARRAYS: Final = (
    *("array", "asarray", "arange", "linspace", "logspace", "zeros", "ones", "full", "eye", "identity", "diag"),
    *("zeros_like", "ones_like", "full_like", "concatenate", "stack", "vstack", "hstack", "tile", "repeat", "sqrt"),
    *("exp", "log", "sin", "cos", "tan", "tanh", "abs", "cumsum", "outer", "reshape", "transpose", "sort", "maximum"),
)
_TENSORS: Final = (
    *("tensor", "as_tensor", "arange", "linspace", "logspace", "zeros", "ones", "full", "eye", "diag", "zeros_like"),
    *("ones_like", "full_like", "cat", "stack", "sqrt", "exp", "log", "sin", "cos", "tan", "tanh", "sigmoid", "relu"),
    *("abs", "cumsum", "outer", "reshape", "transpose", "Tensor", "FloatTensor", "LongTensor", "maximum", "softmax"),
)
_CALLS: Final[Mapping[str, str]] = {
    **{f"numpy.{name}": "array" for name in _ARRAYS},
    **{f"torch.{name}": "tensor" for name in _TENSORS},
    **{f"numpy.{name}": "number" for name in ("sum", "mean", "std", "var", "min", "max", "prod", "float64", "float32")},
    **{f"numpy.{name}": "int" for name in ("int64", "int32")},
    **{
        f"math.{name}": "number" for name in ("sqrt", "exp", "log", "log2", "log10", "sin", "cos", "tan", "tanh", "pow")
    },
    **{f"math.{name}": "int" for name in ("factorial", "floor", "ceil", "gcd", "comb", "isqrt")},
    "torch.Size": "size",
}
"""What makes expected values and inputs -> the kind of it. Nothing else of a library is called on the trusted side."""
_DRAWN: Final = {"torch.randn": "normal", "torch.rand": "uniform"}
"""What draws anew each time -> what `draw` calls it."""
_BUILTINS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("sum", "abs", "min", "max", "round", "pow"), "number"),
    **dict.fromkeys(("range", "zip", "enumerate", "reversed", "map"), "range"),
    **{name: name for name in ("int", "float", "str", "bool", "list", "tuple", "dict")},
    "len": "int",
    "sorted": "list",
}
_METHODS: Final[Mapping[str, Mapping[str, str]]] = {
    kind: {
        **dict.fromkeys(("reshape", "view", "float", "double", "long", "int", "t", "astype", "copy", "clone"), kind),
        **dict.fromkeys(("transpose", "permute", "flatten", "squeeze", "unsqueeze", "repeat", "sum", "mean"), kind),
        "item": "number",
        "tolist": "list",
    }
    for kind in ("tensor", "array")
} | {"str": {**dict.fromkeys(("upper", "lower", "strip", "replace", "join"), "str"), "split": "list"}}


_COPYING: Final = frozenset({"clone", "copy", "len", "zeros_like", "ones_like", "full_like"})
"""Functions and methods whose value has nothing of what they are given."""
_CHANGEABLE: Final = frozenset({"list", "dict", "tensor", "array", "unknown"})
"""Kinds whose items may be set and deleted."""
_FIXED: Final = frozenset({"int", "float", "number", "bool", "str", "none", "size", "dtype"})
"""Kinds that nothing changes."""


class Untranslatable(Exception):
    """An expression is left as it is; the text says why."""


@dataclass(frozen=True, slots=True)
class Read:
    """An expression as the suite writes it.

    Attributes:
        kind: ANSWER, OBJECT, or what the suite's own value is, "unknown" where its text does not tell.
        told: how it stood in the test, for a sentence.
    """

    node: ast.expr
    kind: str
    told: str

    @property
    def asked(self) -> bool:
        """Whether the student's code gives it."""
        return self.kind in ASKED

    @property
    def code(self) -> str:
        """As text, fit to be an operand."""
        text = ast.unparse(self.node)
        loose = ast.BinOp | ast.BoolOp | ast.Compare | ast.IfExp | ast.UnaryOp
        return f"({text})" if isinstance(self.node, loose) else text


@dataclass(slots=True)
class Scope:
    """What names stand for while a check's tests are read, one after the other.

    Attributes:
        names: of the solution.
        modules: what libraries are called.
        local: what the tests have assigned; a text says why a name means nothing.
        parts: of a name, those whose values may be in its own, and change with it.
        looped: names that a loop gives numbers or text, one after the other.
        needs: what the suite has to import or define for it.
        seeded: a test has set a seed, so what is drawn is not any number.
        seed: for the next question.
        changed: why nothing can be asked any more, "" where all is as the notebook left it.
    """

    names: Names
    modules: dict[str, str]
    local: dict[str, Read | str] = field(default_factory=dict)
    parts: dict[str, frozenset[str]] = field(default_factory=dict)
    looped: set[str] = field(default_factory=set)
    needs: set[str] = field(default_factory=set)
    seeded: bool = False
    seed: int | None = None
    changed: str = ""

    def copy(self) -> "Scope":
        """For a try: what it brings in is taken only where it succeeds."""
        modules, local, parts = dict(self.modules), dict(self.local), dict(self.parts)
        looped, needs = set(self.looped), set(self.needs)
        return replace(self, modules=modules, local=local, parts=parts, looped=looped, needs=needs)

    def take(self, tried: "Scope") -> None:
        """Keep what a try brought in."""
        self.modules, self.local, self.needs, self.looped = tried.modules, tried.local, tried.needs, tried.looped
        self.parts, self.seeded, self.seed = tried.parts, tried.seeded, tried.seed

    def bind(self, name: str, read: Read, source: ast.expr) -> ast.Name:
        """Let `name` stand for something, taken from `source`; as what the suite writes it."""
        if name in self.names.functions | self.names.classes:
            raise Untranslatable(f"it changes {name}, which is the notebook's")
        target = ast.Name(f"{name}_" if name in _TAKEN else name)
        self.looped.discard(target.id)
        self.local[name] = Read(target, read.kind, read.told if read.asked else name)
        new = read.asked and isinstance(source, ast.Call)
        self.parts[name] = frozenset() if new else frozenset(self._names_in(source))
        return target

    # ------------------------------------------------------------ changes

    def place(self, target: ast.expr) -> ast.Name | ast.Subscript:
        """A name of the tests' own, or an item of theirs that can be set and deleted; as the suite writes it.

        Raises:
            Untranslatable: it is none.
        """
        match target:
            case ast.Name(id=name):
                fits = name in self.local
            case ast.Subscript(value=owner):
                fits = self.own(owner).kind in _CHANGEABLE
            case _:
                fits = False
        found = self.own(target).node if fits else target
        if fits and isinstance(found, ast.Name | ast.Subscript):
            return found
        raise Untranslatable(f"a change of {ast.unparse(target)[:40]} is not translated")

    def put(self, target: ast.expr, source: ast.expr) -> None:
        """Let what the tests have at a place have something of `source` in it."""
        name = root(target)
        self.parts[name] = self.parts.get(name, frozenset()) | frozenset(self._names_in(source))

    def operate(self, name: str, op: ast.operator, kind: str) -> None:
        """Let `name` stand for what an operation with a value of a kind makes of its own."""
        found = self.local.get(name)
        if isinstance(found, Read) and found.kind not in _CHANGEABLE:
            self.local[name] = replace(found, kind=_kind_of_operation(op, found.kind, kind))

    def entangled(self, names: Iterable[str]) -> set[str]:
        """These, and all that may change with them."""
        found, todo = set[str](), set(names)
        while todo:
            found |= todo
            within = {part for name in todo for part in self.parts.get(name, ())}
            todo = (within | {name for name, parts in self.parts.items() if parts & todo}) - found
        return found

    def can_change(self, name: str) -> bool:
        """Whether the tests' value of that name may be changed by what gets it."""
        found = self.local.get(name)
        if isinstance(found, Read):
            return found.kind not in _FIXED
        return found is None and name in self.names.variables

    def give(self, node: ast.expr) -> None:
        """Let a call have what it may change: the suite sends copies, and does not see it.

        Nothing is asked of the tests' own values afterwards, and of an answer where it stayed in the sandbox.
        """
        for name in filter(self.can_change, self.entangled(self._names_in(node))):
            read = self.read(ast.Name(name, ast.Load()))
            if read.kind == ANSWER and last_name(getattr(read.node, "func", read.node)) != "unchanged":
                self.needs.add("unchanged")
                call = ast.Call(ast.Name("unchanged"), [read.node, ast.Constant(read.told)], [])
                self.local[name] = Read(call, ANSWER, read.told)
            elif not read.asked:
                self.local[name] = f"a call may have changed {name}"

    def _names_in(self, node: ast.AST) -> Iterator[str]:
        """The names whose values may be in that of an expression; an answer is a value of its own."""
        match node:
            case ast.Name(id=name):
                yield name
            case ast.Call(func=function) if last_name(function) in self.names.functions | self.names.classes | _COPYING:
                return
            case _:
                for part in ast.iter_child_nodes(node):
                    yield from self._names_in(part)

    # ------------------------------------------------------------ reading

    def read(self, node: ast.expr) -> Read:
        """An expression.

        Raises:
            Untranslatable: it is none of those that can be read.
        """
        found = self._read(node)
        return found if found.told else Read(found.node, found.kind, ast.unparse(node))

    def own(self, node: ast.expr) -> Read:
        """An expression of the suite's own.

        Raises:
            Untranslatable: it is the student's, or cannot be read.
        """
        found = self.read(node)
        if found.asked:
            raise Untranslatable(f"it computes with the answer {found.told[:40]}")
        return found

    def path(self, node: ast.expr) -> str:
        """The dotted path of something in a library, "" for anything else."""
        match node:
            case ast.Name(id=name) if name not in self.local:
                return self.modules.get(name, "")
            case ast.Attribute(value=owner, attr=name):
                path = self.path(owner)
                return f"{path}.{name}" if path else ""
        return ""

    def _read(self, node: ast.expr) -> Read:  # noqa: PLR0911 - one branch for each kind of expression
        match node:
            case ast.Constant():
                return Read(node, _kind_of_constant(node.value), "")
            case ast.Name():
                return self._name(node)
            case ast.Attribute():
                return self._attribute(node)
            case ast.Call():
                return self._call(node)
            case ast.Subscript():
                return self._subscript(node)
            case ast.ListComp() | ast.GeneratorExp():
                return self._comprehension(node)
        return self._compound(node)

    def _name(self, node: ast.Name) -> Read:
        found = self.local.get(node.id)
        if isinstance(found, Read):
            return found
        if found is not None:
            raise Untranslatable(found)
        if node.id in self.names.functions | self.names.classes | self.names.variables:
            kind = ANSWER if node.id in self.names.variables else OBJECT
            if kind == ANSWER:
                self.needs.add("variables")
            return Read(_method("submission", "value", [ast.Constant(node.id)]), kind, node.id)
        if path := self.modules.get(node.id):
            return self._constant(path)
        raise Untranslatable(f"nothing says what {node.id} is")

    def _attribute(self, node: ast.Attribute) -> Read:
        if path := self.path(node):
            return self._constant(path)
        owner = self.read(node.value)
        if owner.kind == OBJECT or _is_attribute(owner.node):
            return Read(_attribute_of(owner.node, node.attr), ANSWER, "")
        if owner.asked:
            raise Untranslatable(f"it looks at .{node.attr} of an answer")
        if owner.kind in {"tensor", "array"} and node.attr in {"shape", "T"}:
            return Read(ast.Attribute(owner.node, node.attr), "size" if node.attr == "shape" else owner.kind, "")
        raise Untranslatable(f"it looks at .{node.attr}")

    def _constant(self, path: str) -> Read:
        if path not in _CONSTANTS:
            raise Untranslatable(f"it uses {path}")
        return Read(self.library(path), _CONSTANTS[path], "")

    def library(self, path: str) -> ast.expr:
        """Something of a library as the suite calls it."""
        root, *rest = path.split(".")
        self.needs.add(root)
        found: ast.expr = ast.Name(_ALIASES.get(root, root))
        for name in rest:
            found = ast.Attribute(found, name)
        return found

    # ------------------------------------------------------------ calls

    def _call(self, node: ast.Call) -> Read:
        if path := self.path(node.func):
            return self._of_library(path, node)
        match node.func:
            case ast.Name(id=name) if name not in self.local:
                return self._by_name(name, node)
            case ast.Attribute(value=owner, attr=method):
                return self._method_call(self.read(owner), method, node)
        function = self.read(node.func)
        if not function.asked:
            raise Untranslatable(f"it calls {ast.unparse(node.func)[:40]}")
        target = function.node if function.kind == OBJECT else self.kept(function)
        return Read(ast.Call(target, *self._sent(node)), ANSWER, "")

    def kept(self, read: Read) -> ast.expr:
        """An answer that has to be something that stayed in the sandbox."""
        return _method("expect", "handle", [read.node], what=read.told)

    def _by_name(self, name: str, node: ast.Call) -> Read:
        if name in self.names.functions | self.names.classes:
            kind = OBJECT if name in self.names.classes else ANSWER
            args, keywords = self._sent(node)
            if name.startswith("_") or name in RESERVED or self.seed is not None:
                if any(keyword.arg in {"keep", "seed"} for keyword in keywords):
                    raise Untranslatable(f"{name} takes arguments that submission.call has for itself")
                seed = [] if self.seed is None else [ast.keyword("seed", ast.Constant(self.seed))]
                self.seed = None
                return Read(_method("submission", "call", [ast.Constant(name), *args], [*keywords, *seed]), kind, "")
            return Read(_method("submission", name, args, keywords), kind, "")
        if name in _BUILTINS and not node.keywords:
            return Read(ast.Call(node.func, [self.own(arg).node for arg in node.args], []), _BUILTINS[name], "")
        raise Untranslatable(f"it calls {name}")

    def _of_library(self, path: str, node: ast.Call) -> Read:
        if path in _DRAWN:
            return self._drawn(path, node)
        if path.startswith("torch.nn.") and path.rpartition(".")[2][:1].isupper():
            args, keywords = self._sent(node)
            return Read(_method("submission", "library", [ast.Constant(path), *args], keywords), OBJECT, "")
        if path not in _CALLS:
            raise Untranslatable(f"it calls {path}")
        args = [self.own(arg).node for arg in node.args]
        keywords = [ast.keyword(_named(keyword), self.own(keyword.value).node) for keyword in node.keywords]
        return Read(ast.Call(self.library(path), args, keywords), _CALLS[path], "")

    def _drawn(self, path: str, node: ast.Call) -> Read:
        if self.seeded:
            raise Untranslatable("it draws numbers after setting a seed")
        sizes = [self.own(arg) for arg in node.args]
        if node.keywords or not sizes or any(size.kind != "int" for size in sizes):
            raise Untranslatable(f"it calls {path} with more than sizes")
        self.needs.add("draw")
        return Read(_method("draw", _DRAWN[path], [size.node for size in sizes]), "tensor", "")

    def _method_call(self, owner: Read, method: str, node: ast.Call) -> Read:
        if owner.kind == OBJECT:
            args, keywords = self._sent(node)
            if any(keyword.arg in {"keep", "seed"} for keyword in keywords):
                raise Untranslatable(f".{method} takes arguments that a handle has for itself")
            return Read(_method(owner.node, "method", [ast.Constant(method), *args], keywords), ANSWER, "")
        kind = _METHODS.get(owner.kind, {}).get(method)
        if kind is None:
            raise Untranslatable(
                f"it calls .{method} of {'an answer' if owner.asked else ast.unparse(owner.node)[:40]}"
            )
        args = [self.own(arg).node for arg in node.args]
        keywords = [ast.keyword(_named(keyword), self.own(keyword.value).node) for keyword in node.keywords]
        return Read(ast.Call(ast.Attribute(owner.node, method), args, keywords), kind, "")

    def _sent(self, node: ast.Call) -> tuple[list[ast.expr], list[ast.keyword]]:
        """The arguments of a question."""
        args = [self._argument(arg) for arg in node.args]
        return args, [ast.keyword(_named(keyword), self._argument(keyword.value)) for keyword in node.keywords]

    def _argument(self, node: ast.expr) -> ast.expr:
        found = self.read(node)
        if not found.asked and found.kind not in _SENT | {"unknown"}:
            raise Untranslatable(f"{found.told[:40]} cannot be sent to a submission")
        return found.node

    # ------------------------------------------------------------ the rest

    def _subscript(self, node: ast.Subscript) -> Read:
        owner = self.read(node.value)
        if not owner.asked:
            index = node.slice if isinstance(node.slice, ast.Slice | ast.Tuple) else self.own(node.slice).node
            if any(isinstance(inner, ast.Call | ast.Name) for inner in ast.walk(index)):
                raise Untranslatable("it picks by what is computed")
            kind = owner.kind if owner.kind in {"tensor", "array", "str"} else "unknown"
            return Read(ast.Subscript(owner.node, index), kind, "")
        match _literal(node.slice):
            case str() as key:
                keys = ast.Tuple([ast.Constant(key)])
                return Read(
                    ast.Subscript(_method("expect", "mapping", [owner.node, keys], what=owner.told), ast.Constant(key)),
                    ANSWER,
                    "",
                )
            case int() as place:
                self.needs.add("entry")
                call = ast.Call(ast.Name("entry"), [owner.node, ast.Constant(place), ast.Constant(owner.told)], [])
                return Read(call, ANSWER, "")
        raise Untranslatable("it picks from an answer by more than a number or a key")

    def _comprehension(self, node: ast.ListComp | ast.GeneratorExp) -> Read:
        inner = self.copy()
        loops = []
        for loop in node.generators:
            source = inner.own(loop.iter)
            target = ast.parse(inner.loop_target(loop.target, loop.iter), mode="eval").body
            loops.append(ast.comprehension(target, source.node, [inner.own(test).node for test in loop.ifs], 0))
        made = inner.own(node.elt)
        self.needs |= inner.needs
        return Read(type(node)(made.node, loops), "list" if isinstance(node, ast.ListComp) else "range", "")

    def loop_target(self, target: ast.expr, source: ast.expr) -> str:
        """Bind what a loop over `source` goes through, by the kinds that its text tells; as the suite writes it.

        Raises:
            Untranslatable: the target is more than names.
        """
        items = _items(source)
        match target:
            case ast.Name(id=name):
                return self.bind(name, Read(target, self._common(items, source), name), source).id
            case ast.Tuple(elts=elts) if all(isinstance(each, ast.Name) for each in elts):
                columns = [[_entry(item, place) for item in items or []] for place in range(len(elts))]
                names = [each for each in elts if isinstance(each, ast.Name)]
                reads = [
                    Read(each, self._common(column, None), each.id) for each, column in zip(names, columns, strict=True)
                ]
                return ", ".join(self.bind(read.told, read, source).id for read in reads)
        raise Untranslatable("a loop has more than names for what it goes through")

    def _common(self, items: Iterable[ast.expr | None] | None, source: ast.expr | None) -> str:
        """The kind that all of `items` have."""
        match source:
            case ast.Call(func=ast.Name(id="range")):
                return "int"
        kinds = {self.read(item).kind if item is not None else "unknown" for item in items or [None]}
        if kinds <= {"int", "float", "number"} and len(kinds) > 1:
            return "number"
        return kinds.pop() if len(kinds) == 1 else "unknown"

    def _compound(self, node: ast.expr) -> Read:
        match node:
            case ast.List(elts=elts) | ast.Tuple(elts=elts) | ast.Set(elts=elts):
                made = type(node)([self.own(each).node for each in elts])
                return Read(made, type(node).__name__.lower(), "")
            case ast.Dict(keys=keys, values=values) if None not in keys:
                keyed: list[ast.expr | None] = [self.own(key).node for key in keys if key is not None]
                return Read(ast.Dict(keyed, [self.own(each).node for each in values]), "dict", "")
            case ast.UnaryOp(op=op, operand=operand):
                inner = self.own(operand)
                return Read(ast.UnaryOp(op, inner.node), "bool" if isinstance(op, ast.Not) else inner.kind, "")
            case ast.BinOp(left=left, op=op, right=right):
                first, second = self.own(left), self.own(right)
                return Read(ast.BinOp(first.node, op, second.node), _kind_of_operation(op, first.kind, second.kind), "")
        raise Untranslatable(f"it has {_PLAIN.get(type(node), 'something')} that is not translated")


_PLAIN: Final[Mapping[type[ast.expr], str]] = {
    ast.Lambda: "a lambda",
    ast.JoinedStr: "an f-string",
    ast.Compare: "a comparison",
    ast.BoolOp: "an “and” or “or”",
    ast.IfExp: "an if-else",
    ast.Starred: "a starred argument",
    ast.DictComp: "a comprehension",
    ast.SetComp: "a comprehension",
}


def last_name(function: ast.expr) -> str:
    """The last part of a dotted name, "" of anything else."""
    match function:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def root(place: ast.expr) -> str:
    """The name that a place is reached from, as `x` of `x.y[0]`; "" where there is none."""
    while isinstance(place, ast.Attribute | ast.Subscript | ast.Call | ast.Starred):
        place = place.func if isinstance(place, ast.Call) else place.value
    return place.id if isinstance(place, ast.Name) else ""


def _method(
    owner: ast.expr | str, name: str, args: list[ast.expr], keywords: list[ast.keyword] | None = None, *, what: str = ""
) -> ast.Call:
    """`owner.name(*args, **keywords, what=what)`."""
    root = ast.Name(owner) if isinstance(owner, str) else owner
    told = [ast.keyword("what", ast.Constant(what))] if what else []
    return ast.Call(ast.Attribute(root, name), args, [*(keywords or []), *told])


def _attribute_of(owner: ast.expr, name: str) -> ast.expr:
    """`owner.attribute("name")`; of a dotted attribute, all in one."""
    match owner:
        case ast.Call(func=ast.Attribute(value=first, attr="attribute"), args=[ast.Constant(value=str() as path)]):
            return _method(first, "attribute", [ast.Constant(f"{path}.{name}")])
    return _method(owner, "attribute", [ast.Constant(name)])


def _is_attribute(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "attribute"


def _named(keyword: ast.keyword) -> str:
    if keyword.arg is None:
        raise Untranslatable("it has a starred argument that is not translated")
    return keyword.arg


def _literal(node: ast.expr) -> object:
    try:
        found = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
    return None if isinstance(found, bool) else found


def _items(source: ast.expr) -> list[ast.expr] | None:
    """What a literal loop goes through, None where its text does not tell."""
    match source:
        case ast.List(elts=elts) | ast.Tuple(elts=elts):
            return elts
        case ast.Call(func=ast.Name(id="zip"), args=args):
            columns = [_items(arg) for arg in args]
            told = [column for column in columns if column is not None]
            if len(told) == len(columns):
                return [ast.Tuple(list(row)) for row in zip(*told, strict=False)]
    return None


def _entry(item: ast.expr, place: int) -> ast.expr | None:
    match item:
        case ast.List(elts=elts) | ast.Tuple(elts=elts) if place < len(elts):
            return elts[place]
    return None


def _kind_of_constant(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool | int | float | str):
        return type(value).__name__
    raise Untranslatable("it has a value that is no number or text")


def _kind_of_operation(op: ast.operator, left: str, right: str) -> str:
    kinds = {left, right}
    for kind in ("tensor", "array", "list", "tuple", "str"):
        if kind in kinds:
            return kind
    if kinds == {"int"} and not isinstance(op, ast.Div | ast.Pow):
        return "int"
    return "number" if kinds <= {"int", "float", "number"} else "unknown"
