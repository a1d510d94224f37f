"""Own tables: the activation, what declarations are made of, and their filing."""

from plugins.accountview.models.activation import (
    Activation,
    Undertaking,
    VismaUser,
    VismaUserAccess,
)
from plugins.accountview.models.administration import (
    Administration,
    Certificate,
    FilingProfile,
)
from plugins.accountview.models.figures import Entry, PeriodFigures
from plugins.accountview.models.filing import Evidence, Filing, FilingEvent

MODELS = (
    Activation,
    Undertaking,
    VismaUser,
    VismaUserAccess,
    Administration,
    Certificate,
    FilingProfile,
    PeriodFigures,
    Entry,
    Filing,
    FilingEvent,
    Evidence,
)

__all__ = [
    "MODELS",
    "Activation",
    "Administration",
    "Certificate",
    "Entry",
    "Evidence",
    "Filing",
    "FilingEvent",
    "FilingProfile",
    "PeriodFigures",
    "Undertaking",
    "VismaUser",
    "VismaUserAccess",
]
