"""Mails and saved pages are read for what they say, and so is what is attached to them."""

import email.message
import email.policy
import mailbox
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.load import Loaded, Loader, Skipped

BODY = "The last ferry to Osthamn will sail in May, the harbour board said on Tuesday."


@pytest.fixture(scope="module")
def loader() -> Iterator[Loader]:
    loader = Loader(max_mb=1)
    yield loader
    loader.close()


def mail(**headers: str) -> email.message.EmailMessage:
    message = email.message.EmailMessage()
    given = {
        "Subject": "Fw: Fährlinie schließt",
        "From": "Jane Döe <jane@courier.example>",
        "Date": "Tue, 03 Feb 2026 08:15:00 +0100",
        "Message_ID": "<1@courier.example>",
    }
    for name, value in {**given, **headers}.items():
        message[name.replace("_", "-")] = value
    message.set_content(BODY)
    return message


def read(loader: Loader, data: bytes, name: str = "a.eml") -> list[Loaded]:
    return [f for f in loader.read(name, data, path=f"/x/{name}") if isinstance(f, Loaded)]


def reasons(loader: Loader, data: bytes, name: str = "a.eml") -> list[str]:
    return [f.reason for f in loader.read(name, data) if isinstance(f, Skipped)]


def test_a_mail_is_an_article(loader: Loader) -> None:
    (found,) = read(loader, mail().as_bytes())

    page = found.page
    assert (page.title, page.authors, page.outlet) == ("Fährlinie schließt", ("Jane Döe",), None)
    assert page.published == "2026-02-03T08:15:00+01:00"
    assert page.text.strip() == BODY
    assert found.key == "1@courier.example"


def test_a_newsletter_comes_from_its_outlet(loader: Loader) -> None:
    message = mail(From="Harbour Courier <news@courier.example>", List_Unsubscribe="<https://x/>")
    message.set_content("Your program shows no HTML.")
    rows = "".join(f"<tr><td><h2>Item {i}</h2><p>{BODY}</p></td></tr>" for i in range(3))
    hidden = "<p style='display:none;max-height:0'>preview text</p>"
    html = f"<html><body>{hidden}<table>{rows}</table></body></html>"
    message.add_alternative(html, subtype="html")

    (found,) = read(loader, message.as_bytes())

    assert (found.page.outlet, found.page.authors) == ("Harbour Courier", ())
    assert found.page.text.count(BODY) == 3
    assert "Item 2" in found.page.text
    assert "preview" not in found.page.text


def test_attachments_are_articles_of_their_own(loader: Loader) -> None:
    message = mail()
    for name in ("note.txt", "note.txt", "sheet.xlsx"):
        message.add_attachment(
            BODY.encode(), maintype="application", subtype="octet-stream", filename=name
        )
    message.add_attachment(b"x", maintype="image", subtype="png", filename="logo.png")
    message.add_attachment(mail(Message_ID="<2@x>", Subject="Inner"))

    found = read(loader, message.as_bytes())

    assert [(f.path, f.page.title) for f in found] == [
        ("/x/a.eml", "Fährlinie schließt"),
        ("/x/a.eml/note.txt", None),
        ("/x/a.eml/note (2).txt", None),
        ("/x/a.eml/attachment.eml", "Inner"),
    ]
    (why,) = reasons(loader, message.as_bytes())
    assert ".xlsx are not read" in why


def test_a_mailbox_is_cut_where_mails_begin(loader: Loader, tmp_path: Path) -> None:
    path = tmp_path / "all.mbox"
    box = mailbox.mbox(path)
    for i in range(3):
        message = mail(Message_ID=f"<{i}@x>")
        message.set_content(f"{BODY}\n\nFrom here on, ferries are buses.\n\n{i}")
        message.add_attachment(BODY, filename="note.txt")
        box.add(message)
    box.close()
    path.write_bytes(path.read_bytes() + b"\nFrom x@y Tue Feb  3 08:15:00 2026\nbad")

    found = list(loader.load([path]))

    mails = [f for f in found if isinstance(f, Loaded)]
    assert [f.key for f in mails] == ["0@x", None, "1@x", None, "2@x", None]
    assert len({(f.path, f.key) for f in mails}) == 6
    assert "\n\nFrom here on" in mails[0].page.text
    assert [f.source for f in found if isinstance(f, Skipped)] == [f"{path}:4"]


