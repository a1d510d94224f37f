"""The tables behind `core.rules.vatrates`: rates in percent by country and first day.

Standard rates from 2016: "EU standard VAT rates by date", data by duty27.com
(duty27-eu-vat), licence CC BY 4.0. Standard rates of 2010 to 2015 are general
knowledge: national law in force then, not read in a source that we keep.

Reduced rates: state of 2026-09-29 (eu-vat-rates-data, MIT, from the Commission's
TEDB) with the dated changes of ibericode/vat-rates (MIT) and of the changes of scope
of 2026 in our notes; island and regional rates are left out. They are a help when
choosing, not a history: a set counts as far back as nothing else is known.

General knowledge (K), not read in a source: the first days of Cyprus 3 and Malta 12,
the temporary sets of Spain, Austria and Czechia, the sets of Greece and Poland before
2016, Great Britain and Northern Ireland. Luxembourg's 14 from 2015 to 2022 is read in
two trade sources (C).
"""

STANDARD = """
AT 2010-01-01 20
BE 2010-01-01 21
BG 2010-01-01 20
CY 2010-01-01 15 2012-03-01 17 2013-01-14 18 2014-01-13 19
CZ 2010-01-01 20 2013-01-01 21
DE 2010-01-01 19 2020-07-01 16 2021-01-01 19
DK 2010-01-01 25
EE 2010-01-01 20 2024-01-01 22 2025-07-01 24
ES 2010-01-01 16 2010-07-01 18 2012-09-01 21
FI 2010-01-01 22 2010-07-01 23 2013-01-01 24 2024-09-01 25.5
FR 2010-01-01 19.6 2014-01-01 20
GR 2010-01-01 19 2010-03-15 21 2010-07-01 23 2016-06-01 24
HR 2010-01-01 23 2012-03-01 25
HU 2010-01-01 25 2012-01-01 27
IE 2010-01-01 21 2012-01-01 23 2020-09-01 21 2021-03-01 23
IT 2010-01-01 20 2011-09-17 21 2013-10-01 22
LT 2010-01-01 21
LU 2010-01-01 15 2015-01-01 17 2023-01-01 16 2024-01-01 17
LV 2010-01-01 21 2011-01-01 22 2012-07-01 21
MT 2010-01-01 18
NL 2010-01-01 19 2012-10-01 21
PL 2010-01-01 22 2011-01-01 23
PT 2010-01-01 20 2010-07-01 21 2011-01-01 23
RO 2010-01-01 19 2010-07-01 24 2016-01-01 20 2017-01-01 19 2025-08-01 21
SE 2010-01-01 25
SI 2010-01-01 20 2013-07-01 22
SK 2010-01-01 19 2011-01-01 20 2025-01-01 23
GB 2010-01-01 17.5 2011-01-04 20
XI 2021-01-01 20
"""

# country, first day, reduced / super-reduced / parking; "-" for none
LOWER = """
AT 2010-01-01 10 / - / 12
AT 2016-01-01 10 13 / - / 13
AT 2020-07-01 5 10 13 / - / 13
AT 2022-01-01 10 13 / - / 13
AT 2026-07-01 10 13 / 4.9 / 13
BE 2010-01-01 6 12 / - / 12
BG 2010-01-01 9 / - / -
CY 2010-01-01 5 9 / - / -
CY 2023-07-01 5 9 / 3 / -
CZ 2010-01-01 10 / - / -
CZ 2012-01-01 14 / - / -
CZ 2013-01-01 15 / - / -
CZ 2015-01-01 10 15 / - / -
CZ 2024-01-01 12 / - / -
DE 2010-01-01 7 / - / -
DE 2020-07-01 5 / - / -
DE 2021-01-01 7 / - / -
DK 2010-01-01 - / - / -
EE 2010-01-01 9 / - / -
EE 2024-01-01 5 9 / - / -
EE 2025-01-01 9 13 / - / -
ES 2010-01-01 7 / 4 / -
ES 2010-07-01 8 / 4 / -
ES 2012-09-01 10 / 4 / -
ES 2022-07-01 5 10 / 4 / -
ES 2024-10-01 2 7.5 10 / 4 / -
ES 2025-01-01 10 / 4 / -
FI 2010-01-01 10 14 / - / -
FI 2026-01-01 10 13.5 / - / -
FR 2010-01-01 5.5 / 2.1 / -
FR 2012-01-01 5.5 7 / 2.1 / -
FR 2014-01-01 5.5 10 / 2.1 / -
GR 2010-01-01 4.5 9 / - / -
GR 2010-03-15 5 10 / - / -
GR 2010-07-01 5.5 11 / - / -
GR 2011-01-01 6.5 13 / - / -
GR 2015-07-20 6 13 / - / -
HR 2010-01-01 5 13 / - / -
HU 2010-01-01 5 18 / - / -
IE 2010-01-01 9 13.5 / 4.8 / 13.5
IT 2010-01-01 5 10 / 4 / -
LT 2010-01-01 5 9 / - / -
LT 2026-01-01 5 12 / - / -
LU 2010-01-01 6 12 / 3 / 12
LU 2015-01-01 8 / 3 / 14
LU 2023-01-01 7 / 3 / 13
LU 2024-01-01 8 / 3 / 14
LV 2010-01-01 5 12 / - / -
MT 2010-01-01 5 7 / - / -
MT 2024-01-01 5 7 / - / 12
NL 2010-01-01 6 / - / -
NL 2019-01-01 9 / - / -
PL 2010-01-01 7 / 3 / -
PL 2011-01-01 5 8 / - / -
PT 2010-01-01 6 13 / - / 13
RO 2010-01-01 5 9 / - / -
RO 2025-08-01 11 / - / -
SE 2010-01-01 6 12 / - / -
SI 2010-01-01 5 9.5 / - / -
SK 2010-01-01 10 / - / -
SK 2025-01-01 5 19 / - / -
GB 2010-01-01 5 / - / -
XI 2021-01-01 5 / - / -
"""
