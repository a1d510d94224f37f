"""Countries and VAT rates that the sandbox's companies start with.

Rates in percent: the standard rate first, then the reduced ones. They are test data
(rates of late 2025), no source for the product.
"""

EU: dict[str, tuple[str, str, str]] = {
    "AT": ("Oostenrijk", "Austria", "20 13 10"),
    "BE": ("België", "Belgium", "21 12 6"),
    "BG": ("Bulgarije", "Bulgaria", "20 9"),
    "CY": ("Cyprus", "Cyprus", "19 9 5 3"),
    "CZ": ("Tsjechië", "Czechia", "21 12"),
    "DE": ("Duitsland", "Germany", "19 7"),
    "DK": ("Denemarken", "Denmark", "25"),
    "EE": ("Estland", "Estonia", "24 13 9"),
    "ES": ("Spanje", "Spain", "21 10 4"),
    "FI": ("Finland", "Finland", "25.5 14 10"),
    "FR": ("Frankrijk", "France", "20 10 5.5 2.1"),
    "GR": ("Griekenland", "Greece", "24 13 6"),
    "HR": ("Kroatië", "Croatia", "25 13 5"),
    "HU": ("Hongarije", "Hungary", "27 18 5"),
    "IE": ("Ierland", "Ireland", "23 13.5 9 4.8"),
    "IT": ("Italië", "Italy", "22 10 5 4"),
    "LT": ("Litouwen", "Lithuania", "21 9 5"),
    "LU": ("Luxemburg", "Luxembourg", "17 14 8 3"),
    "LV": ("Letland", "Latvia", "21 12 5"),
    "MT": ("Malta", "Malta", "18 7 5"),
    "NL": ("Nederland", "Netherlands", "21 9"),
    "PL": ("Polen", "Poland", "23 8 5"),
    "PT": ("Portugal", "Portugal", "23 13 6"),
    "RO": ("Roemenië", "Romania", "21 11"),
    "SE": ("Zweden", "Sweden", "25 12 6"),
    "SI": ("Slovenië", "Slovenia", "22 9.5 5"),
    "SK": ("Slowakije", "Slovakia", "23 19 5"),
}

ELSEWHERE: dict[str, tuple[str, str]] = {
    "AE": ("Verenigde Arabische Emiraten", "United Arab Emirates"),
    "AU": ("Australië", "Australia"),
    "BR": ("Brazilië", "Brazil"),
    "CA": ("Canada", "Canada"),
    "CH": ("Zwitserland", "Switzerland"),
    "CN": ("China", "China"),
    "CW": ("Curaçao", "Curaçao"),
    "GB": ("Verenigd Koninkrijk", "United Kingdom"),
    "HK": ("Hongkong", "Hong Kong"),
    "IL": ("Israël", "Israel"),
    "IN": ("India", "India"),
    "IS": ("IJsland", "Iceland"),
    "JP": ("Japan", "Japan"),
    "KR": ("Zuid-Korea", "South Korea"),
    "LI": ("Liechtenstein", "Liechtenstein"),
    "MC": ("Monaco", "Monaco"),
    "MX": ("Mexico", "Mexico"),
    "NO": ("Noorwegen", "Norway"),
    "NZ": ("Nieuw-Zeeland", "New Zealand"),
    "RS": ("Servië", "Serbia"),
    "SA": ("Saoedi-Arabië", "Saudi Arabia"),
    "SG": ("Singapore", "Singapore"),
    "SR": ("Suriname", "Suriname"),
    "TH": ("Thailand", "Thailand"),
    "TR": ("Turkije", "Turkey"),
    "UA": ("Oekraïne", "Ukraine"),
    "US": ("Verenigde Staten", "United States"),
    "ZA": ("Zuid-Afrika", "South Africa"),
}

CURRENCIES = ("EUR", "USD", "GBP", "SEK", "NOK", "DKK", "CHF", "PLN")
