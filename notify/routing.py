"""Rules of routing: who is told of a report, by which channel, and why, each reason a sentence an officer can read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from contacts.model import Contact, ContactRole, StateCode
from contacts.registry import Registry, contacts_for, merge_same_address
from contacts.verification import never_confirmed
from notify.notification import BCH, Addressee, AddresseeKind
from notify.report import Report
from notify.sentence import N_, Sentence
from notify.task import SECRETARIAT, TaskKind
from notify.words import ChannelName, NotificationClass, Severity


@dataclass(frozen=True, slots=True)
class Route:
    """One contact, one channel, and the reason."""

    contact: Contact
    roles: tuple[ContactRole, ...]
    channel: ChannelName
    reason: Sentence


@dataclass(frozen=True, slots=True)
class PlannedNotification:
    """One addressee, why it is told, and by which routes at once."""

    addressee: Addressee
    status: str
    reason: Sentence
    routes: tuple[Route, ...]


@dataclass(frozen=True, slots=True)
class PlannedTask:
    """Something that routing leaves to a person."""

    kind: TaskKind
    owner: str
    state: StateCode | None
    text: Sentence


@dataclass(slots=True)
class Plan:
    """All that issuing would do."""

    notifications: list[PlannedNotification] = field(default_factory=list)
    tasks: list[PlannedTask] = field(default_factory=list)

    @property
    def states(self) -> list[StateCode]:
        """List the addressee States in the order of the report."""
        return [StateCode(n.addressee.code) for n in self.notifications if n.addressee.kind is AddresseeKind.STATE]


@dataclass(frozen=True, slots=True)
class Directory:
    """The contacts that routing may need, read from the registry of contacts beforehand."""

    of_state: Mapping[StateCode, Sequence[Contact]]
    of_organization: Mapping[str, Sequence[Contact]]
    secretariat: Sequence[Contact]


def addressed_states(report: Report) -> dict[StateCode, tuple[str, Sentence]]:
    """List the States to be told with their status and the reason (Article 17(1)); never the reporting State.

    A presumed State of origin (and a State of release) that did not file is told too, as named, never as responsible.
    """
    told: dict[StateCode, tuple[str, Sentence]] = {}
    for affected in report.affected_states or ():
        if affected.state != report.reporting_state:
            reason = Sentence(_STATUS_REASONS[affected.status], {"state": affected.state})
            told[StateCode(affected.state)] = (affected.status, reason)
    for code in _named_as_origin(report):
        if code in told:
            status, _ = told[code]
            told[code] = (status, Sentence(_ALSO_ORIGIN[status], {"state": code}))
        elif code != report.reporting_state:
            reason = Sentence(
                "{state} is named as presumed origin; it is asked to confirm or correct.", {"state": code}
            )
            told[code] = ("presumed_origin", reason)
    return told


_STATUS_REASONS = {
    "affected": N_("{state} is named in the report as affected."),
    "potentially_affected": N_("{state} is named in the report as potentially affected."),
    "transit": N_("{state} is named in the report as a State of transit."),
}


_ALSO_ORIGIN = {
    "affected": N_(
        "{state} is named in the report as affected, and as presumed origin; it is asked to confirm or correct."
    ),
    "potentially_affected": N_(
        "{state} is named in the report as potentially affected, and as presumed origin; "
        "it is asked to confirm or correct."
    ),
    "transit": N_(
        "{state} is named in the report as a State of transit, and as presumed origin; "
        "it is asked to confirm or correct."
    ),
}


def is_also_origin(reason: Sentence) -> bool:
    """Tell whether this reason names its State as presumed origin besides its other standing."""
    return reason.text in _ALSO_ORIGIN.values()


def _named_as_origin(report: Report) -> list[StateCode]:
    named = [report.origin.state if report.origin else None, report.release.state if report.release else None]
    return [StateCode(code) for code in dict.fromkeys(named) if code and code != "unknown"]


def plan_routes(report: Report, severity: Severity, directory: Directory, registry: Registry) -> Plan:
    """Plan who is told of an initial report, in the order: States, BCH, organizations."""
    plan = Plan()
    for code, (status, reason) in addressed_states(report).items():
        if registry.is_state(code):
            _plan_state(plan, code, status, reason, severity, directory)
        else:
            _leave_by_hand(plan, code, N_("{state} is named as presumed origin but is not in the list of addressees."))
    if report.affected_states_determined is False:
        text = N_("The list of affected States may be incomplete; please help {state} to determine them.")
        plan.tasks.append(
            PlannedTask(
                TaskKind.UNDETERMINED_STATES, SECRETARIAT, None, Sentence(text, {"state": report.reporting_state})
            )
        )
    if tells_the_bch(report):
        _plan_bch(plan, report, directory)
    for organization in report.organizations or ():
        _plan_organization(plan, organization, directory)
    _name_unconfirmed_contacts(plan)
    return plan


def _name_unconfirmed_contacts(plan: Plan) -> None:
    told = {route.contact.id: route.contact for planned in plan.notifications for route in planned.routes}
    unconfirmed = [f"{c.office} ({c.state or c.organization})" for c in told.values() if never_confirmed(c) and c.state]
    if unconfirmed:
        text = N_("These contacts were told but have never been confirmed; please verify them: {contacts}.")
        sentence = Sentence(text, {"contacts": "; ".join(unconfirmed)})
        plan.tasks.append(PlannedTask(TaskKind.UNCONFIRMED_CONTACT, SECRETARIAT, None, sentence))


def additions(whole: Plan, told: Collection[Addressee]) -> Plan:
    """Take of the plan of a later report what is new: addressees that were not told yet, and what is left by hand."""
    fresh = Plan(notifications=[planned for planned in whole.notifications if planned.addressee not in told])
    fresh.tasks += [task for task in whole.tasks if task.kind is not TaskKind.UNCONFIRMED_CONTACT]
    _name_unconfirmed_contacts(fresh)
    return fresh


def tells_the_bch(report: Report) -> bool:
    """Tell whether the Clearing-House is an addressee: not for voluntary information, never for an exercise."""
    return report.notification_class != NotificationClass.INFORMATION and report.status != "exercise"


def _plan_state(
    plan: Plan, code: StateCode, status: str, reason: Sentence, severity: Severity, directory: Directory
) -> None:
    contacts = directory.of_state.get(code, ())
    selection = contacts_for(contacts, everyone=severity is Severity.CRITICAL)
    in_place: set[str] = set()  # who is told in place of a designated contact
    if selection.fallback:
        in_place = {contact.id for contact in selection.contacts if contact.role is selection.role}
    routes = routes_of(selection.contacts, lambda c: _route_reason(code, c, fallback=c.id in in_place))
    if not routes:
        _leave_by_hand(plan, code, N_("{state} has no contact in the registry; please reach it by hand."))
    plan.notifications.append(PlannedNotification(Addressee(AddresseeKind.STATE, code), status, reason, tuple(routes)))


def _leave_by_hand(plan: Plan, code: StateCode, text: str) -> None:
    plan.tasks.append(PlannedTask(TaskKind.NO_CONTACT, SECRETARIAT, code, Sentence(text, {"state": code})))


def routes_to(contact: Contact, roles: Sequence[ContactRole], reason: Sentence) -> list[Route]:
    """Give a contact's routes: always e-mail, and its webhook in parallel once it has proved control of it."""
    routes = [Route(contact, tuple(roles), ChannelName.EMAIL, reason)]
    if contact.webhook is not None and contact.webhook.verified:
        routes.append(Route(contact, tuple(roles), ChannelName.WEBHOOK, reason))
    return routes


