"""The outlets and agencies that articles credit, under the names by which they do."""

import re

AGENCIES = {
    "AP": "Associated Press", "Associated Press": "", "Reuters": "", "REUTERS": "Reuters",
    "AFP": "", "Agence France-Presse": "AFP", "Bloomberg": "", "Bloomberg News": "Bloomberg",
    "dpa": "DPA", "DPA": "", "EFE": "", "ANSA": "", "PTI": "", "Press Trust of India": "PTI",
    "ANI": "", "Interfax": "", "RIA Novosti": "", "TASS": "", "Tass": "TASS", "Anadolu Agency":
    "Anadolu", "Anadolu": "", "KCNA": "", "IRNA": "", "Xinhua": "", "Yonhap": "", "Kyodo": "",
    "Kyodo News": "Kyodo", "Jiji": "", "Press Association": "PA Media", "PA Media": "",
    "PA news agency": "PA Media", "Canadian Press": "The Canadian Press", "AAP": "", "UPI": "",
    "Belga": "", "SID": "", "NTB": "", "TT News Agency": "", "Dow Jones": "", "Kyiv Independent":
    "The Kyiv Independent", "Tribune News Service": "",
}  # fmt: skip
OUTLETS = AGENCIES | {
    "CNN": "", "BBC": "", "BBC News": "BBC", "NBC News": "", "NBC": "NBC News", "ABC News": "",
    "CBS News": "", "Fox News": "", "NPR": "", "CNBC": "", "MSNBC": "", "ESPN": "", "Politico": "",
    "POLITICO": "Politico", "Axios": "", "WIRED": "Wired", "Wired": "", "Verge": "The Verge",
    "TechCrunch": "", "Information": "The Information", "Nikkei": "", "Nikkei Asia": "",
    "Al Jazeera": "", "Der Spiegel": "", "Spiegel": "Der Spiegel", "Le Monde": "",
    "Le Figaro": "", "Libération": "", "Bild": "", "Die Zeit": "", "Die Welt": "",
    "Süddeutsche Zeitung": "", "Frankfurter Allgemeine Zeitung": "", "Handelsblatt": "",
    "Corriere della Sera": "", "La Repubblica": "", "El País": "", "El Mundo": "",
    "Asahi Shimbun": "", "Yomiuri Shimbun": "", "Folha de S.Paulo": "", "Haaretz": "",
    "Times of India": "The Times of India", "Times of Israel": "The Times of Israel",
    "Times of London": "The Times of London", "South China Morning Post": "", "China Daily": "",
    "Sky News": "", "ITV News": "", "Channel 4 News": "", "PBS": "", "PBS NewsHour": "PBS",
    "CBC": "", "CBC News": "CBC", "CTV News": "", "NHK": "", "RTÉ": "", "Deutsche Welle": "DW",
    "DW": "", "Voice of America": "", "Radio Free Europe": "", "Radio Free Asia": "",
    "Atlantic": "The Atlantic", "New Yorker": "The New Yorker", "New York magazine": "",
    "Economist": "The Economist", "USA TODAY": "", "USA Today": "USA TODAY", "USA TODAY Sports":
    "USA TODAY", "Guardian": "The Guardian", "Independent": "The Independent", "Daily Beast":
    "The Daily Beast", "Hill": "The Hill", "Intercept": "The Intercept", "ProPublica": "",
    "BuzzFeed News": "", "BuzzFeed": "BuzzFeed News", "Variety": "", "Deadline": "", "TMZ": "",
    "Hollywood Reporter": "The Hollywood Reporter", "Rolling Stone": "", "Vanity Fair": "",
    "Entertainment Weekly": "", "Entertainment Tonight": "", "People magazine": "People",
    "PEOPLE": "People", "Us Weekly": "", "Page Six": "", "Vogue": "", "Billboard": "",
    "Business Insider": "", "Insider": "Business Insider", "Forbes": "", "Fortune": "",
    "MarketWatch": "", "Caixin": "", "LatePost": "", "DigiTimes": "", "36Kr": "", "Semafor": "",
    "Puck": "", "Vox": "", "Slate": "", "Salon": "", "HuffPost": "", "Newsweek": "", "Gizmodo": "",
    "Engadget": "", "Ars Technica": "", "404 Media": "", "Rest of World": "", "Mother Jones": "",
    "National Geographic": "", "Sports Illustrated": "", "Athletic": "The Athletic", "Bellingcat":
    "", "Yahoo News": "", "Yahoo Finance": "", "Yahoo Sports": "", "Time magazine": "Time",
    "TIME": "Time", "Telemundo": "", "Univision": "", "Meduza": "", "Mediazona": "", "Punchbowl":
    "", "Punchbowl News": "Punchbowl", "Inside Edition": "", "Good Morning America": "",
    "Radio-Canada": "", "FT": "Financial Times", "WSJ": "Wall Street Journal", "NPR News": "NPR",
}  # fmt: skip
# A name that ends so is an outlet where the words around it credit one: "the Osthamn Gazette".
PAPERS = (
    "Times", "Post", "Journal", "Tribune", "Herald", "Chronicle", "Gazette", "Telegraph", "Globe",
    "Observer", "Inquirer", "Mail", "Sun-Times", "Star", "Sun", "Mirror", "Express", "Courier",
    "Examiner", "Sentinel", "Register", "Dispatch", "Bulletin", "Republic", "Ledger", "Review",
    "Standard", "News", "Magazine", "Free Press", "Bee", "Mercury", "Zeitung",
    "Dagblad", "Shimbun", "Journal-Constitution", "Post-Dispatch", "Union-Tribune", "Plain Dealer",
)  # fmt: skip
# How domains shorten names; the rest is the name itself ("reuters.com").
_DOMAINS = {
    "ft": "financialtimes", "wsj": "wallstreetjournal", "nytimes": "newyorktimes",
    "apnews": "associatedpress", "ap": "associatedpress", "bbci": "bbc", "latimes":
    "losangelestimes", "scmp": "southchinamorningpost", "spiegel": "derspiegel",
    "nypost": "newyorkpost", "time": "time", "washpost": "washingtonpost", "afp": "afp",
    "aljazeera": "aljazeera", "voanews": "voiceofamerica", "sueddeutsche": "süddeutschezeitung",
}  # fmt: skip
_DOMAIN = re.compile(r"(?:www\.)?([a-z0-9-]{2,40}(?:\.[a-z]{2,10}){1,2})")
_DESKS = re.compile(r" (?:news|business|sports?|style|travel|politics|opinion|online|digital)$")
_OPENERS = "Mon|Tues|Wednes|Thurs|Fri|Satur|Sun"  # "On Monday Reuters reported"
_NOT_NAMED = (
    rf"(?!(?:(?:{_OPENERS})day|January|February|March|April|May|June|July|August|September"
    r"|October|November|December|But|And|While|When|As|In|On|At|Last|Earlier|Meanwhile|Yet|So"
    r"|That|This|If|It|No|Some|Several|Local|Other|After|Before|Since|Both|Although|Though)\s)"
)
_AFFILIATE = r"(?:(?:[A-Z]{2,4}|[Ll]ocal|[Ss]ister)\s)?(?:affiliate|station)\s"
_STATION = rf"(?:{_AFFILIATE})?(?!WNBA|WADA|WIPO|WWII|WTTC)[WK][A-Z]{{3}}(?:-(?:TV|FM))?"
NAME = (
    rf"(?:[Tt]he\s)?(?:{_STATION}|"
    + "|".join(re.escape(name) for name in sorted(OUTLETS, key=len, reverse=True))
    + rf"|{_NOT_NAMED}(?:[A-Z][\w.’'-]{{1,30}}\s){{1,3}}(?:"
    + "|".join(PAPERS)
    + r"|Morning\sPost|News\sAgency|news\sagency)(?!\sof\s[A-Z])"  # "the Journal of Medicine"
    + r")(?![\w-])"
)


def usual_name(given: str) -> str | None:
    """The usual form of an outlet's name; None for a common noun without its article."""
    words = re.sub(rf"^(?:[Tt]he\s)?{_AFFILIATE}", "", given).split()
    bare = " ".join(words[1:] if words[0] in ("The", "the") else words)
    if bare in PAPERS:
        return None
    usual = OUTLETS.get(bare, bare) or bare
    return None if usual == f"The {bare}" and words[0] not in ("The", "the") else usual


def is_agency(name: str) -> bool:
    """True for a usual name under which wire copy is sold."""
    return name in AGENCIES or name in AGENCIES.values() or name.lower().endswith("news agency")


def same_outlet(name: str, outlet: str | None) -> bool:
    """True if both name one outlet: "CNN Business" and "edition.cnn.com"."""
    return outlet is not None and _plain(name) == _plain(outlet)


def _plain(outlet: str) -> str:
    name = outlet.lower().removeprefix("the ")
    if _DOMAIN.fullmatch(name):
        labels = name.split(".")
        name = labels[-3] if len(labels) > 2 and labels[-2] in ("co", "com", "org") else labels[-2]
    plain = re.sub(r"\W", "", _DESKS.sub("", name))
    return _DOMAINS.get(plain, plain)
