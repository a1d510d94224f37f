"""Who may open which company: two shops can try the product side by side."""

from plugins.eaccounting.sandbox import create_app, tokens


def test_a_new_shop_opens_its_own_company_only() -> None:
    app = create_app(":memory:")
    with app.app_context():
        own = tokens.companies_of("nieuw@example.com")
        every = tokens.companies_of("demo@example.com")
    assert [company.key for company in own.values()] == ["tweede"]
    assert len(every) == 4
