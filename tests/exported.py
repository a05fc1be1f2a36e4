"""What a reader reads in an exported file, by the library of its format."""

import io
import re
import zipfile
from collections.abc import Callable
from typing import TYPE_CHECKING

import pypdfium2
from docx import Document
from lxml import html
from markdown_it import MarkdownIt
from mdit_py_plugins.footnote import footnote_plugin

if TYPE_CHECKING:
    pass


def in_markdown(content: bytes) -> str:
    rendered = MarkdownIt("commonmark").use(footnote_plugin).render(content.decode())
    return str(html.fromstring(rendered).text_content())


def in_web_page(content: bytes) -> str:
    return str(html.fromstring(content.decode()).text_content())


def in_word(content: bytes) -> str:
    assert Document(io.BytesIO(content)).paragraphs
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return re.sub("<[^>]+>", "", packed.read("word/footnotes.xml").decode())


def in_pdf(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    text = "\n".join(page.get_textpage().get_text_bounded() for page in document)
    return re.sub("[\x02\ufffe]", "", text)


FILES: dict[str, tuple[str, Callable[[bytes], str]]] = {
    "Markdown": (".md", in_markdown),
    "Web page": (".html", in_web_page),
    "Word": (".docx", in_word),
    "PDF": (".pdf", in_pdf),
}


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)
