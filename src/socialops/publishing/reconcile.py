"""Find out what became of a delivery whose outcome nobody recorded.

By what its network offers: the same bytes with the same key may be sent again while the key lives; else we look, and
believe that it is not there only when two looks, a settle window apart, found nothing; where nobody can look, a person
is asked. Nothing here sends: what must be sent again is handed back, and is claimed like everything else.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from socialops.errors import SocialopsError, Unknown
from socialops.networks.base import TwoStep
from socialops.networks.draft import draft_from_record
from socialops.publishing.happened import Ask, NotFound, Unclear, Yes
from socialops.publishing.machine import (
    Delivery,
    Doing,
    Rules,
    Step,
    after,
    first_claim,
    instant,
    next_step,
    stamp,
)
from socialops.publishing.sending import Line, whole_part

CLOCKS_DIFFER = timedelta(minutes=5)
"""How long before the claim a post may seem to have appeared, by the network's clock."""


def reconcile(
    delivery: Delivery, line: Line, now: Callable[[], datetime], rules: Rules, *, may_send: bool
) -> tuple[Delivery, Step, str]:
    """Look for what is uncertain, part after part; return the delivery, what may be done next, and why, in words.

    Without *may_send* nothing uncertain is handed back to be sent again.
    """
    said = ""
    while True:
        at = now()
        step = next_step(delivery, line.idempotency, line.key_lifetime, at, rules, may_send=may_send)
        if step.doing is Doing.ASK:
            why = f"{line.network.name} cannot be asked whether it arrived: look there, and say which"
            return after(delivery, step.part, Ask(said or why), at, rules), step, said or why
        if step.doing is Doing.WAIT:
            until = stamp(step.until) if step.until else "later"
            return delivery, step, said or f"looked for again from {until}"
        if step.doing is not Doing.LOOK:
            return delivery, step, said
        before = delivery
        delivery, said = _look(delivery, step.part, line, at, rules)
        if delivery is before:
            return delivery, step, said


def _look(delivery: Delivery, part: int, line: Line, now: datetime, rules: Rules) -> tuple[Delivery, str]:
    claim = first_claim(delivery, part)
    try:
        draft = draft_from_record(delivery.draft)
        wanted = whole_part(delivery, draft, part)
    except (KeyError, TypeError, ValueError, IndexError):
        why = "what was claimed cannot be read from its record"
        return after(delivery, part, Ask(why), now, rules), why
    if claim is None:
        why = "its record holds no claim"
        return after(delivery, part, Ask(why), now, rules), why
    if isinstance(line.network, TwoStep) and not wanted.handle:
        # It is shown only after its handle is in the record.
        return after(delivery, part, NotFound(), now, rules), "it was not shown yet"
    try:
        receipt = line.network.find(wanted, key=claim.detail["key"], since=instant(claim.at) - CLOCKS_DIFFER)
    except Unknown as error:
        happened = Unclear(error.message, ambiguous=error.code == "ambiguous")
        return after(delivery, part, happened, now, rules), error.message
    except SocialopsError as error:
        return after(delivery, part, Unclear(error.message), now, rules), error.message
    except Exception as error:
        why = f"looking for it broke off ({type(error).__name__})"
        return after(delivery, part, Unclear(why), now, rules), why
    if receipt is None:
        return after(delivery, part, NotFound(), now, rules), "it is not there (yet)"
    return after(delivery, part, Yes(receipt, "reconcile"), now, rules), "found"
