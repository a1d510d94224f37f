"""DigitaleFactuur."""
