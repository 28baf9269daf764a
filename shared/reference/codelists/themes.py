"""Themes, one list per pillar, since no purpose code stands for counter-terrorism or border security.

The codes of a replaced list remain, but are closed. `SUCCESSORS` maps each of them to the themes that replace it.
"""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from shared.reference.codelists.model import Code, code_list

_JAP18 = (date(2018, 10, 5), date(2025, 10, 29))
_JAP25 = (date(2025, 10, 30), None)
_EMPACT22 = (date(2022, 1, 1), date(2025, 12, 31))
_EMPACT26 = (date(2026, 1, 1), date(2029, 12, 31))
_EIBM = (date(2019, 12, 4), None)

WBCTI = code_list(
    "theme:WBCTi",
    version="2025-10-30",
    source="Joint Action Plans on counter-terrorism for the Western Balkans, 5 October 2018 and 30 October 2025",
    codes=(
        Code("jap18_framework", "Robust framework for counter-terrorism (2018)", *_JAP18),
        Code("jap18_prevention", "Prevention and countering of violent extremism (2018)", *_JAP18),
        Code("jap18_cooperation", "Information exchange and operational cooperation (2018)", *_JAP18),
        Code("jap18_financing", "Countering money laundering and terrorist financing (2018)", *_JAP18),
        Code("jap18_protection", "Protection of citizens and infrastructure (2018)", *_JAP18),
        Code("jap25_alignment", "Alignment with EU counter-terrorism legislation", *_JAP25),
        Code("jap25_prevention", "Preventing radicalisation and violent extremism", *_JAP25),
        Code("jap25_europol", "Cooperation with Europol and counter-terrorism investigations", *_JAP25),
        Code("jap25_financing", "Investigating terrorism financing", *_JAP25),
        Code("jap25_protection", "Protection of critical infrastructure and public spaces", *_JAP25),
    ),
)

WBCSCI = code_list(
    "theme:WBCSCi",
    version="2026-2029",
    source="EMPACT, the EU's priorities against serious and organised crime, 2022-2025 and 2026-2029",
    codes=(
        Code("empact22_networks", "High-risk criminal networks (2022-2025)", *_EMPACT22),
        Code("empact22_cyber", "Cyber-attacks (2022-2025)", *_EMPACT22),
        Code("empact22_trafficking", "Trafficking in human beings (2022-2025)", *_EMPACT22),
        Code("empact22_children", "Child sexual exploitation (2022-2025)", *_EMPACT22),
        Code("empact22_smuggling", "Migrant smuggling (2022-2025)", *_EMPACT22),
        Code("empact22_drugs", "Drugs (2022-2025)", *_EMPACT22),
        Code("empact22_finance", "Fraud, economic and financial crime (2022-2025)", *_EMPACT22),
        Code("empact22_property", "Organised property crime (2022-2025)", *_EMPACT22),
        Code("empact22_environment", "Environmental crime (2022-2025)", *_EMPACT22),
        Code("empact22_firearms", "Firearms (2022-2025)", *_EMPACT22),
        Code("empact26_networks", "Most threatening criminal networks", *_EMPACT26),
        Code("empact26_online", "Crimes online", *_EMPACT26),
        Code("empact26_drugs", "Drugs", *_EMPACT26),
        Code("empact26_smuggling", "Migrant smuggling and trafficking in human beings", *_EMPACT26),
        Code("empact26_firearms", "Firearms and explosives", *_EMPACT26),
        Code("empact26_environment", "Environmental crime", *_EMPACT26),
        Code("empact26_finance", "Economic and financial crime", *_EMPACT26),
    ),
)

WBBSI = code_list(
    "theme:WBBSi",
    version="2019/1896",
    source="European integrated border management, Regulation (EU) 2019/1896, article 3(1)(a) to (l)",
    codes=(
        Code("eibm_a_border_control", "(a) Border control", *_EIBM),
        Code("eibm_b_search_rescue", "(b) Search and rescue at sea", *_EIBM),
        Code("eibm_c_risk_analysis", "(c) Analysis of risks and threats", *_EIBM),
        Code("eibm_d_information", "(d) Information exchange and cooperation, with Eurosur", *_EIBM),
        Code("eibm_e_inter_agency", "(e) Inter-agency cooperation", *_EIBM),
        Code("eibm_f_union_bodies", "(f) Cooperation with Union bodies and agencies", *_EIBM),
        Code("eibm_g_third_countries", "(g) Cooperation with third countries", *_EIBM),
        Code("eibm_h_within_area", "(h) Measures within the area against cross-border crime", *_EIBM),
        Code("eibm_i_return", "(i) Return of third-country nationals", *_EIBM),
        Code(
            "eibm_j_technology", "(j) State-of-the-art technology and large-scale information systems", *_EIBM
        ),
        Code("eibm_k_quality_control", "(k) Quality control and vulnerability assessment", *_EIBM),
        Code("eibm_l_solidarity", "(l) Solidarity mechanisms and Union funding", *_EIBM),
    ),
)

# Our interpretation: after 2025, organised property crime has no priority of its own, and some fraud is online crime.
SUCCESSORS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "jap18_framework": ("jap25_alignment",),
        "jap18_prevention": ("jap25_prevention",),
        "jap18_cooperation": ("jap25_europol",),
        "jap18_financing": ("jap25_financing",),
        "jap18_protection": ("jap25_protection",),
        "empact22_networks": ("empact26_networks",),
        "empact22_cyber": ("empact26_online",),
        "empact22_trafficking": ("empact26_smuggling",),
        "empact22_children": ("empact26_online",),
        "empact22_smuggling": ("empact26_smuggling",),
        "empact22_drugs": ("empact26_drugs",),
        "empact22_finance": ("empact26_finance", "empact26_online"),
        "empact22_property": ("empact26_networks",),
        "empact22_environment": ("empact26_environment",),
        "empact22_firearms": ("empact26_firearms",),
    }
)

THEMES = (WBCTI, WBCSCI, WBBSI)