def test_a_mail_larger_than_a_file_may_be_leaves_the_others(loader: Loader) -> None:
    start = b"From x@y Tue Feb  3 08:15:00 2026\n"
    small = mail().as_bytes(policy=email.policy.SMTP.clone(linesep="\n")) + b"\n"
    data = start + small + start + b"Subject: x\n\n" + b"word " * 400_000 + b"\n\n" + start + small

    assert [f.source for f in read(loader, data, "a.mbox")] == ["a.mbox:1", "a.mbox:3"]
    assert reasons(loader, data, "a.mbox") == ["it is larger than 1 MB"]


def test_old_and_broken_mails_are_read_as_well_as_can_be(loader: Loader) -> None:
    data = (
        b"Subject: =?utf-9?q?Caf=E9?= \xe9\r\nFrom: broken <<\r\nDate: yesterday\r\n"
        b"Content-Type: text/plain; charset=windows-1251\r\n\r\n"
        + "Паром остановится в мае, сообщил порт.".encode("cp1251")
    )

    (found,) = read(loader, data)

    assert found.page.published is None
    assert found.page.text.startswith("Паром остановится")


def test_a_flowed_mail_has_its_lines_joined(loader: Loader) -> None:
    data = (
        b"Subject: x\nContent-Type: text/plain; format=flowed\n\n"
        b"The last ferry \nwill sail.\n\n-- \nJane\n"
    )

    assert "The last ferry will sail.\n\n-- \nJane" in read(loader, data)[0].page.text


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b"\n\nno header", "no header"),
        (b"Subject: x\n\n", "no text"),
        (b"Subject: x\nContent-Type: image/png\n\nabc", "no text"),
    ],
)
def test_what_is_no_mail_says_so(loader: Loader, data: bytes, why: str) -> None:
    assert why in " ".join(reasons(loader, data))


def test_mails_in_mails_end(loader: Loader) -> None:
    started = time.monotonic()
    nested = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (i, i) for i in range(3_000)
    )
    inner = mail()
    for _ in range(8):
        outer = mail(Subject="outer")
        outer.add_attachment(inner)
        inner = outer

    assert not read(loader, nested)
    assert 1 <= len(read(loader, inner.as_bytes())) <= 3
    assert time.monotonic() - started < 15


def test_a_saved_page_has_the_address_that_it_came_from(loader: Loader) -> None:
    page = f"<html><head><meta charset=windows-1252></head><body><article><p>Café. {BODY}</p>"
    data = (
        b"From: <Saved by Browser>\r\nSnapshot-Content-Location: https://courier.example/ferry\r\n"
        b"Subject: =?utf-8?Q?Ferry_to_close?=\r\nDate: Fri, 6 Feb 2026 10:00:00 +0000\r\n"
        b'MIME-Version: 1.0\r\nContent-Type: multipart/related; type="text/html"; boundary="B"\r\n'
        b"\r\n--B\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: binary\r\n"
        b"Content-Location: https://courier.example/ferry\r\n\r\n" + page.encode("cp1252")
        + b"\r\n--B\r\nContent-Type: image/png\r\n\r\nabc\r\n--B--\r\n"
    )  # fmt: skip

    (found,) = read(loader, data, "a.mhtml")

    assert found.page.url == "https://courier.example/ferry"
    assert (found.page.title, found.page.published) == ("Ferry to close", None)
    assert found.page.text == f"Café. {BODY}"
    assert found.kind == "page"
    assert reasons(loader, b"Subject: x\n\nno page", "a.mht") == ["it holds no page"]
