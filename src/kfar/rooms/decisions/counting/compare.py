"""The same ballots under every rule that fits them, to see where another would name another."""

from __future__ import annotations

from dataclasses import replace

from kfar.rooms.decisions.counting.count import tabulate
from kfar.rooms.decisions.counting.report import Report
from kfar.rooms.decisions.counting.rules import BUDGETS, FORMS, SINGLE, Method, Rule
from kfar.rooms.decisions.counting.sums import Sums


def fitting_methods(rule: Rule) -> tuple[Method, ...]:
    """Return the methods that decide the same from the same ballots, in `Method`'s order.

    The ballots' form must fit, a budget asks for a method for budgets, one seat for a method
    that fills one (STV is no other method then than IRV), and several for one that fills them.
    Plurality of choices stands alone: who may choose one has said nothing about the others.
    """
    alone = rule.method is Method.PLURALITY and rule.takes is FORMS[Method.PLURALITY][0]

    def fits(method: Method) -> bool:
        seats = method is not Method.STV if rule.seats == 1 else method not in SINGLE
        choices = method is not Method.PLURALITY or rule.takes is not FORMS[Method.PLURALITY][0]
        budget = (method in BUDGETS) == (rule.method in BUDGETS)
        return rule.takes in FORMS[method] and seats and choices and budget and not alone

    return tuple(method for method in Method if method is rule.method or fits(method))


def compared(rule: Rule, sums: Sums) -> dict[Method, Report]:
    """Return the report of each fitting method; all but the method is as `rule` has it."""
    rules = {m: replace(rule, method=m, form=rule.takes) for m in fitting_methods(rule)}
    return {method: tabulate(each, sums) for method, each in rules.items()}
