"""Agency messages are read with their fields; what was withdrawn or embargoed is not."""

from collections.abc import Iterator

import pytest

from ingest.load import Loaded, Loader, Skipped

BODY = "The last ferry to Osthamn will sail in May."


@pytest.fixture(scope="module")
def loader() -> Iterator[Loader]:
    loader = Loader(max_mb=1)
    yield loader
    loader.close()


def read(loader: Loader, text: str) -> list[Loaded]:
    return [
        f for f in loader.read("a.xml", text.encode(), path="/x/a.xml") if isinstance(f, Loaded)
    ]


def reason(loader: Loader, text: str | bytes) -> str:
    data = text.encode() if isinstance(text, str) else text
    (found,) = loader.read("a.xml", data)
    assert isinstance(found, Skipped), found
    return found.reason


def nitf(docdata: str = "", status: str = "usable", prefix: str = "") -> str:
    return f"""<?xml version="1.0" encoding="utf-8"?>{prefix}
<nitf xml:lang="en"><head><title>Slug</title>
 <docdata management-status="{status}"><doc-id id-string="hc-1"/>
  <date.issue norm="20260105T081500+0100"/>{docdata}</docdata>
 <pubdata name="Harbour Courier" position.section="Local"/></head>
 <body><body.head><hedline><hl1>Ferry line to close</hl1><hl2>Unions protest</hl2></hedline>
 <byline>By <person>Mara Lindqvist</person></byline></body.head>
 <body.content><block><p>{BODY}</p>
 <media media-type="image"><media-caption>A ferry.</media-caption></media>
 <p>It&nbsp;was <em>old</em> &mdash; and loved.</p></block></body.content></body></nitf>"""


def test_nitf_is_read_with_its_fields(loader: Loader) -> None:
    doctype = '<!DOCTYPE nitf SYSTEM "http://127.0.0.1:1/nitf.dtd">'
    for text in (nitf(), nitf(prefix=doctype)):
        (found,) = read(loader, text)
        page = found.page
        assert page.text == f"{BODY}\nIt was old — and loved."
        assert (page.title, page.outlet) == ("Ferry line to close", "Harbour Courier")
        assert (page.authors, page.section) == (("Mara Lindqvist",), "Local")
        assert (page.published, page.language) == ("2026-01-05T08:15:00+0100", "en")
        assert found.key == "hc-1"


def item(
    meta: str = '<pubStatus qcode="stat:usable"/>',
    content: str = f"<inlineXML><html xmlns='http://www.w3.org/1999/xhtml'><head><title>x</title>"
    f"</head><body><p>{BODY}</p><p>More.</p></body></html></inlineXML>",
    guid: str = "tag:c.example,2026:1",
) -> str:
    return f"""<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="{guid}" version="2">
 <itemMeta><itemClass qcode="ninat:text"/><provider literal="HC"><name>Harbour Courier</name>
 </provider><versionCreated>2026-01-05T09:00:00Z</versionCreated>
 <firstCreated>2026-01-05T08:15:00Z</firstCreated>{meta}</itemMeta>
 <contentMeta><by>By Mara Lindqvist</by><language tag="en-GB"/>
 <subject qcode="medtop:1"><name>Transport</name></subject><headline>Ferry line to close</headline>
 </contentMeta><contentSet>{content}</contentSet></newsItem>"""


def test_newsml_g2_is_read_with_its_fields(loader: Loader) -> None:
    (found,) = read(loader, item())

    page = found.page
    assert page.text == f"{BODY}\nMore."
    assert (page.title, page.outlet) == ("Ferry line to close", "Harbour Courier")
    assert (page.authors, page.section) == (("Mara Lindqvist",), "Transport")
    assert (page.published, page.updated) == ("2026-01-05T08:15:00Z", "2026-01-05T09:00:00Z")
    assert (page.language, found.key) == ("en-GB", "tag:c.example,2026:1")


@pytest.mark.parametrize(
    "content",
    [
        f'<inlineData contenttype="text/plain">{BODY}</inlineData>',
        f'<inlineData contenttype="text/html">&lt;p&gt;{BODY}&lt;/p&gt;</inlineData>',
        f"<inlineXML>{nitf().partition('?>')[2]}</inlineXML>",
    ],
)
def test_the_story_comes_in_many_forms(loader: Loader, content: str) -> None:
    (found,) = read(loader, item(content=content))

    assert found.page.text.startswith(BODY)
    assert found.page.published == "2026-01-05T08:15:00Z"


