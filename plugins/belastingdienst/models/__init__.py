"""Own tables: who files, what declarations are made of, and their filing."""

from plugins.belastingdienst.models.administration import (
    Administration,
    Certificate,
    FilingProfile,
)
from plugins.belastingdienst.models.answer import Answer
from plugins.belastingdienst.models.change import FiledChange
from plugins.belastingdienst.models.figures import Entry, PeriodFigures
from plugins.belastingdienst.models.filing import Evidence, Filing, FilingEvent
from plugins.belastingdienst.models.icp import CallOffStock, IcpCorrection
from plugins.belastingdienst.models.oss import OssQuarter, OssRegister
from plugins.belastingdienst.models.reminder import Reminder
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
    FiledChange,
    IcpCorrection,
    CallOffStock,
    Reminder,
    OssRegister,
    OssQuarter,
)

__all__ = [
    "MODELS",
    "Administration",
    "Answer",
    "CallOffStock",
    "Certificate",
    "Entry",
    "Evidence",
    "FiledChange",
    "Filing",
    "FilingEvent",
    "FilingProfile",
    "IcpCorrection",
    "OssQuarter",
    "OssRegister",
    "PeriodFigures",
    "Reminder",
    "Taxpayer",
]
