"""How quickly the page answers: first content after the click, weight, readiness, memory.

Usage: python -m benchmarks.page HOME QUESTIONS [--asked 100] [--through 500]

HOME is an archive, QUESTIONS a JSON Lines file (.gz too) with a ``question`` in each row. The
server is a process of its own; a real browser asks, and a script in the page takes the moments
from the click to the first step, the first sentence and the whole answer. The baseline is the
same question asked of the JSON API of the same server, without a page.
"""

import argparse
import gzip
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import numpy as np
import psutil

from web.serve import listen

if TYPE_CHECKING:
    from playwright.sync_api import Page

CHROMIUM = Path("/usr/bin/chromium")
_PATIENCE_S = 120
# Runs in the page: asks, and resolves with the milliseconds from the click to each moment.
_ASK = """(question) => new Promise((resolve) => {
  const seen = {};
  const box = document.querySelector('#question textarea');
  box.value = question;
  box.dispatchEvent(new Event('input', {bubbles: true}));
  setTimeout(() => {
    const began = performance.now();
    const look = () => {
      const turn = document.querySelector('#current .byline-turn:not([hidden])');
      if (turn?.querySelector('.byline-question').textContent !== question) return;
      const now = performance.now() - began;
      seen.step ??= now;
      const first = turn.querySelector('.byline-sentence, .byline-abstention');
      if (first) seen.sentence ??= now;
      if (turn.dataset.state === 'done') { seen.done ??= now; watch.disconnect(); resolve(seen); }
    };
    const watch = new MutationObserver(look);
    watch.observe(document.querySelector('#current'),
      {childList: true, subtree: true, attributes: true});
    document.querySelector('#ask').click();
  }, 80);
})"""


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--asked", type=int, default=100)
    parser.add_argument("--through", type=int, default=500)
    given = parser.parse_args()
    questions = _questions(given.questions)
    with _served(given.home) as (url, process), _browser() as browser:
        n_articles = httpx.get(f"{url}/healthz").json()["articles"]
        print(f"{n_articles:,} articles, {given.asked} questions\n")
        weight = _loaded(browser, url)
        page = browser.new_page()
        _ready(page, url)
        bare, shown = _asked(page, url, questions[: given.asked])
        print(_table(bare, shown))
        print(
            f"\npage weight {weight['kb']:,.0f} kB in {weight['n']} requests; ready in"
            f" {weight['cold_s']:.2f} s, again in {weight['warm_s']:.2f} s"
        )
        print(_memory(url, process, questions, given.through))


def _questions(path: Path) -> list[str]:
    opened: Any = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line)["question"] for line in lines]


@contextmanager
def _served(home: Path) -> Iterator[tuple[str, psutil.Process]]:
    with listen("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "app.py", "serve", "--home", str(home), "--port", str(port)]
    with tempfile.TemporaryFile() as log, subprocess.Popen(command, stderr=log) as server:
        url = f"http://127.0.0.1:{port}"
        try:
            _wait(url)
            yield url, psutil.Process(server.pid)
        finally:
            server.terminate()


def _wait(url: str) -> None:
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until:
        try:
            if httpx.get(f"{url}/healthz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.3)
    raise SystemExit(f"nothing answers at {url}")


@contextmanager
def _browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        flags = ["--no-sandbox", "--disable-gpu"]
        browser = started.chromium.launch(executable_path=str(CHROMIUM), args=flags)
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        yield context
        browser.close()


def _ready(page: "Page", url: str) -> float:
    """Seconds until a question can be typed and the greeting is there."""
    began = time.perf_counter()
    page.goto(url)
    page.wait_for_selector(".byline-hero", timeout=_PATIENCE_S * 1e3)
    page.wait_for_selector("#question textarea:enabled")
    return time.perf_counter() - began


def _loaded(browser: Any, url: str) -> dict[str, float]:
    page = browser.new_page()
    sizes: list[float] = []
    session = browser.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda told: sizes.append(told["encodedDataLength"]))
    cold = _ready(page, url)
    page.wait_for_timeout(500)
    n, total = len(sizes), sum(sizes)
    warm = _ready(page, url)
    page.close()
    return {"kb": total / 1e3, "n": n, "cold_s": cold, "warm_s": warm}


def _asked(
    page: "Page", url: str, questions: Sequence[str]
) -> tuple[list[float], list[dict[str, float]]]:
    """Milliseconds of each question by the API alone, and through the page."""
    bare, shown = [], []
    for n, question in enumerate(questions):
        marked = f"{question} ({n})"  # so that no two answers on the page are taken for one
        began = time.perf_counter()
        httpx.post(f"{url}/v1/ask", json={"question": marked}, timeout=_PATIENCE_S)
        bare.append(1e3 * (time.perf_counter() - began))
        shown.append(page.evaluate(_ASK, marked))
        page.evaluate("window.byline.fresh()")  # each in a conversation of its own
        page.evaluate("document.querySelector('#past').textContent = ''")
    return bare, shown


def _table(bare: Sequence[float], shown: Sequence[dict[str, float]]) -> str:
    whole = np.percentile(bare, [50, 95])
    rows = [
        "| from the click to | p50 ms | p95 ms | p50 against the API alone |",
        "|---|---|---|---|",
    ]
    moments = {"step": "the first step", "sentence": "the first content", "done": "the answer kept"}
    for name, words in moments.items():
        p50, p95 = np.percentile([one[name] for one in shown], [50, 95])
        rows.append(f"| {words} | {p50:.0f} | {p95:.0f} | {p50 / whole[0]:.2f} |")
    rows.append(f"| the whole answer by the API alone | {whole[0]:.0f} | {whole[1]:.0f} | 1.00 |")
    return "\n".join(rows)


def _memory(url: str, process: psutil.Process, questions: Sequence[str], through: int) -> str:
    def resident() -> float:
        return float(process.memory_info().rss) / 2**20

    before = resident()
    with httpx.Client(timeout=_PATIENCE_S) as client:
        for n in range(through):
            asked = {"question": questions[n % len(questions)]}
            client.post(f"{url}/v1/ask", json=asked).raise_for_status()
    after = resident()
    return f"server: {before:,.0f} MB, after {through} more questions {after:,.0f} MB"


if __name__ == "__main__":
    main()
