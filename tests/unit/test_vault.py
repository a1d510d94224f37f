"""Encryption at rest: what was changed, moved or of another key does not open."""

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.runtime.vault import KEY_BYTES, Vault, VaultError, new_key, parse_keys

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
PLACE = "tenant:12/credential/7/secret"


@pytest.fixture
def vault() -> Vault:
    return Vault([("new", NEW), ("old", OLD)])


@given(plain=st.one_of(st.binary(), st.text()), place=st.text(max_size=40))
def test_what_is_sealed_opens_in_its_place(plain, place):
    vault = Vault([("k", NEW)])
    sealed = vault.seal(plain, context=place)
    expected = plain.encode() if isinstance(plain, str) else plain
    assert vault.open(sealed, context=place) == expected


def test_the_value_shows_its_key_and_nothing_else(vault):
    sealed = vault.seal("refresh-token", context=PLACE)
    assert sealed[:5] == b"\x01\x03new"
    assert b"refresh" not in sealed
    assert len(sealed) == 5 + 12 + len("refresh-token") + 16


def test_the_same_secret_never_looks_the_same(vault):
    assert len({vault.seal("x", context=PLACE) for _ in range(100)}) == 100


def test_every_changed_bit_is_refused(vault):
    """Version, key id, nonce (IV), ciphertext and tag alike."""
    sealed = vault.seal("geheim", context=PLACE)
    for at in range(len(sealed)):
        for bit in (1, 128):
            changed = bytearray(sealed)
            changed[at] ^= bit
            with pytest.raises(VaultError):
                vault.open(bytes(changed), context=PLACE)


def test_every_shortened_or_lengthened_value_is_refused(vault):
    sealed = vault.seal("geheim", context=PLACE)
    for length in range(len(sealed)):
        with pytest.raises(VaultError):
            vault.open(sealed[:length], context=PLACE)
    with pytest.raises(VaultError):
        vault.open(sealed + b"\0", context=PLACE)


def test_parts_of_two_values_do_not_mix(vault):
    first = vault.seal("een", context=PLACE)
    second = vault.seal("twee", context=PLACE)
    for mixed in (first[:17] + second[17:], first[:-16] + second[-16:]):
        with pytest.raises(VaultError):
            vault.open(mixed, context=PLACE)


@pytest.mark.parametrize(
    "place",
    ["tenant:13/credential/7/secret", "tenant:12/credential/8/secret", PLACE + "2", ""],
)
def test_copied_to_another_place_it_does_not_open(vault, place):
    sealed = vault.seal("geheim", context=PLACE)
    with pytest.raises(VaultError):
        vault.open(sealed, context=place)


def test_rotation(vault):
    before = Vault([("old", OLD)])
    sealed = before.seal("geheim", context=PLACE)
    assert not before.needs_reseal(sealed)

    assert vault.needs_reseal(sealed)
    again = vault.seal(vault.open(sealed, context=PLACE), context=PLACE)
    assert not vault.needs_reseal(again)

    after = Vault([("new", NEW)])
    assert after.open(again, context=PLACE) == b"geheim"
    with pytest.raises(VaultError):
        after.open(sealed, context=PLACE)


def test_a_key_under_anothers_name_does_not_open():
    sealed = Vault([("k", OLD)]).seal("geheim", context=PLACE)
    with pytest.raises(VaultError):
        Vault([("k", NEW)]).open(sealed, context=PLACE)


@pytest.mark.parametrize("garbage", [b"", b"\x01", b"\x01\x00", b"plain text " * 9])
def test_garbage_is_refused(vault, garbage):
    for use in (lambda: vault.open(garbage, context=PLACE), vault.needs_reseal):
        with pytest.raises(VaultError):
            use(garbage) if use == vault.needs_reseal else use()


def test_all_refusals_look_alike(vault):
    sealed = vault.seal("geheim", context=PLACE)
    texts = set()
    for value, place in [(sealed, "x"), (sealed[:-1], PLACE), (b"\x01\x01?", PLACE)]:
        with pytest.raises(VaultError) as caught:
            vault.open(value, context=place)
        texts.add(f"{caught.value} {vars(caught.value)} {caught.value.__cause__}")
    assert len(texts) == 1


@pytest.mark.parametrize(
    "keys",
    [
        [],
        [("k", b"short")],
        [("k", NEW + b"\0")],
        [("k", NEW[:16])],
        [("k", NEW), ("k", OLD)],
        [("", NEW)],
        [("a" * 33, NEW)],
        [("é", NEW)],
        [("a:b", NEW)],
    ],
)
def test_unusable_keys(keys):
    with pytest.raises(VaultError) as caught:
        Vault(keys)
    assert caught.value.code == "vault_keys_invalid"


def test_keys_as_a_setting():
    text = f" new:{b64encode(NEW).decode()} , old:{b64encode(OLD).decode()},"
    assert parse_keys(text) == [("new", NEW), ("old", OLD)]
    assert parse_keys("") == []


@pytest.mark.parametrize("text", ["k:%%%", "k:abc", "k:é"])
def test_a_setting_that_is_no_key_is_not_repeated(text):
    with pytest.raises(VaultError) as caught:
        parse_keys(text)
    assert str(caught.value) == "vault_keys_invalid()"
    assert caught.value.__suppress_context__


def test_a_setting_without_a_key():
    with pytest.raises(VaultError):
        Vault(parse_keys("only-a-name"))


def test_a_new_key_works_and_differs():
    (first,), (second,) = parse_keys(new_key()), parse_keys(new_key())
    assert len(first[1]) == KEY_BYTES
    assert first[0] != second[0]
    assert first[1] != second[1]
    vault = Vault([first, second])
    assert vault.open(vault.seal("x", context=PLACE), context=PLACE) == b"x"
