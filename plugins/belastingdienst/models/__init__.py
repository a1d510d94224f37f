"""Own tables: who files, what declarations are made of, and their filing."""

from plugins.belastingdienst.models.administration import (
    Administration,
    Certificate,
    FilingProfile,
)
from plugins.belastingdienst.models.figures import Entry, PeriodFigures
from plugins.belastingdienst.models.filing import Evidence, Filing, FilingEvent
from plugins.belastingdienst.models.taxpayer import Answer, Taxpayer

MODELS = (
    Administration,
    Certificate,
    FilingProfile,
    PeriodFigures,
    Entry,
    Filing,
    FilingEvent,
    Evidence,
    Taxpayer,
    Answer,
)

__all__ = [
    "MODELS",
    "Administration",
    "Answer",
    "Certificate",
    "Entry",
    "Evidence",
    "Filing",
    "FilingEvent",
    "FilingProfile",
    "PeriodFigures",
    "Taxpayer",
]
