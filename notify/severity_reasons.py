"""Holds the sentences that give the reason of a handling priority, each a message id of its own."""

from __future__ import annotations

CRITICAL_SEVERE = (
    "Critical, because the LMO is not fully contained (containment: {containment}), a crossing has occurred or must be"
    " expected (crossing: {crossing}) and the consequence may be severe (consequence: {consequence});"
    " handling priority, computed, not a finding on risk."
)
CRITICAL_GENE_DRIVE = (
    "Critical, because an LMO with a gene drive is not fully contained (containment: {containment}) and a crossing is"
    " not unlikely (crossing: {crossing}); handling priority, computed, not a finding on risk."
)
HIGH_MODERATE = (
    "High, because the LMO is not fully contained (containment: {containment}), a crossing has occurred or must be"
    " expected (crossing: {crossing}) and the consequence is taken as moderate (consequence: {consequence});"
    " handling priority, computed, not a finding on risk."
)
HIGH_SEVERE = (
    "High, because the LMO is not fully contained (containment: {containment}) and the consequence may be severe"
    " (consequence: {consequence}), though no crossing must be expected yet (crossing: {crossing});"
    " handling priority, computed, not a finding on risk."
)
HIGH_SELF_SUSTAINING = (
    "High, because the LMO is not fully contained (containment: {containment}), a crossing has occurred or must be"
    " expected (crossing: {crossing}), and the LMO may sustain itself (self-sustaining: {self_sustaining}) where there"
    " is a sensitive receptor (sensitive receptor: {sensitive_receptor});"
    " handling priority, computed, not a finding on risk."
)
HIGH_CONTAINED = (
    "High, because a crossing has occurred or must be expected (crossing: {crossing}) and the consequence may be"
    " severe (consequence: {consequence}), although the LMO is fully contained;"
    " handling priority, computed, not a finding on risk."
)
LOW_CONTAINED = (
    "Low, because the LMO is fully contained, and no crossing must be expected or the consequence is minor"
    " (crossing: {crossing}, consequence: {consequence}); handling priority, computed, not a finding on risk."
)
LOW_UNLIKELY = (
    "Low, because a crossing is unlikely, the consequence is minor, the LMO does not sustain itself and there is no"
    " sensitive receptor (sensitive receptor: {sensitive_receptor});"
    " handling priority, computed, not a finding on risk."
)
MODERATE = (
    "Moderate, because the inputs fit neither a higher nor the lowest priority (crossing: {crossing}, consequence:"
    " {consequence}, containment: {containment}, self-sustaining: {self_sustaining}, sensitive receptor:"
    " {sensitive_receptor}); handling priority, computed, not a finding on risk."
)
LIFT = (
    "High, because the LMO is authorised nowhere and its consequence or its capacity to sustain itself is unknown"
    " (consequence: {consequence}, self-sustaining: {self_sustaining}); with an authorisation it would be {before};"
    " handling priority, computed, not a finding on risk."
)
# The authorisation itself is not said to readers from whom the filer keeps it.
CONFIDENTIAL_LIFT = (
    "High, because of a fact given in confidence, while the consequence or the capacity of the LMO to sustain itself"
    " is unknown (consequence: {consequence}, self-sustaining: {self_sustaining});"
    " handling priority, computed, not a finding on risk."
)
FLOOR_ARTICLE_17 = (
    "High, because a notification under Article 17 is never below high; the inputs alone give {before} (crossing:"
    " {crossing}, consequence: {consequence}, containment: {containment});"
    " handling priority, computed, not a finding on risk."
)
FLOOR_PRELIMINARY = (
    "Moderate, because a preliminary notification is never below moderate; the inputs alone give {before} (crossing:"
    " {crossing}, consequence: {consequence}, containment: {containment});"
    " handling priority, computed, not a finding on risk."
)
LOW_INFORMATION = (
    "Low, because the report is given for information, below the threshold of Article 17; the inputs alone give"
    " {before} (crossing: {crossing}, consequence: {consequence}, containment: {containment});"
    " handling priority, computed, not a finding on risk."
)
OVERRIDE = (
    "Set to {level} by the reporting State, which wrote: “{reason}” The computed handling priority is {computed};"
    " neither is a finding on risk."
)
LOOK_AGAIN = (
    "The report is given for information, but its computed handling priority is {computed};"
    " please look at the class of the notification again."
)

REASONS = (
    CRITICAL_SEVERE,
    CRITICAL_GENE_DRIVE,
    HIGH_MODERATE,
    HIGH_SEVERE,
    HIGH_SELF_SUSTAINING,
    HIGH_CONTAINED,
    LOW_CONTAINED,
    LOW_UNLIKELY,
    MODERATE,
    LIFT,
    CONFIDENTIAL_LIFT,
    FLOOR_ARTICLE_17,
    FLOOR_PRELIMINARY,
    LOW_INFORMATION,
    OVERRIDE,
    LOOK_AGAIN,
)
