"""Attachments and their links to vouchers.

The contract names the signs a file name may have; the sandbox takes it at its word,
so that a dot or a space is refused. It fetches nothing from outside: `Url` is refused.
Of the documents that may be linked it has vouchers only.
"""

import base64
import binascii
import re
from hashlib import sha256

from flask import Response

from core.kit.sandbox.app import json_response
from plugins.eaccounting.sandbox import errors
from plugins.eaccounting.sandbox.access import endpoint
from plugins.eaccounting.sandbox.errors import ApiError, invalid
from plugins.eaccounting.sandbox.fields import Body
from plugins.eaccounting.sandbox.pages import listing
from plugins.eaccounting.sandbox.requests_in import existing, json_body, switch
from plugins.eaccounting.sandbox.shapes_ledger import (
    ATTACHMENT,
    ATTACHMENT_LINK,
    ATTACHMENT_UPLOAD,
)
from plugins.eaccounting.sandbox.world import Company, new_id, record, utc_text

NAME = "attachments"
_TYPES = ("image/jpeg", "image/png", "image/tiff", "application/pdf")
_FILE_NAME = re.compile(r"[A-Za-z0-9_()-]+")
_VOUCHER = 3
_MATCHED, _UNMATCHED = 0, 1
_DOCUMENT, _INTEGRATION = 2, 105


def _data(body: Body) -> bytes:
    if body["Url"] or not body["Data"]:
        raise invalid("Data", "is required; the sandbox fetches no Url")
    try:
        return base64.b64decode(body["Data"], validate=True)
    except binascii.Error as error:
        raise invalid("Data", "is not base64") from error


@endpoint("/attachments", NAME)
def attachments(company: Company) -> Response:
    """List the attachments; `includeMatched=false` leaves out what is linked."""
    matched = switch("includeMatched", True)
    switch("includeTemporaryUrl", True)
    items = [
        item
        for item in company.table(NAME).all()
        if matched or item["AttachmentStatus"] == _UNMATCHED
    ]
    return listing(items, NAME, ATTACHMENT)


@endpoint("/attachments/<key>", NAME)
def attachment(company: Company, key: str) -> Response:
    """Answer one attachment; an unknown id is a 400."""
    return json_response(existing(company, NAME, key, "attachmentId"))


@endpoint("/attachments", NAME, "POST")
def add_attachment(company: Company) -> Response:
    """Take a file; it stays unmatched until it is linked."""
    body = ATTACHMENT_UPLOAD.check(json_body())
    if body["ContentType"] not in _TYPES:
        raise invalid("ContentType", f"must be one of {', '.join(_TYPES)}")
    if not _FILE_NAME.fullmatch(body["FileName"]):
        raise invalid("FileName", "may hold letters, numbers and - _ ( ) only")
    data = _data(body)
    saved = ATTACHMENT.blank() | {
        "Id": new_id(),
        "ContentType": body["ContentType"],
        "FileName": body["FileName"],
        "Comment": body["Comment"],
        "DocumentId": None,
        "AttachedDocumentType": 0,
        "AttachmentStatus": _UNMATCHED,
        "Type": _DOCUMENT,
        "PhotoSource": _INTEGRATION,
        "ImageDate": utc_text(),
    }
    company.table(NAME).save(saved)
    record(company, "attachment", "create", saved,
           sha256=sha256(data).hexdigest(), size=len(data))  # fmt: skip
    return json_response(saved, 201)


@endpoint("/attachments/<key>", NAME, "DELETE")
def remove_attachment(company: Company, key: str) -> Response:
    """Remove an attachment that is not linked (else 4001)."""
    found = existing(company, NAME, key, "attachmentId")
    if found["AttachmentStatus"] == _MATCHED:
        raise ApiError(errors.CANNOT_DELETE, "The attachment is linked")
    company.table(NAME).drop(found)
    record(company, "attachment", "delete", found)
    return Response(status=200)


@endpoint("/attachmentlinks", NAME, "POST")
def add_link(company: Company) -> Response:
    """Link attachments to a voucher; one that is linked already is refused."""
    body = ATTACHMENT_LINK.check(json_body())
    if body["DocumentType"] != _VOUCHER:
        raise invalid("DocumentType", "the sandbox has vouchers (3) only")
    voucher = existing(company, "vouchers", body["DocumentId"] or "", "DocumentId")
    if not body["AttachmentIds"]:
        raise invalid("AttachmentIds", "is required")
    chosen = [
        existing(company, NAME, str(key), "AttachmentIds")
        for key in body["AttachmentIds"]
    ]
    if any(item["AttachmentStatus"] == _MATCHED for item in chosen):
        raise ApiError(errors.CONFLICT, "An attachment is linked already")
    for item in chosen:
        linked = item | {
            "DocumentId": voucher["Id"],
            "AttachedDocumentType": _VOUCHER,
            "AttachmentStatus": _MATCHED,
        }
        company.table(NAME).save(linked)
        record(company, "attachmentlink", "create", linked)
    return json_response(body)


@endpoint("/attachmentlinks/<key>", NAME, "DELETE")
def remove_link(company: Company, key: str) -> Response:
    """Take an attachment off its document."""
    found = existing(company, NAME, key, "attachmentId")
    freed = found | {
        "DocumentId": None,
        "AttachedDocumentType": 0,
        "AttachmentStatus": _UNMATCHED,
    }
    company.table(NAME).save(freed)
    record(company, "attachmentlink", "delete", freed)
    return Response(status=200)