def routes_of(contacts: Iterable[Contact], reason: Callable[[Contact], Sentence]) -> list[Route]:
    """Give the routes of several contacts: one address in several roles gets one mail that names them all."""
    listed = list(contacts)
    merged = merge_same_address(listed)
    mailed = [route for contact, roles in merged for route in routes_to(contact, roles, reason(contact))]
    first = {contact.id for contact, _ in merged}
    others = [c for c in listed if c.id not in first]
    return mailed + [
        route for c in others for route in routes_to(c, (c.role,), reason(c)) if route.channel is ChannelName.WEBHOOK
    ]


_ROLE_REASONS = {
    ContactRole.ARTICLE_17_CONTACT: N_("{state}: {office} is a designated Article 17 contact."),
    ContactRole.NATIONAL_FOCAL_POINT: N_("{state}: {office} is its national focal point."),
    ContactRole.COMPETENT_NATIONAL_AUTHORITY: N_("{state}: {office} is a competent national authority."),
    ContactRole.BCH_FOCAL_POINT: N_("{state}: {office} is its BCH focal point."),
    ContactRole.ORGANIZATION: N_("{state}: {office} is its contact."),
    ContactRole.SECRETARIAT: N_("{office} is told for the secretariat, as keeper of the Biosafety Clearing-House."),
}
_FALLBACK_REASONS = {
    ContactRole.NATIONAL_FOCAL_POINT: N_(
        "{state}: no Article 17 contact is designated; {office} is its national focal point."
    ),
    ContactRole.COMPETENT_NATIONAL_AUTHORITY: N_(
        "{state}: no Article 17 contact and no national focal point is designated; {office} is its competent authority."
    ),
    ContactRole.BCH_FOCAL_POINT: N_(
        "{state}: no Article 17 contact, focal point or competent authority; {office} is its BCH focal point."
    ),
}


