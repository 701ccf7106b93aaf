"""Holds the sentences that give the reason of a handling priority, each a message id of its own."""

from __future__ import annotations

from notify.sentence import N_

CRITICAL_SEVERE = N_(
    "Critical, because the LMO is not fully contained (containment: {containment}), a crossing has occurred or must be"
    " expected (crossing: {crossing}) and the consequence may be severe (consequence: {consequence});"
    " handling priority, computed, not a finding on risk."
)
CRITICAL_GENE_DRIVE = N_(
    "Critical, because an LMO with a gene drive is not fully contained (containment: {containment}) and a crossing is"
    " not unlikely (crossing: {crossing}); handling priority, computed, not a finding on risk."
)
HIGH_MODERATE = N_(
    "High, because the LMO is not fully contained (containment: {containment}), a crossing has occurred or must be"
    " expected (crossing: {crossing}) and the consequence is taken as moderate (consequence: {consequence});"
    " handling priority, computed, not a finding on risk."
)
HIGH_SEVERE = N_(
    "High, because the LMO is not fully contained (containment: {containment}) and the consequence may be severe"
    " (consequence: {consequence}), though no crossing must be expected yet (crossing: {crossing});"
    " handling priority, computed, not a finding on risk."
)
HIGH_SELF_SUSTAINING = N_(
    "High, because the LMO is not fully contained (containment: {containment}), a crossing has occurred or must be"
    " expected (crossing: {crossing}), and the LMO may sustain itself (self-sustaining: {self_sustaining}) where there"
    " is a sensitive receptor (sensitive receptor: {sensitive_receptor});"
    " handling priority, computed, not a finding on risk."
)
HIGH_CONTAINED = N_(
    "High, because a crossing has occurred or must be expected (crossing: {crossing}) and the consequence may be"
    " severe (consequence: {consequence}), although the LMO is fully contained;"
    " handling priority, computed, not a finding on risk."
)
LOW_CONTAINED = N_(
    "Low, because the LMO is fully contained, and no crossing must be expected or the consequence is minor"
    " (crossing: {crossing}, consequence: {consequence}); handling priority, computed, not a finding on risk."
)
LOW_UNLIKELY = N_(
    "Low, because a crossing is unlikely, the consequence is minor, the LMO does not sustain itself and there is no"
    " sensitive receptor (sensitive receptor: {sensitive_receptor});"
    " handling priority, computed, not a finding on risk."
)
MODERATE = N_(
    "Moderate, because the inputs fit neither a higher nor the lowest priority (crossing: {crossing}, consequence:"
    " {consequence}, containment: {containment}, self-sustaining: {self_sustaining}, sensitive receptor:"
    " {sensitive_receptor}); handling priority, computed, not a finding on risk."
)
LIFT = N_(
    "High, because the LMO is authorised nowhere and its consequence or its capacity to sustain itself is unknown"
    " (consequence: {consequence}, self-sustaining: {self_sustaining}); with an authorisation it would be {before};"
    " handling priority, computed, not a finding on risk."
)
# The authorisation itself is not said to readers from whom the filer keeps it.
CONFIDENTIAL_LIFT = N_(
    "High, because of a fact given in confidence, while the consequence or the capacity of the LMO to sustain itself"
    " is unknown (consequence: {consequence}, self-sustaining: {self_sustaining});"
    " handling priority, computed, not a finding on risk."
)
FLOOR_ARTICLE_17 = N_(
    "High, because a notification under Article 17 is never below high; the inputs alone give {before} (crossing:"
    " {crossing}, consequence: {consequence}, containment: {containment});"
    " handling priority, computed, not a finding on risk."
)
FLOOR_PRELIMINARY = N_(
    "Moderate, because a preliminary notification is never below moderate; the inputs alone give {before} (crossing:"
    " {crossing}, consequence: {consequence}, containment: {containment});"
    " handling priority, computed, not a finding on risk."
)
LOW_INFORMATION = N_(
    "Low, because the report is given for information, below the threshold of Article 17; the inputs alone give"
    " {before} (crossing: {crossing}, consequence: {consequence}, containment: {containment});"
    " handling priority, computed, not a finding on risk."
)
OVERRIDE = N_(
    "Set to {level} by the reporting State, which wrote: “{reason}” The computed handling priority is {computed};"
    " neither is a finding on risk."
)
LOOK_AGAIN = N_(
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
