"""The sandbox takes the vendor's samples and refuses what they do not show."""

import pytest

from tests.contract.digitalefactuur_sandbox.conftest import (
    CUSTOMER,
    INVOICE,
    PRODUCT,
    Vendor,
    sample,
)

DONE = "Verwerkt"


def test_it_takes_every_sample_of_what_we_use(vendor: Vendor) -> None:
    assert vendor.post("klant_aanmaken", sample("customer-create")) == DONE
    (customer,) = vendor.records("klanten")
    update = sample("customer-update", id=customer["id"])
    assert vendor.post("klant_updaten", update) == DONE
    assert vendor.post("factuur_aanmaken", sample("invoice-create")) == DONE
    (invoice,) = vendor.records("facturen")
    key = invoice["id"]
    changed = sample("invoice-update", id=key, klant_id=customer["id"])
    assert vendor.post("factuur_updaten", changed) == DONE
    for name in ("invoice-send-digital", "invoice-send-paper"):
        assert vendor.post("factuur_versturen", sample(name, id=key)) == DONE
    pay, undo = "factuur_betaling_verwerken", "factuur_betaling_ongedaan_maken"
    assert vendor.post(pay, sample("payment-partial-process", id=key)) == DONE
    assert vendor.post(pay, sample("payment-full-process", id=key)) == DONE
    assert vendor.records("facturen")[0]["betaalstatus"] == "betaald"
    assert vendor.post(undo, sample("payment-undo", id=key)) == DONE
    assert vendor.post("product_aanmaken", sample("product-create")) == DONE
    (product,) = vendor.records("producten")
    update = sample("product-update", id=product["id"])
    assert vendor.post("product_updaten", update) == DONE


def test_the_sample_read_works_and_removals_too(vendor: Vendor) -> None:
    vendor.post("factuur_aanmaken", INVOICE)
    vendor.post("product_aanmaken", PRODUCT)
    wanted = "facturen&page=1&order_column=factuurnummer&order_type=desc"
    (invoice,) = vendor.records(wanted)
    (customer,) = vendor.records("klanten")
    (product,) = vendor.records("producten")
    for name, argument, key in (
        ("factuur_verwijderen", "facturen_id", invoice["id"]),
        ("klant_verwijderen", "klanten_id", customer["id"]),
        ("product_verwijderen", "products_id", product["id"]),
    ):
        assert vendor.get(f"{name}&{argument}={key}") == "Verwijderd"
        assert vendor.get(f"{name}&{argument}={key}").startswith("404 ")


@pytest.mark.parametrize(
    "place", ["/api/9999/sandbox-toegangscode", "/api/4711/verkeerd"]
)
def test_unknown_account_and_wrong_code(vendor: Vendor, place: str) -> None:
    vendor.place = place
    assert vendor.get("klanten").startswith("401 ")
    assert vendor.post("klant_aanmaken", CUSTOMER).startswith("401 ")
    assert vendor.ledger("klant") == []


def test_a_revoked_code_no_longer_works(vendor: Vendor) -> None:
    assert vendor.records("klanten") == []
    vendor.control("revoke")
    assert vendor.get("klanten").startswith("401 ")


@pytest.mark.parametrize("action", ["klant", "klant_aanmaken", "offertes"])
def test_unknown_actions(vendor: Vendor, action: str) -> None:
    assert vendor.get(action).startswith("404 ")
    assert vendor.post("klanten", CUSTOMER).startswith("404 ")


@pytest.mark.parametrize(
    "xml",
    [
        None,
        "",
        "geen xml",
        "<klant><naam>x</klant>",
        "<factuur/>",
        "<!DOCTYPE klant [<!ENTITY x 'y'>]><klant><naam>&x;</naam></klant>",
    ],
)
def test_what_is_no_klant_is_unreadable(vendor: Vendor, xml: str | None) -> None:
    assert vendor.post("klant_aanmaken", xml).startswith("400 ")


