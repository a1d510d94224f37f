"""What the official rules say of a document, and what is handed out."""

from dataclasses import dataclass

FATAL, WARNING = "fatal", "warning"


@dataclass(frozen=True)
class Finding:
    """A rule that a document breaks."""

    rule: str
    """Its id, such as BR-CO-15."""
    flag: str
    text: str
    """The rule's own words, in English."""
    location: str
    """Where in the document, as XPath."""

    @property
    def is_fatal(self) -> bool:
        """Whether a receiver refuses the document for it."""
        return self.flag != WARNING
