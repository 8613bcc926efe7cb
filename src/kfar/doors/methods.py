"""The ways of counting, as a voter understands them: what one does, who wins, who found it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise as StrPromise
from django.utils.translation import gettext_lazy as _

from kfar.rooms.decisions.counting.rules import Method


@dataclass(frozen=True)
class Explained:
    """A method in words: its name, what each voter does, how it is counted, and its source.

    `tally` is what the numbers of its result are.
    """

    label: StrPromise
    does: StrPromise
    counted: StrPromise
    source: str
    tally: StrPromise


VOTES, POINTS = _("Votes"), _("Points")

METHODS: Mapping[Method, Explained] = {
    Method.PLURALITY: Explained(
        _("One choice"),
        _("Everyone picks one option."),
        _(
            "The option with the most votes wins, also with less than half of them. Good for two "
            "options. With more, options that are alike take votes from each other."
        ),
        "May, A Set of … Conditions for Simple Majority Decision, Econometrica 20, 1952",
        VOTES,
    ),
    Method.APPROVAL: Explained(
        _("As many as you like"),
        _("Everyone ticks each option that would be good."),
        _(
            "The option that is good for most wins. Whoever ticks one more option takes nothing "
            "from the others, so nobody has to guess who has a chance."
        ),
        "Brams & Fishburn, Approval Voting, American Political Science Review 72, 1978",
        VOTES,
    ),
    Method.IRV: Explained(
        _("Ranking, rounds of elimination"),
        _("Everyone ranks the options: best first, then the next."),
        _(
            "Each ballot counts for its first option. Whoever has more than half wins. If nobody "
            "has, the option with the fewest votes is out, and its ballots go on to the next "
            "option they name; and so on. Also called instant runoff."
        ),
        "RCTab, Ranked Choice Voting Resource Center; Ware, 1871",
        VOTES,
    ),
    Method.STV: Explained(
        _("Ranking, several winners in proportion"),
        _("Everyone ranks the options: best first, then the next."),
        _(
            "Who reaches the threshold is elected, and the votes above it go on to the next "
            "options of those ballots, each at a part of its worth. If nobody reaches it, the "
            "option with the fewest votes is out and its ballots go on. So every group of voters "
            "gets its share of the seats. Also called the single transferable vote."
        ),
        "Scottish Local Government Elections Order 2007, Schedule 1",
        VOTES,
    ),
    Method.BORDA: Explained(
        _("Ranking, points for places"),
        _("Everyone ranks the options: best first, then the next."),
        _(
            "An option gets a point for every option it is ranked above, and half a point for "
            "every one that stands equal. The most points win: what many rank high wins over what "
            "some rank first and others last."
        ),
        "de Borda, Mémoire sur les élections au scrutin, 1781",
        POINTS,
    ),
    Method.RANKED_PAIRS: Explained(
        _("Ranking, strongest wins first"),
        _("Everyone ranks the options: best first, then the next."),
        _(
            "Any two options are compared: which do more voters rank higher? These wins are kept "
            "from the strongest down, but for those that contradict what is kept already. Who "
            "then stands above all others wins. An option that wins against every other always "
            "wins. Also called ranked pairs."
        ),
        "Tideman, Independence of Clones, Social Choice and Welfare 4, 1987",
        _("Stands above"),
    ),
    Method.SCHULZE: Explained(
        _("Ranking, strongest paths"),
        _("Everyone ranks the options: best first, then the next."),
        _(
            "Any two options are compared: which do more voters rank higher? One option stands "
            "above another where a chain of wins leads from it to the other that is stronger, at "
            "its weakest win, than any chain back. An option that wins against every other always "
            "wins. Also called Schulze’s method."
        ),
        "Schulze, A New Monotonic … Election Method, Social Choice and Welfare 36, 2011",
        _("Stands above"),
    ),
    Method.MINIMAX: Explained(
        _("Ranking, smallest defeat"),
        _("Everyone ranks the options: best first, then the next."),
        _(
            "Any two options are compared: which do more voters rank higher? The option whose "
            "worst defeat is the smallest wins. An option that wins against every other always "
            "wins. Also called minimax."
        ),
        "Simpson, On Defining Areas of Voter Choice, Quarterly Journal of Economics 83, 1969",
        _("Worst defeat"),
    ),
    Method.SCORE: Explained(
        _("Scores"),
        _("Everyone gives each option a score."),
        _(
            "The option with the highest sum of scores wins. An option that somebody does not "
            "score gets 0 from them."
        ),
        "Smith, Range Voting, 2000",
        POINTS,
    ),
    Method.STAR: Explained(
        _("Scores, then a runoff"),
        _("Everyone gives each option a score."),
        _(
            "The two options with the highest sums go into a runoff. There each ballot counts for "
            "the one it scores higher, and the one with more ballots wins. So it pays to score as "
            "one means it. Also called STAR."
        ),
        "Equal Vote Coalition, STAR Voting, 2014",
        POINTS,
    ),
    Method.QUADRATIC: Explained(
        _("Points, where more of one costs more"),
        _("Everyone shares out credits: v votes for or against an option cost v × v of them."),
        _(
            "The highest sum of votes wins. One vote costs one credit, two cost four, three cost "
            "nine: who cares much about one thing can say so, and pays for it elsewhere. Votes "
            "below zero are against. Also called quadratic voting."
        ),
        "Lalley & Weyl, Quadratic Voting, AEA Papers and Proceedings 108, 2018",
        VOTES,
    ),
    Method.EQUAL_SHARES: Explained(
        _("A budget, in equal shares"),
        _("Everyone ticks each proposal that would be good."),
        _(
            "Every voter has the same share of the budget. A proposal is funded when those who "
            "ticked it can pay for it together, the one with the most support for its money "
            "first; each pays from the own share. What is left over goes to the proposals with "
            "most votes that still fit. So every group of voters decides about its part of the "
            "money. Also called the Method of Equal Shares."
        ),
        "Peters, Pierczyński & Skowron, Proportional Participatory Budgeting, NeurIPS 2021",
        _("Support"),
    ),
    Method.GREEDY: Explained(
        _("A budget, most votes first"),
        _("Everyone ticks each proposal that would be good."),
        _(
            "Proposals are funded in the order of their votes, each that still fits into what is "
            "left of the budget. Simple; a small majority may decide about all of the money."
        ),
        "Goel et al., Knapsack Voting for Participatory Budgeting, ACM TEAC 7, 2019",
        VOTES,
    ),
}

#: The methods as somebody who asks looks for them: by what voters do.
GROUPS: tuple[tuple[StrPromise, tuple[Method, ...]], ...] = (
    (_("Voters choose"), (Method.PLURALITY, Method.APPROVAL)),
    (
        _("Voters rank"),
        (
            *(Method.IRV, Method.STV, Method.BORDA),
            *(Method.RANKED_PAIRS, Method.SCHULZE, Method.MINIMAX),
        ),
    ),
    (_("Voters give scores"), (Method.SCORE, Method.STAR)),
    (
        _("Voters share out money or points"),
        (Method.EQUAL_SHARES, Method.GREEDY, Method.QUADRATIC),
    ),
)
