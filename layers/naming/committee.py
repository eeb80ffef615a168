"""How a committee comes to a decision: quorum, recusal, majority; refuses to count a recused member's vote."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from layers.errors import LayerError

QUORUM_SHARE: Final = 2 / 3
MAJORITY_SHARE: Final = 1 / 2


class Vote(StrEnum):
    """A member's vote on one item."""

    FOR = "for"
    AGAINST = "against"
    ABSTAIN = "abstain"
    DEFER = "defer"


class BallotRefused(LayerError):
    """A vote by a stranger or a recused member, a second vote, or no quorum."""

    code = "naming.ballot_refused"


@dataclass(frozen=True, slots=True)
class Ballot:
    """One member's vote, with the reason a vote against must give."""

    member: str
    vote: Vote
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """What an item came to, with the count."""

    outcome: Vote
    present: int
    counts: dict[Vote, int]


def decide(members: Collection[str], recused: Collection[str], ballots: Sequence[Ballot]) -> Decision:
    """Outcome of an item: quorum two thirds of the members not recused, more than half of those present for it.

    Both shares are our default. Raises BallotRefused.
    """
    entitled = set(members) - set(recused)
    voters = [ballot.member for ballot in ballots]
    strangers = sorted(set(voters) - entitled)
    twice = sorted({member for member in voters if voters.count(member) > 1})
    without_reason = sorted(b.member for b in ballots if b.vote is Vote.AGAINST and not b.reason.strip())
    if strangers or twice or without_reason:
        raise BallotRefused(not_entitled=strangers, twice=twice, without_reason=without_reason)
    if not entitled or len(voters) < QUORUM_SHARE * len(entitled):
        raise BallotRefused(present=len(voters), entitled=len(entitled), quorum_share=QUORUM_SHARE)
    counts = {vote: sum(ballot.vote is vote for ballot in ballots) for vote in Vote}
    return Decision(_outcome(counts, len(voters)), len(voters), counts)


def _outcome(counts: dict[Vote, int], present: int) -> Vote:
    for vote in (Vote.FOR, Vote.DEFER):
        if counts[vote] > MAJORITY_SHARE * present:
            return vote
    return Vote.AGAINST
