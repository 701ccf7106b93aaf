"""Rules of accounts: who may do what; anything not allowed here is refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from contacts.model import StateCode
from notify.errors import NotAllowed
from notify.words import AccountId


class Role(StrEnum):
    """What an account is."""

    AUTHORITY = "authority"
    CONTACT = "contact"
    BCH_FOCAL_POINT = "bch_focal_point"
    SECRETARIAT = "secretariat"
    READER = "reader"
    OPERATOR = "operator"


OF_A_STATE = frozenset({Role.AUTHORITY, Role.CONTACT, Role.BCH_FOCAL_POINT})


@dataclass(frozen=True, slots=True)
class Account:
    """One person or system that signs in with a token."""

    id: AccountId
    name: str
    role: Role
    state: StateCode | None
    created_at: datetime | None = None


OPERATOR = Account(AccountId("operator"), "operator", Role.OPERATOR, None)
"""Who runs commands on the machine; every such act is on record under this name."""


class Right(StrEnum):
    """One thing that an account may do."""

    SUBMIT = "submit"
    SUBMIT_FOR_STATE = "submit_for_state"  # the secretariat, on the attached instruction of a named office
    DRAFT = "draft"
    READ_CASES = "read_cases"
    ACKNOWLEDGE = "acknowledge"
    ACKNOWLEDGE_BY_TELEPHONE = "acknowledge_by_telephone"
    KEEP_CONTACTS = "keep_contacts"
    TASKS = "tasks"
    DISPATCH = "dispatch"
    LIST_STATES = "list_states"
    READ_EVENTS = "read_events"
    READ_STATISTICS = "read_statistics"  # a State its own, a reader the totals
    ALL_STATISTICS = "all_statistics"
    EXERCISES = "exercises"
    CONSULT = "consult"
    REPORT_MEASURES = "report_measures"
    INQUIRE = "inquire"  # ask, and read what is asked
    ANSWER_INQUIRIES = "answer_inquiries"
    ATTACH = "attach"


_R = Right
_ACT_IN_A_CASE = frozenset({_R.CONSULT, _R.REPORT_MEASURES, _R.INQUIRE, _R.ANSWER_INQUIRIES, _R.ATTACH})
RIGHTS: dict[Role, frozenset[Right]] = {
    Role.AUTHORITY: frozenset(
        {
            _R.SUBMIT,
            _R.DRAFT,
            _R.READ_CASES,
            _R.ACKNOWLEDGE,
            _R.KEEP_CONTACTS,
            _R.LIST_STATES,
            _R.READ_STATISTICS,
            _R.READ_EVENTS,
        }
    )
    | _ACT_IN_A_CASE,
    Role.CONTACT: frozenset(
        {_R.READ_CASES, _R.ACKNOWLEDGE, _R.KEEP_CONTACTS, _R.LIST_STATES, _R.READ_STATISTICS, _R.READ_EVENTS}
    )
    | _ACT_IN_A_CASE,
    Role.BCH_FOCAL_POINT: frozenset({_R.READ_CASES, _R.LIST_STATES, _R.READ_STATISTICS, _R.READ_EVENTS}),
    Role.SECRETARIAT: frozenset(
        {
            _R.SUBMIT_FOR_STATE,
            _R.READ_CASES,
            _R.ACKNOWLEDGE_BY_TELEPHONE,
            _R.KEEP_CONTACTS,
            _R.TASKS,
            _R.ALL_STATISTICS,
            _R.EXERCISES,
            _R.DISPATCH,
            _R.LIST_STATES,
            _R.READ_STATISTICS,
            _R.READ_EVENTS,
            _R.INQUIRE,
            _R.ATTACH,
        }
    ),
    Role.READER: frozenset({_R.READ_CASES, _R.LIST_STATES, _R.READ_STATISTICS}),
    Role.OPERATOR: frozenset(Right) - {_R.SUBMIT},
}


def require(account: Account, right: Right) -> None:
    """Raise NotAllowed unless the account's role has the right."""
    if right not in RIGHTS[account.role]:
        raise NotAllowed(f"an account of role {account.role} may not do this")
