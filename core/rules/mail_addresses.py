"""E-mail addresses as every mail server takes them. Pure.

A domain in its own script goes in its ASCII form (RFC 5890, IDNA 2008); what stands
before the @ has no such form, and few servers take it otherwise than in ASCII (RFC
6531). An address is stored and shown as it was written.
"""


def ascii_form(address: str) -> str:
    """Return an address with its domain in ASCII; ValueError where it has no such form.

    Nothing else about it is judged.
    """
    if address.isascii():
        return address
    import idna  # its tables are for the few

    local, _, domain = address.rpartition("@")
    if not local.isascii():
        raise ValueError(f"{len(local)} characters before the @ are not all ASCII")
    return f"{local}@{idna.encode(domain, uts46=True).decode('ascii')}"


def written_form(address: str | None) -> str | None:
    """Return an address with its domain in its own script, as a person writes it.

    A browser posts the ASCII form of what was typed (HTML, `type=email`). What is no
    such form stays as it is.
    """
    local, at, domain = (address or "").rpartition("@")
    if "xn--" not in domain.lower():
        return address
    import idna  # its tables are for the few

    try:
        return f"{local}{at}{idna.decode(domain)}"
    except idna.IDNAError:
        return address