@pytest.mark.parametrize(
    "fields",
    [
        "<naam>Jansen</naam>",
        "<type>debiteur</type>",
        "<type>klant</type><naam>Jansen</naam>",
        "<type>debiteur</type><naam></naam>",
        "<type>debiteur</type><naam>x</naam><land_code>NL</land_code>",
        "<type>debiteur</type><naam>x</naam><naam>y</naam>",
        "<type>debiteur</type><naam>x</naam><adres><straat>z</straat></adres>",
        f"<type>debiteur</type><naam>{'x' * 256}</naam>",
        "<type>debiteur</type><naam>x</naam><iban>NL00ABNA0417164300</iban>",
        "<type>debiteur</type><naam>x</naam><bic>X</bic>",
    ],
)
def test_a_customer_that_is_not_right(vendor: Vendor, fields: str) -> None:
    answer = vendor.post("klant_aanmaken", f"<klant>{fields}</klant>")
    assert answer.startswith("422 Veld ")
    assert vendor.records("klanten") == []


def test_numbers_are_given_by_range_and_once(vendor: Vendor) -> None:
    vendor.post("klant_aanmaken", CUSTOMER)
    vendor.post("klant_aanmaken", CUSTOMER)
    vendor.post("klant_aanmaken", CUSTOMER.replace("debiteur", "crediteur"))
    numbers = [one["relatienummer"] for one in vendor.records("klanten")]
    assert numbers == ["1001", "1002", "2001"]
    again = CUSTOMER.replace("<naam>", "<relatienummer>1001</relatienummer><naam>")
    assert vendor.post("klant_aanmaken", again).startswith("409 ")


def test_an_update_empties_what_it_leaves_out(vendor: Vendor) -> None:
    full = CUSTOMER.replace("<naam>", "<plaats>Leiden</plaats><naam>")
    vendor.post("klant_aanmaken", full)
    (made,) = vendor.records("klanten")
    assert made["plaats"] == "Leiden"
    update = CUSTOMER.replace("<type>", f"<id>{made['id']}</id><type>")
    assert vendor.post("klant_updaten", update) == DONE
    (changed,) = vendor.records("klanten")
    assert (changed["plaats"], changed["relatienummer"]) == ("", "1001")
    assert vendor.post("klant_updaten", CUSTOMER).startswith("422 ")
    unknown = CUSTOMER.replace("<type>", "<id>1</id><type>")
    assert vendor.post("klant_updaten", unknown).startswith("404 ")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("0.210", "21"),
        ("0.210", "0.2105"),
        ("0.210", "-0.21"),
        ("0.210", "0,21"),
        ("40.000", "40.0001"),
        ("40.000", "veertig"),
        ("1.00", "1.005"),
        ("02-06-2026", "2 juni"),
        ("02-06-2026", "31-02-2026"),
        ("<factuurdatum>02-06-2026</factuurdatum>", ""),
        ("<klant_email>a@example.nl</klant_email>", ""),
        (">email<", ">naam<"),
        ("<omschrijving>Hosting</omschrijving>", ""),
        ("<factuurdatum>", "<factuurnummer>F-1</factuurnummer><factuurdatum>"),
        ("<factuurdatum>", "<betaalstatus>half</betaalstatus><factuurdatum>"),
        ("<factuurdatum>", "<totaal>48.40</totaal><factuurdatum>"),
    ],
)
def test_an_invoice_that_is_not_right(vendor: Vendor, old: str, new: str) -> None:
    assert old in INVOICE
    answer = vendor.post("factuur_aanmaken", INVOICE.replace(old, new))
    assert answer.startswith("422 Veld ")
    assert vendor.records("facturen") == []


def test_an_invoice_needs_lines_and_a_customer_that_exists(vendor: Vendor) -> None:
    head = INVOICE.partition("<factuurregel>")[0]
    assert vendor.post("factuur_aanmaken", f"{head}</factuur>").startswith("422 ")
    stray = INVOICE.replace("<klant_naam>", "<klant_id>1</klant_id><klant_naam>")
    assert vendor.post("factuur_aanmaken", stray).startswith("404 ")


def test_an_invoice_number_is_used_once_with_its_prefix(vendor: Vendor) -> None:
    def numbered(prefix: str) -> str:
        number = (
            f"<factuurnummer_voorloop>{prefix}</factuurnummer_voorloop>"
            "<factuurnummer>12</factuurnummer>"
        )
        return INVOICE.replace("<factuurdatum>", f"{number}<factuurdatum>")

    assert vendor.post("factuur_aanmaken", numbered("2025-")) == DONE
    assert vendor.post("factuur_aanmaken", numbered("2026-")) == DONE
    assert vendor.post("factuur_aanmaken", numbered("2026-")).startswith("409 ")


