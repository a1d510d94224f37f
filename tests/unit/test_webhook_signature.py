"""Standard Webhooks: the vector of its own libraries, and two keys at once."""

from core.net import webhook_signature
from core.net.webhook_signature import headers, key_of, shown, sign

# The vector that the standard's reference libraries test with.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE, MOMENT = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330
PAYLOAD = '{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_reference_vector() -> None:
    assert sign(key_of(SECRET), MESSAGE, MOMENT, PAYLOAD) == SIGNATURE


def test_a_secret_is_written_as_receivers_read_it() -> None:
    assert shown(key_of(SECRET)) == SECRET


def test_two_keys_give_two_signatures_the_newest_first() -> None:
    new = bytes(webhook_signature.SECRET_BYTES)
    made = headers([new, key_of(SECRET)], MESSAGE, MOMENT, PAYLOAD)
    assert made["webhook-id"] == MESSAGE
    assert made["webhook-timestamp"] == "1614265330"
    first, second = made["webhook-signature"].split(" ")
    assert (first, second) == (sign(new, MESSAGE, MOMENT, PAYLOAD), SIGNATURE)
