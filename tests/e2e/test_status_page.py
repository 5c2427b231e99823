"""The status page in a real browser: narrow and wide, dark and light, by keyboard. Its pictures are kept in build/."""

import pytest

import browser as browsers
import harness
from harness import free_port, refusal, rows, until
from test_http import fetch, table

PICTURES = harness.ROOT / "build/status-page"


@pytest.fixture
def config(config):
    config["listeners"].append({"protocol": "http", "address": f"127.0.0.1:{free_port()}", "tls": "off"})
    config["compute_sources"]["sales"]["limits"] = {"max_concurrent_queries": 2}
    config["compute_sources"]["sales"]["pool"]["max_wait_ms"] = 60000  # the third waits for as long as the page is looked at
    return config


@pytest.fixture
def browser():
    if not browsers.PROGRAM:
        pytest.skip("chromium is missing: the status page was not looked at")
    one = browsers.Browser()
    yield one
    one.close()


def work(g):
    """Something for every part of the page; gives connections whose statements still run."""
    for i in range(12):
        g.query(f"SELECT id, side FROM t WHERE id = {i}", database="sales")
        g.query("SELECT side, COUNT(*) FROM t GROUP BY side HAVING COUNT(*) > 1", "etl", database="crm")
    g.query("SELECT o.id FROM t o JOIN ${orders}.t m ON m.id = o.id", "own", database="sales_dev")
    refusal(g.query, "SELECT * FROM secret.t", database="sales")
    refusal(g.query, "SELECT nosuch FROM t", database="sales")
    refusal(g.connect, "ana", password="wrong")
    running = [g.connect("ana", "sales") for _ in range(3)]
    for connection in running:
        connection._execute_command(3, "SELECT SLEEP(60) FROM numbers WHERE n = 1")
    return running


def test_the_page_is_delivered_whole(gateway, config):
    """One document, no other host, no script but its own."""
    gateway(config)
    port = int(config["listeners"][-1]["address"].rsplit(":", 1)[1])
    status, first, headers = fetch(port, "/")
    assert status == 200 and headers["Content-Type"].startswith("text/html")
    nonce = headers["Content-Security-Policy"].split("script-src 'nonce-")[1].split("'")[0]
    assert first.count(f'nonce="{nonce}"') == 2 and "NONCE" not in first
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert fetch(port, "/")[1] != first
    assert "http://" not in first.replace("http://www.w3.org/2000/svg", "") and "https://" not in first
    assert first.endswith("</html>\n")


def test_the_page_in_a_browser(gateway, config, browser):
    g = gateway(config)
    port = int(config["listeners"][-1]["address"].rsplit(":", 1)[1])
    running = work(g)
    assert until(lambda: table(port, "queues"))
    for width, height in [(1280, 900), (390, 844)]:
        for dark in [False, True]:
            browser.open(f"http://127.0.0.1:{port}/", width, height, dark)
            assert browser.until("document.body?.dataset.ready === '1' && document.querySelectorAll('#traffic tbody tr').length > 1")
            look(browser, width)
            browser.picture(PICTURES / f"{width}-{'dark' if dark else 'light'}.png")
    assert browser.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    use_keys(browser)
    assert {r.split("/")[2] for r in browser.requests if r.startswith("http")} == {f"127.0.0.1:{port}"}
    assert browser.complaints == []
    for connection in running:
        connection._force_close()


def look(browser, width):
    text = browser.evaluate("document.body.innerText")
    for wanted in ["serving", "SELECT id, side FROM t WHERE id = ?", "sales", "crm", "a place",
                   "no such project", "configuration 1"]:
        assert wanted in text, (wanted, text)
    for part in ["traffic", "pools", "frontends", "queues", "digests", "denials"]:
        assert browser.evaluate(f"document.querySelectorAll('#{part} tbody tr').length") >= 1, part
    assert browser.evaluate("document.documentElement.scrollWidth") <= width
    contrast = browser.evaluate("""(() => {
        const light = c => { const [r, g, b] = c.match(/[0-9.]+/g).map(v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
                             return .2126 * r + .7152 * g + .0722 * b; };
        const ratio = (e, back) => { const x = light(getComputedStyle(e).color), y = light(getComputedStyle(back).backgroundColor);
                                     return (Math.max(x, y) + .05) / (Math.min(x, y) + .05); };
        const card = document.querySelector('section'), badge = document.querySelector('#frontends .badge');
        return Math.min(ratio(document.querySelector('td'), card), ratio(document.querySelector('.head span'), card),
                        ratio(document.querySelector('.more a'), card), ratio(badge, badge)); })()""")
    assert contrast >= 4.5, contrast


def use_keys(browser):
    """Every control is reached with the tab key and is seen to have the focus; Pause works with Enter."""
    reached = []
    for _ in range(30):
        browser.press("Tab", 9)
        reached.append(browser.evaluate(
            "(e => [e.id || e.getAttribute('aria-label') || e.textContent, getComputedStyle(e).outlineStyle])(document.activeElement)"))
    names = [name for name, _ in reached]
    for wanted in ["To the figures", "pause", "Traffic", "All tables", "Frontends as JSON", "Last refusals"]:
        assert wanted in names, names
    assert all(outline != "none" for name, outline in reached if name not in ("", "main") and len(name) < 60), reached
    browser.evaluate("document.getElementById('pause').focus()")
    browser.press("Enter", 13)
    assert browser.until("document.getElementById('pause').getAttribute('aria-pressed') === 'true'")
