"""Code lists that IATI, the OECD and ISO 4217 publish, limited to the codes that internal security uses."""

from datetime import date

from shared.reference.codelists.model import Code, CodeList, code_list

_IATI = "IATI Standard 2.03"

_STATUSES = (
    Code("1", "Pipeline/identification"),
    Code("2", "Implementation"),
    Code("3", "Finalisation"),
    Code("4", "Closed"),
    Code("5", "Cancelled"),
    Code("6", "Suspended"),
)

_ROLES = (Code("1", "Funding"), Code("2", "Accountable"), Code("3", "Extending"), Code("4", "Implementing"))

_ORGANISATIONS = (
    Code("10", "Government"),
    Code("11", "Local Government"),
    Code("15", "Other Public Sector"),
    Code("21", "International NGO"),
    Code("22", "National NGO"),
    Code("23", "Regional NGO"),
    Code("24", "Partner Country based NGO"),
    Code("30", "Public Private Partnership"),
    Code("40", "Multilateral"),
    Code("60", "Foundation"),
    Code("70", "Private Sector"),
    Code("71", "Private Sector in Provider Country"),
    Code("72", "Private Sector in Aid Recipient Country"),
    Code("73", "Private Sector in Third Country"),
    Code("80", "Academic, Training and Research"),
    Code("90", "Other"),
)

_TRANSACTIONS = (
    Code("1", "Incoming Funds"),
    Code("2", "Outgoing Commitment"),
    Code("3", "Disbursement"),
    Code("4", "Expenditure"),
    Code("5", "Interest Payment"),
    Code("6", "Loan Repayment"),
    Code("7", "Reimbursement"),
    Code("8", "Purchase of Equity"),
    Code("9", "Sale of Equity"),
    Code("10", "Credit Guarantee"),
    Code("11", "Incoming Commitment"),
    Code("12", "Outgoing Pledge"),
    Code("13", "Incoming Pledge"),
)

_PURPOSES = (
    Code("15113", "Anti-corruption organisations and institutions"),
    Code("15130", "Legal and judicial development"),
    Code("15131", "Justice, law and order policy, planning and administration"),
    Code("15132", "Police"),
    Code("15133", "Fire and rescue services"),
    Code("15134", "Judicial affairs"),
    Code("15135", "Ombudsman"),
    Code("15136", "Immigration"),
    Code("15137", "Prisons"),
    Code("15160", "Human rights"),
    Code("15180", "Ending violence against women and girls"),
    Code("15190", "Facilitation of orderly, safe, regular and responsible migration and mobility"),
    Code("15210", "Security system management and reform"),
    Code("15220", "Civilian peace-building, conflict prevention and resolution"),
    Code("15230", "Participation in international peacekeeping operations"),
    Code("15240", "Reintegration and SALW control"),
    Code("15250", "Removal of land mines and explosive remnants of war"),
    Code("15261", "Child soldiers (prevention and demobilisation)"),
    Code("16063", "Narcotics control"),
)

_CURRENCIES = (
    # Currencies of the partners.
    Code("ALL", "Lek"),
    Code("BAM", "Convertible Mark"),
    Code("EUR", "Euro", date(1999, 1, 1)),
    Code("MKD", "Denar"),
    Code("RSD", "Serbian Dinar", date(2006, 10, 25)),
    # Currencies of donors.
    Code("AED", "UAE Dirham"),
    Code("AUD", "Australian Dollar"),
    Code("CAD", "Canadian Dollar"),
    Code("CHF", "Swiss Franc"),
    Code("CNY", "Yuan Renminbi"),
    Code("CZK", "Czech Koruna"),
    Code("DKK", "Danish Krone"),
    Code("GBP", "Pound Sterling"),
    Code("HUF", "Forint"),
    Code("ILS", "New Israeli Sheqel"),
    Code("INR", "Indian Rupee"),
    Code("ISK", "Iceland Krona"),
    Code("JPY", "Yen"),
    Code("KRW", "Won"),
    Code("KWD", "Kuwaiti Dinar"),
    Code("MDL", "Moldovan Leu"),
    Code("NOK", "Norwegian Krone"),
    Code("NZD", "New Zealand Dollar"),
    Code("PLN", "Zloty"),
    Code("QAR", "Qatari Rial"),
    Code("RON", "Romanian Leu", date(2005, 7, 1)),
    Code("RUB", "Russian Ruble"),
    Code("SAR", "Saudi Riyal"),
    Code("SEK", "Swedish Krona"),
    Code("SGD", "Singapore Dollar"),
    Code("TRY", "Turkish Lira", date(2005, 1, 1)),
    Code("UAH", "Hryvnia"),
    Code("USD", "US Dollar"),
    # Replaced by the euro, but used in older records.
    Code("SIT", "Tolar", None, date(2006, 12, 31)),
    Code("CYP", "Cyprus Pound", None, date(2007, 12, 31)),
    Code("MTL", "Maltese Lira", None, date(2007, 12, 31)),
    Code("SKK", "Slovak Koruna", None, date(2008, 12, 31)),
    Code("EEK", "Kroon", None, date(2010, 12, 31)),
    Code("LVL", "Latvian Lats", None, date(2013, 12, 31)),
    Code("LTL", "Lithuanian Litas", None, date(2014, 12, 31)),
    Code("HRK", "Kuna", None, date(2022, 12, 31)),
    Code("BGN", "Bulgarian Lev", None, date(2025, 12, 31)),
)

STANDARDS: tuple[CodeList, ...] = (
    code_list("activity_status", version="2.03", source=_IATI, codes=_STATUSES),
    code_list("organisation_role", version="2.03", source=_IATI, codes=_ROLES),
    code_list("organisation_type", version="2.03", source=_IATI, codes=_ORGANISATIONS),
    code_list("transaction_type", version="2.03", source=_IATI, codes=_TRANSACTIONS),
    code_list(
        "purpose_code",
        version="2.03",
        source="OECD DAC CRS purpose codes for security and its neighbours, as IATI sector vocabulary 1",
        codes=_PURPOSES,
    ),
    code_list(
        "currency", version="2026-01-01", source="ISO 4217, with days of withdrawal", codes=_CURRENCIES
    ),
)
