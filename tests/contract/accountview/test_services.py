"""The checks of the activation wizard against the shape of our own sandbox."""

import pytest

from core.domain.errors import AskUser, RetryLater
from plugins.accountview.services import Licence, VismaServices
from plugins.accountview.texts import TEXTS
from tests.contract.accountview.conftest import World

TEXT = """Licentie AccountView
Serienummer: 123456
Editie: AccountView Business
Versie: 9.8a
Modules: AutoReport-koppeling, Facturering
"""
EMAIL = "beheer@example.com"


@pytest.fixture
def services(world: World) -> VismaServices:
    return VismaServices(f"{world.url}/services/")


def confirmed(world: World, services: VismaServices) -> None:
    services.make_administrator(EMAIL, "Ada", "Beheer")
    world.control("confirm", {"email": EMAIL})


def test_it_refuses_to_start_without_an_address() -> None:
    with pytest.raises(AskUser, match="visma_services_not_configured"):
        VismaServices("")


def test_a_licence_needs_text_and_terms(services: VismaServices) -> None:
    licence = services.activate_licence(TEXT, terms_accepted=True)
    assert (licence.serial, licence.edition) == ("123456", "AccountView Business")
    for text, terms, code in (
        (TEXT, False, "visma_service_refused"),
        ("Serienummer: 1", True, "licence_unreadable"),
        ("", True, "visma_service_refused"),
    ):
        with pytest.raises(AskUser, match=code):
            services.activate_licence(text, terms_accepted=terms)


@pytest.mark.parametrize(
    ("edition", "version", "modules", "problems"),
    [
        ("AccountView Business", "9.8", ("AutoReport-koppeling",), []),
        ("Team", "9.8a", ("AutoReport-koppeling",), []),
        ("Team", "10.1", ("AutoReport-koppeling",), []),
        ("AccountView Solo", "9.8", ("AutoReport-koppeling",), ["licence_edition"]),
        ("Team", "9.7", ("AutoReport-koppeling",), ["licence_version"]),
        ("Team", "9.8", (), ["licence_module"]),
        ("", "", (), ["licence_edition", "licence_version", "licence_module"]),
    ],
)
def test_the_requirements_are_the_manuals(
    edition: str, version: str, modules: tuple[str, ...], problems: list[str]
) -> None:
    found = Licence("1", edition, version, modules).problems
    assert found == problems
    assert set(found) <= set(TEXTS)


def test_the_communication_service_is_reached_on_its_server(
    services: VismaServices,
) -> None:
    assert services.is_communication_active("localhost")
    assert not services.is_communication_active("elders")


def test_the_administrator_follows_his_mail(
    world: World, services: VismaServices
) -> None:
    services.make_administrator(EMAIL, "Ada", "Beheer")
    assert not services.is_administrator_confirmed(EMAIL)
    services.make_administrator(EMAIL, "Ada", "Beheer")
    world.control("confirm", {"email": EMAIL})
    assert services.is_administrator_confirmed(EMAIL)
    assert len(world.ledger("mail")) == 1
    with pytest.raises(AskUser):
        services.is_administrator_confirmed("niemand@example.com")


@pytest.mark.parametrize(
    ("change", "failure"),
    [
        ({"gateway_installed": False}, "gateway_not_installed"),
        ({"gateway_running": False}, "gateway_not_running"),
        ({"gateway_connects": False}, "gateway_no_connection"),
        ({"gateway_local_only": True}, "gateway_local_only"),
    ],
)
def test_the_gateway_says_what_fails(
    world: World, services: VismaServices, change: dict[str, bool], failure: str
) -> None:
    confirmed(world, services)
    assert services.gateway_failures(EMAIL, "demo") == []
    world.control("services", change)
    assert services.gateway_failures(EMAIL, "demo") == [failure]
    both = services.gateway_failures(EMAIL, "fout")
    assert both == [failure, "credentials_refused"]
    assert set(both) <= set(TEXTS)


def test_authorising_may_link_single_sign_on(
    world: World, services: VismaServices
) -> None:
    confirmed(world, services)
    assert not services.authorise(EMAIL, "demo")
    assert services.authorise(EMAIL, "demo", "Ada", "Beheer")
    for password, first, last in (("fout", "", ""), ("demo", "Ada", "")):
        with pytest.raises(AskUser, match="visma_service_refused"):
            services.authorise(EMAIL, password, first, last)


def test_a_password_stands_in_no_exchange(
    world: World, services: VismaServices
) -> None:
    confirmed(world, services)
    services.gateway_failures(EMAIL, "heel-geheim-woord")
    assert "heel-geheim-woord" not in services.http.last_exchange


def test_undertakings_are_registered_once_and_without_a_year(
    services: VismaServices,
) -> None:
    made = services.register_company("DEMO", "Demo Handel")
    assert services.register_company("DEMO", "Demo Handel") == made
    assert services.registered_companies() == [made]
    for code, description in (("DEMO2026", "Demo"), ("DEMO", "Demo 2026"), ("", "x")):
        with pytest.raises(AskUser, match="visma_service_refused"):
            services.register_company(code, description)


def test_half_an_answer_is_asked_again(world: World, services: VismaServices) -> None:
    world.fault("status", status=200, body={"server": "x"}, path="services")
    with pytest.raises(RetryLater, match="remote_nonsense"):
        services.is_communication_active("localhost")