def test_customers_of_invoices_are_matched_by_email_only_when_asked(
    vendor: Vendor,
) -> None:
    vendor.post("factuur_aanmaken", INVOICE)
    vendor.post("factuur_aanmaken", INVOICE)
    assert len(vendor.records("klanten")) == 1
    match = "<update_klanten_veld>email</update_klanten_veld>"
    vendor.post("factuur_aanmaken", INVOICE.replace(match, ""))
    assert len(vendor.records("klanten")) == 2


def test_dates_are_shown_in_both_forms_and_pages_end(vendor: Vendor) -> None:
    vendor.control("settings", {"page_size": 2})
    for _ in range(3):
        vendor.post("factuur_aanmaken", INVOICE)
    dates = [one["factuurdatum"] for page in (1, 2, 3)
             for one in vendor.records(f"facturen&page={page}")]  # fmt: skip
    assert sorted(dates) == ["02-06-2026", "02-06-2026", "2026-06-02"]
    assert vendor.get("facturen&page=0").startswith("422 ")
    assert vendor.get("facturen&order_column=totaal").startswith("422 ")


def test_line_vat_is_a_fraction_and_product_vat_a_percentage(vendor: Vendor) -> None:
    vendor.post("factuur_aanmaken", INVOICE)
    assert "<btw>0.210</btw>" in vendor.get("facturen")
    vendor.post("product_aanmaken", PRODUCT)
    assert vendor.records("producten")[0]["btw"] == "21"
    fraction = PRODUCT.replace(">21<", ">0.21<")
    assert vendor.post("product_aanmaken", fraction).startswith("422 ")


def test_payments_do_not_exceed_what_is_due(vendor: Vendor) -> None:
    vendor.post("factuur_aanmaken", INVOICE)
    key = vendor.records("facturen")[0]["id"]

    def pay(amount: str) -> str:
        part = f"<deelbetaling>1</deelbetaling><voldaan>{amount}</voldaan>"
        day = "<datum>2026-06-09</datum>"
        xml = f"<factuur><id>{key}</id>{part}{day}</factuur>"
        return vendor.post("factuur_betaling_verwerken", xml)

    assert pay("48.41").startswith("422 ")
    assert pay("0").startswith("422 ")
    assert pay("48.40") == DONE
    assert pay("1.00").startswith("422 ")


def test_a_sent_invoice_stays_as_it_is(vendor: Vendor) -> None:
    vendor.post("factuur_aanmaken", INVOICE)
    key = vendor.records("facturen")[0]["id"]
    send = sample("invoice-send-digital", id=key)
    assert vendor.post("factuur_versturen", send) == DONE
    update = INVOICE.replace("<klant_naam>", f"<id>{key}</id><klant_naam>")
    assert vendor.post("factuur_updaten", update).startswith("422 ")
    bad = send.replace("<ubl>nee</ubl>", "<ubl>misschien</ubl>")
    assert vendor.post("factuur_versturen", bad).startswith("422 ")


def test_faults_in_the_body_and_the_ledger(vendor: Vendor) -> None:
    vendor.control("faults", {"kind": "code", "code": "500", "times": 1})
    assert vendor.post("klant_aanmaken", CUSTOMER) == "500 Storing"
    assert vendor.ledger("klant") == []
    vendor.control("faults", {"kind": "code_after", "code": "503", "times": 1})
    assert vendor.post("klant_aanmaken", CUSTOMER) == "503 Storing"
    assert len(vendor.ledger("klant")) == 1


def test_what_a_user_types_in_is_not_checked(vendor: Vendor) -> None:
    key = vendor.control("customer", {"naam": "Jansen", "type": "debiteur"})["id"]
    vendor.control("customer", {"id": key, "plaats": "Gouda"})
    (made,) = vendor.records("klanten")
    assert (made["naam"], made["plaats"], made["relatienummer"]) == (
        "Jansen", "Gouda", "",
    )  # fmt: skip
