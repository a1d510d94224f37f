"""Own tables: who files, what declarations are made of, and their filing."""

from plugins.belastingdienst.models.administration import (
    Administration,
    Certificate,
    FilingProfile,
)
from plugins.belastingdienst.models.answer import Answer
from plugins.belastingdienst.models.figures import Entry, PeriodFigures
from plugins.belastingdienst.models.filing import Evidence, Filing, FilingEvent
from plugins.belastingdienst.models.oss import OssQuarter, OssRegister
from plugins.belastingdienst.models.taxpayer import Taxpayer

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
    OssRegister,
    OssQuarter,
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
    "OssQuarter",
    "OssRegister",
    "PeriodFigures",
    "Taxpayer",
]