def _route_reason(code: StateCode, contact: Contact, *, fallback: bool) -> Sentence:
    reasons = _FALLBACK_REASONS if fallback and contact.role in _FALLBACK_REASONS else _ROLE_REASONS
    return Sentence(reasons[contact.role], {"state": code, "office": contact.office})


def step_reason(code: str, contact: Contact) -> Sentence:
    """Say why a contact of an addressee is told by a later step of the ladder."""
    return _route_reason(StateCode(contact.state or code), contact, fallback=False)


def _plan_bch(plan: Plan, report: Report, directory: Directory) -> None:
    state = StateCode(report.reporting_state or "")
    focal_points = [c for c in directory.of_state.get(state, ()) if c.role is ContactRole.BCH_FOCAL_POINT]
    if not focal_points:
        text = N_("{state} has no BCH focal point in the registry; its record for the BCH has no one to clear it.")
        plan.tasks.append(PlannedTask(TaskKind.BCH_NOT_TOLD, SECRETARIAT, state, Sentence(text, {"state": state})))
    text = N_("{office} is the BCH focal point of {state} and clears its record.")
    routes = routes_of(focal_points, lambda c: Sentence(text, {"office": c.office, "state": state}))
    keeper = Sentence("The secretariat is told as keeper of the Biosafety Clearing-House.")
    routes += routes_of(directory.secretariat, lambda _: keeper)
    reason = Sentence("Article 17(1) names the Biosafety Clearing-House as an addressee.")
    plan.notifications.append(PlannedNotification(BCH, "bch", reason, tuple(routes)))


def _plan_organization(plan: Plan, organization: str, directory: Directory) -> None:
    contacts = directory.of_organization.get(organization, ())
    reason = Sentence("{organization} was chosen by the reporting State.", {"organization": organization})
    routes = routes_of(contacts, lambda _: reason)
    if not routes:
        text = N_("{organization} has no contact in the registry; please tell it by hand.")
        plan.tasks.append(
            PlannedTask(TaskKind.NO_CONTACT, SECRETARIAT, None, Sentence(text, {"organization": organization}))
        )
    plan.notifications.append(
        PlannedNotification(Addressee(AddresseeKind.ORGANIZATION, organization), "organization", reason, tuple(routes))
    )
