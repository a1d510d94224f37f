"""Which passwords are good enough (NIST SP 800-63B, 3.1.1.2: length, not known)."""

SHORTEST = 12
_KNOWN = """
123456789012 1234567890123 12345678901234 123456789abc 111111111111 000000000000
121212121212 123123123123 112233445566 123412341234 123456123456 987654321098
aaaaaaaaaaaa abcabcabcabc abcdefghijkl abcdefghijklm abcd12345678 abc123abc123
qwertyuiopas qwertyuiop12 qwertyuiop123 qwerty123456 qwerty12345678 azertyuiopqs
azerty123456 asdfghjkl123 1q2w3e4r5t6y 1qaz2wsx3edc qazwsxedcrfv zaq12wsxcde3
password1234 password12345 password123456 passwordpassword mypassword123
wachtwoord12 wachtwoord123 wachtwoord1234 wachtwoordwachtwoord mijnwachtwoord
geheimgeheim geheim123456 welkom123456 welkomwelkom welkom12345678 welcome12345
welcome123456 letmeinletmein letmein12345 iloveyou1234 iloveyouiloveyou
administrator admin1234567 admin12345678 adminadminadmin koppelwerk12
koppelwerk123 koppelwerk1234 koppelwerkkoppelwerk webwinkel123 webwinkel1234
boekhouding1 boekhouding12 boekhouding123 amsterdam123 amsterdam1234
rotterdam123 feyenoord123 nederland123 vlaanderen12 belgie123456 zomer2024zomer
zomer2025zomer zomer2026zomer winter2025winter winter2026winter changemechangeme
changeme1234 superman1234 computer1234 football1234 voetbal12345
"""
_COMMON = frozenset(_KNOWN.split())


def problem(password: str, email: str) -> str:
    """Return the code of what is wrong with a new password; empty when it is good."""
    if len(password) < SHORTEST:
        return "password_short"
    plain = password.strip().lower()
    if plain in (email.lower(), email.lower().partition("@")[0]):
        return "password_is_email"
    if plain in _COMMON or len(set(plain)) < 4:
        return "password_common"
    return ""
