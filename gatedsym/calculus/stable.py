"""Program → an equal Program without the cancellations that its equations would cause as typed.

In float64 1 − σ(a) is 0 from a = 37 on, though the gate still lets σ(−a) = 1e-17 through; a study of vanishing
gradients is about exactly such numbers. The rewrites, found also through names (``1 - z`` where z is a gate):

=====================  ==============================
as typed               instead
=====================  ==============================
1 − σ(a)               σ(−a)
1 − tanh²(a)           sech²(a)
1 ± tanh(a)            2 σ(±2a)
2 σ(a) − 1             tanh(a/2)
log σ(a)               log_sigmoid(a)
log(1 + exp(a))        softplus(a)
log(exp(a))            a
p / (p + q)            σ(log p − log q), for p, q that are gates or exponentials
1 / (1 + exp(−a))      σ(a), and so for exp(a)/(1 + exp(a)), 1/(1 + 1/exp(a)), their multiples and powers
(p − q) / (p + q)      tanh((log p − log q)/2), for p, q that are exponentials or 1
=====================  ==============================

The last two are how textbooks define σ and tanh: as typed, exp overflows from 710 on, and inf/inf is no number.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import sympy as sp

from gatedsym.calculus.names import Names
from gatedsym.ir.functions import exp, log, log_sigmoid, sech2, sigmoid, softplus, tanh
from gatedsym.ir.program import Pointwise, Program, Ref, Statement, Tensor, pointwise


def stabilise(program: Program) -> Program:
    """Rewrite pointwise expressions that cancel; sources and results stay, and so does the value of every name."""
    return _Stabiliser(program).result()


class _Stabiliser:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.names = Names([t.name for t in program.tensors])
        self.meaning: dict[str, tuple[sp.Expr, dict[sp.Symbol, Ref], Ref]] = {}
        self.added: dict[str, Tensor] = {}
        self.statements: list[Statement] = []
        self.made: dict[sp.Expr, Ref] = {}

    def result(self) -> Program:
        for statement in self.program.statements:
            if isinstance(statement, Pointwise):
                statement = self._rewrite(statement)
                self._note(statement)
            self.statements.append(statement)
        tensors = (*self.program.tensors, *self.added.values())
        rewritten = replace(self.program, tensors=tensors, statements=tuple(self.statements))
        named = [t.name for t in self.program.tensors if t.named and t.name in rewritten.definitions]
        kept = rewritten.with_results((*self.program.results, *named))
        return replace(kept, tensors=_in_order(kept, self.program), results=self.program.results)

    def _note(self, statement: Pointwise) -> None:
        """Remember what a name means if that is one function of one reference, or a name for such.

        What reads a next state goes on reading it: its total adjoint counts all that does.
        """
        name = statement.target.name
        if name in self.program and self.program[name].role == "next":
            return
        refs = {r.symbol: r for r in statement.operands}
        expression = statement.expression
        if expression.is_Symbol and refs[expression].name in self.meaning:
            expression, refs = self._meaning(refs[expression])
        if expression.func in (sigmoid, tanh, exp) or expression.func is log_sigmoid:
            covered = {i for r in refs.values() for i in r.indices}
            if covered == set(statement.target.indices):
                self.meaning[statement.target.name] = (expression, refs, statement.target)

    def _meaning(self, ref: Ref) -> tuple[sp.Expr, dict[sp.Symbol, Ref]]:
        """Meaning of a reference, under its indices."""
        expression, refs, target = self.meaning[ref.name]
        renaming = dict(zip(target.indices, ref.indices, strict=True))
        renamed = {s: r.rename(renaming) for s, r in refs.items()}
        return expression.xreplace({s: r.symbol for s, r in renamed.items()}), {r.symbol: r for r in renamed.values()}

    def _rewrite(self, statement: Pointwise) -> Pointwise:
        operands = {r.symbol: r for r in statement.operands}
        expression = statement.expression
        for _ in range(20):
            found = next(self._cancellations(expression, operands), None)
            if found is None:
                break
            expression = expression.xreplace({found[0]: found[1]})
        return pointwise(statement.target, expression, operands.values())

    def _cancellations(self, expression: sp.Expr, operands: dict[sp.Symbol, Ref]) -> Iterator[tuple[sp.Expr, sp.Expr]]:
        # A quotient with all of its factors before 1 over its divisor: exp(x) σ(−x) would be inf · 0.
        inside = list(sp.postorder_traversal(expression))
        for e in sorted(inside, key=lambda e: not e.is_Mul):
            yield from self._over_exponentials(e, operands)
        for e in inside:
            if e.is_Add:
                yield from self._in_sum(e, operands)
            elif e.is_Mul:
                yield from self._in_quotient(e, operands)
            elif e.func is log:
                yield from self._in_log(e, operands)

    def _known(self, symbol: sp.Expr, operands: dict[sp.Symbol, Ref]) -> sp.Expr | None:
        """The function application that a symbol stands for (or the application itself)."""
        if symbol.func in (sigmoid, tanh, exp, log_sigmoid):
            return symbol
        ref = operands.get(symbol)
        return self._meaning(ref)[0] if ref is not None and ref.name in self.meaning else None

    def _in_sum(self, e: sp.Expr, operands: dict[sp.Symbol, Ref]) -> Iterator[tuple[sp.Expr, sp.Expr]]:
        number = next((a for a in e.args if a.is_Number), None)
        if number is None:
            return
        for term in e.args:
            coefficient, factor = term.as_coeff_Mul()
            if coefficient == -number and factor.is_Pow and factor.exp == 2:
                known = self._known(factor.base, operands)
                if known is not None and known.func is tanh:
                    value = self._value(sech2(known.args[0]), f"one_minus_{factor.base}_squared", factor.base, operands)
                    yield e, e - number - term + number * value
            known = self._known(factor, operands)
            if known is None:
                continue
            (argument,) = known.args
            if known.func is sigmoid and coefficient == -number:
                value = self._value(sigmoid(-argument), f"one_minus_{factor}", factor, operands)
                yield e, e - number - term + number * value
            elif known.func is sigmoid and coefficient == -2 * number:
                value = self._value(tanh(argument / 2), f"twice_{factor}_minus_one", factor, operands)
                yield e, e - number - term - number * value
            elif known.func is tanh and abs(coefficient) == abs(number):
                minus = coefficient == -number
                wish = f"one_{'minus' if minus else 'plus'}_{factor}"
                value = self._value(sigmoid(-2 * argument if minus else 2 * argument), f"half_{wish}", factor, operands)
                yield e, e - number - term + 2 * number * value

    def _in_quotient(self, e: sp.Expr, operands: dict[sp.Symbol, Ref]) -> Iterator[tuple[sp.Expr, sp.Expr]]:
        for below in e.args:
            if not (below.is_Pow and below.exp == -1 and below.base.is_Add and len(below.base.args) == 2):
                continue
            for p, q in (below.base.args, below.base.args[::-1]):
                if p in e.args and p != q:
                    log_p, log_q = self._log_of(p, operands), self._log_of(q, operands)
                    if log_p is not None and log_q is not None:
                        difference = self._value(log_p - log_q, f"log_ratio_{p}", p, operands)
                        value = self._value(sigmoid(difference), f"share_of_{p}", p, operands)
                        yield e, e / (p * below) * value

    def _over_exponentials(self, e: sp.Expr, operands: dict[sp.Symbol, Ref]) -> Iterator[tuple[sp.Expr, sp.Expr]]:
        """Quotients by a sum of two exponentials, one of which may be 1."""
        for below in e.args if e.is_Mul else (e,):
            terms = below.base.args if below.is_Pow and below.exp.is_Integer and below.exp < 0 else ()
            if len(terms) != 2 or not below.base.is_Add:
                continue
            (scale, p), (other, q) = (self._exponential(term, operands) for term in terms)
            if p is None or q is None or scale != other or p == q:
                continue
            rest = e * below.base / scale
            difference = next((f for f in e.args if e.is_Mul and f.is_Add and len(f.args) == 2), None)
            half = None if difference is None else self._half_difference(difference, p, q, operands)
            shared = next((f for f in e.args if e.is_Mul and self._exponential(f, operands) in ((1, p), (1, q))), None)
            if difference is not None and half is not None:
                yield e, rest / difference * self._of_exponents(tanh, half[1], terms, operands) * half[0]
            elif shared is not None:
                p, q = (p, q) if self._exponential(shared, operands)[1] == p else (q, p)
                yield e, rest / shared * self._of_exponents(sigmoid, p - q, terms, operands)
            elif 0 in (p, q):
                yield e, rest * self._of_exponents(sigmoid, -(p + q), terms, operands)

    def _half_difference(
        self, difference: sp.Expr, p: sp.Expr, q: sp.Expr, operands: dict[sp.Symbol, Ref]
    ) -> tuple[sp.Expr, sp.Expr] | None:
        """Of k (exp(p) − exp(q)) the factor k, and (p − q)/2; None for another difference."""
        (first, a), (second, b) = (self._exponential(term, operands) for term in difference.args)
        if a is None or b is None or first != -second or {a, b} != {p, q}:
            return None
        return first, (a - b) / 2

    def _exponential(self, term: sp.Expr, operands: dict[sp.Symbol, Ref]) -> tuple[sp.Expr, sp.Expr | None]:
        """The factor and the exponent of a multiple of an exponential; of a number the exponent is 0."""
        scale, rest = term.as_coeff_Mul()
        exponent: sp.Expr = sp.S.Zero
        for factor in sp.Mul.make_args(rest):
            base, power = (factor.base, factor.exp) if factor.is_Pow else (factor, sp.S.One)
            known = None if base.is_Number else self._known(base, operands)
            if base == 1:
                continue
            if known is None or known.func is not exp or not power.is_Rational:
                return scale, None
            exponent += power * known.args[0]
        return scale, exponent

    def _of_exponents(
        self, function: type[sp.Function], argument: sp.Expr, terms: tuple[sp.Expr, ...], operands: dict[sp.Symbol, Ref]
    ) -> sp.Expr:
        """A named value of a function of exponents, whose references come with the exponentials in `terms`."""
        symbols = sorted({s for term in terms for s in term.free_symbols}, key=str)
        for symbol in symbols:
            known = self._known(symbol, operands)
            if known is not None:
                self._adopt(known, symbol, operands)
        if argument.is_Add:
            argument = self._value(argument, f"exponent_of_{symbols[0]}", symbols[0], operands)
        return self._value(function(argument), f"{function.__name__}_of_{symbols[0]}", symbols[0], operands)

    def _log_of(self, symbol: sp.Expr, operands: dict[sp.Symbol, Ref]) -> sp.Expr | None:
        known = self._known(symbol, operands)
        if known is None or known.func not in (sigmoid, exp):
            return None
        if known.func is exp:
            return self._named_argument(known.args[0], symbol, operands)
        return self._value(log_sigmoid(known.args[0]), f"log_{symbol}", symbol, operands)

    def _in_log(self, e: sp.Expr, operands: dict[sp.Symbol, Ref]) -> Iterator[tuple[sp.Expr, sp.Expr]]:
        (argument,) = e.args
        known = self._known(argument, operands)
        if known is not None and known.func is sigmoid:
            self._adopt(known, argument, operands)
            yield e, log_sigmoid(known.args[0])
        elif known is not None and known.func is exp:
            yield e, self._named_argument(known.args[0], argument, operands)
        else:
            definition = self._sum_meaning(argument, operands)
            if definition is not None:
                yield e, softplus(definition)

    def _sum_meaning(self, symbol: sp.Expr, operands: dict[sp.Symbol, Ref]) -> sp.Expr | None:
        """The a of a symbol that means 1 + exp(a)."""
        ref = operands.get(symbol)
        statement = next((s for s in self.statements if ref is not None and s.target.name == ref.name), None)
        if ref is None or not isinstance(statement, Pointwise):
            return None
        inner = {r.symbol: r for r in statement.operands}
        rest = statement.expression - 1
        known = self._known(rest, inner)
        if known is None or known.func is not exp or statement.target.indices != ref.indices:
            return None
        meaning_refs = self._meaning(inner[rest])[1] if rest in inner else inner
        operands.update(meaning_refs)
        return known.args[0]

    def _adopt(self, known: sp.Expr, symbol: sp.Expr, operands: dict[sp.Symbol, Ref]) -> None:
        if symbol in operands:
            operands.update(self._meaning(operands[symbol])[1])

    def _named_argument(self, argument: sp.Expr, symbol: sp.Expr, operands: dict[sp.Symbol, Ref]) -> sp.Expr:
        self._adopt(argument, symbol, operands)
        return argument

    def _value(self, expression: sp.Expr, wish: str, symbol: sp.Expr, operands: dict[sp.Symbol, Ref]) -> sp.Expr:
        """A named value for `expression`, which is written in what `symbol` is a function of."""
        self._adopt(expression, symbol, operands)
        refs = [r for s, r in sorted(operands.items(), key=lambda item: str(item[0])) if s in expression.free_symbols]
        if expression not in self.made:
            indices = tuple(dict.fromkeys(i for r in refs for i in r.indices))
            dims = {i: d for r in refs for i, d in zip(r.indices, self._dims(r.name), strict=True)}
            target = Ref(self.names.fresh(_role(wish)), indices)
            self.added[target.name] = Tensor(target.name, tuple(dims[i] for i in indices))
            statement = pointwise(target, expression, refs)
            self.statements.append(statement)
            self._note(statement)
            self.made[expression] = target
        target = self.made[expression]
        operands[target.symbol] = target
        return target.symbol

    def _dims(self, name: str) -> tuple[str, ...]:
        return self.added[name].dims if name in self.added else self.program[name].dims


def _role(wish: str) -> str:
    """A name from a role: indices and primes of the symbols in it are left out."""
    import re

    return re.sub(r"\[(?!-)[^\]]*\]|'", "", wish)


def _in_order(program: Program, original: Program) -> tuple[Tensor, ...]:
    """Sources first as in the original; they stay even where nothing reads them any more."""
    names = {t.name for t in program.tensors}
    lost = [t for t in original.tensors if t.name not in names and t.name not in original.definitions]
    order = {t.name: n for n, t in enumerate(original.tensors)}
    tensors = sorted((*program.tensors, *lost), key=lambda t: order.get(t.name, len(order)))
    return tuple(tensors)
