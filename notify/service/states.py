"""Lists the States that can be addressed, Parties or not, and the European Union."""

from __future__ import annotations

from typing import Any

from contacts.model import State
from notify.account import Account, Right, require
from notify.ports import Ports


def state_view(state: State) -> dict[str, Any]:
    """Show one State of the registry."""
    return {
        "state": state.state_code,
        "iso3": state.iso3,
        "name": state.name,
        "party": state.party,
        "region": state.region,
        "entry_into_force": state.entry_into_force.isoformat() if state.entry_into_force else None,
        "un_language": state.un_language,
        "time_zone": state.time_zone,
        "weekend": sorted(state.weekend),
    }


def list_states(account: Account, ports: Ports) -> dict[str, Any]:
    """List every State of the registry by its code."""
    require(account, Right.LIST_STATES)
    return {"states": [state_view(state) for state in ports.registry.states]}