def test_a_message_holds_many_stories(loader: Loader) -> None:
    items = [
        item(guid="1"),
        item('<pubStatus qcode="stat:canceled"/>', guid="2"),
        item(
            '<embargoed>2999-01-01T00:00:00Z</embargoed><pubStatus qcode="stat:usable"/>', guid="3"
        ),
        item("<embargoed/>", guid="4"),
        item("<embargoed>2020-01-01T00:00:00Z</embargoed>", guid="5"),
        item(content='<remoteContent href="a.jpg"/>', guid="6"),
    ]
    text = "<newsMessage><itemSet>" + "".join(items) + "</itemSet></newsMessage>"

    found = list(loader.read("a.xml", text.encode()))

    reasons = [f.reason for f in found if isinstance(f, Skipped)]
    assert [isinstance(f, Loaded) for f in found] == [True, False, False, False, True, False]
    assert reasons == [
        "the agency withdrew it",
        "it is under embargo until 2999-01-01 00:00 UTC",
        "it is under embargo",
        "it is an item without a text",
    ]


def test_newsml_1_is_read(loader: Loader) -> None:
    text = f"""<NewsML><NewsItem><Identification><NewsIdentifier><ProviderId>c.example</ProviderId>
    <PublicIdentifier>urn:1</PublicIdentifier></NewsIdentifier></Identification><NewsManagement>
    <FirstCreated>20260105T081500Z</FirstCreated><Status FormalName="Usable"/></NewsManagement>
    <NewsComponent><NewsLines><HeadLine>Ferry</HeadLine><ByLine>By M. Lindqvist</ByLine></NewsLines>
    <ContentItem><DataContent><p>{BODY}</p></DataContent></ContentItem></NewsComponent></NewsItem>
    </NewsML>"""

    (found,) = read(loader, text)

    assert (found.page.title, found.page.text, found.key) == ("Ferry", BODY, "urn:1")
    assert (found.page.outlet, found.page.published) == ("c.example", "2026-01-05T08:15:00Z")
    assert reason(loader, text.replace("Usable", "Canceled")) == "the agency withdrew it"


@pytest.mark.parametrize("status", ["canceled", "withheld"])
def test_a_withdrawn_nitf_story_is_refused(loader: Loader, status: str) -> None:
    assert reason(loader, nitf(status=status)) == "the agency withdrew it"


def test_an_embargoed_nitf_story_is_refused(loader: Loader) -> None:
    assert "until 2999-01-01" in reason(loader, nitf('<date.release norm="29990101T000000Z"/>'))
    assert reason(loader, nitf(status="embargoed")) == "it is under embargo"
    assert read(loader, nitf('<date.release norm="20200101T000000Z"/>', "embargoed"))


LAUGHS = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 12))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (
            '<!DOCTYPE n [<!ENTITY a SYSTEM "file:///etc/passwd">]><nitf><p>&a;</p></nitf>',
            "entities",
        ),
        (
            f'<!DOCTYPE n [<!ENTITY l0 "ha">{LAUGHS}]><nitf><p>&l11;</p></nitf>',
            "not valid XML|entities",
        ),
        (f'<!DOCTYPE n [<!ENTITY l0 "ha">{LAUGHS}]><nitf a="&l11;"/>', "not valid XML|entities"),
        ('<!DOCTYPE n [<!ENTITY % a SYSTEM "http://127.0.0.1:1/">%a;]><nitf/>', "entities"),
        ("<rss><channel/></rss>", "feed"),
        ("<feed xmlns='http://www.w3.org/2005/Atom'/>", "feed"),
        ("<urlset/>", "site map"),
        ("<svg xmlns='http://www.w3.org/2000/svg'/>", "<svg> is no kind"),
        ("<nitf>", "not valid XML"),
        ("<nitf/>", "no text"),
        ("<a>" * 5_000, "not valid XML"),
        ("no xml", "not valid XML"),
        ("", "empty"),
    ],
)
def test_what_is_hostile_or_no_story_says_why(loader: Loader, text: str, why: str) -> None:
    found = reason(loader, text)

    assert any(word in found for word in why.split("|")), found


def test_a_page_in_xml_is_a_page(loader: Loader) -> None:
    (found,) = read(
        loader, f"<html xmlns='http://www.w3.org/1999/xhtml'><body><p>{BODY}</p></body></html>"
    )

    assert found.page.text == BODY
