"""Adminer in headless Chromium against the gateway: a person logs in, looks at the list, opens a table, browses its rows."""

import json
import os
import re
import socket
import subprocess
import time
import urllib.error
import urllib.request

from report import DATABASE, HOST, PASSWORD, PORT, USER, steps

ADMINER = "/usr/share/adminer/adminer.php"
OPTIONS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
           "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
           "--window-size=1280,1600", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the key under which WebDriver names an element


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Browser:
    """The part of WebDriver that is needed."""

    def __init__(self, port):
        self.base = f"http://127.0.0.1:{port}"
        chrome = {"args": [*OPTIONS, "--user-data-dir=" + os.path.abspath("chromium")], "binary": "/usr/bin/chromium"}
        self.base += "/session/" + self.post("/session", capabilities={"alwaysMatch": {"goog:chromeOptions": chrome}})["sessionId"]

    def post(self, path, **body):
        request = urllib.request.Request(self.base + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as e:
            raise RuntimeError(f"{path} {body}: {json.load(e)['value']['message'][:300]}") from None

    def close(self):
        urllib.request.urlopen(urllib.request.Request(self.base, method="DELETE"), timeout=60).close()

    def run(self, script, *arguments):
        return self.post("/execute/sync", script=script, args=list(arguments))

    def open(self, url):
        self.post("/url", url=url)

    def click(self, kind, words):
        self.post(f"/element/{self.post('/element', using=kind, value=words)[ELEMENT]}/click")

    def type(self, selector, text):
        element = self.post("/element", using="css selector", value=selector)[ELEMENT]
        self.run("arguments[0].value = ''", {ELEMENT: element})
        self.post(f"/element/{element}/value", text=text)

    def texts(self, selector):
        return self.run("return Array.from(document.querySelectorAll(arguments[0])).map(e => e.innerText.trim())", selector)


def started(port, *command):
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(400):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return process
        except OSError:
            time.sleep(0.05)
    process.kill()
    raise RuntimeError(f"{command[0]} does not come up")


def log_in(browser, page):
    browser.open(page)
    for name, text in (("server", f"{HOST}:{PORT}"), ("username", USER), ("password", PASSWORD)):
        browser.type(f"[name='auth[{name}]']", text)
    browser.click("css selector", "input[type=submit]")
    assert not browser.texts(".error"), browser.texts(".error")


def rows(browser):
    """The table of a `select` page: without its tick boxes; bytes are shown as a link of their size."""
    all_rows = browser.run("return Array.from(document.querySelectorAll('#table tbody tr'))"
                           ".map(r => Array.from(r.cells).slice(1).map(c => c.querySelector('i') && c.innerText == 'NULL' ? null"
                           " : c.innerText))")
    return [[*row[:-1], "00ff5c27" if row[-1] and re.match(r"4 byte", row[-1]) else row[-1]] for row in all_rows]


def main(browser, page):
    log_in(browser, page)
    listed = browser.texts("#dbs option, #databases option, select[name=db] option")
    found = {"projects": [name for name in listed if name]}

    def tables():
        browser.run("const s = document.querySelector('select[name=db]'); s.value = arguments[0];"
                    "s.dispatchEvent(new Event('change', {bubbles: true})); if (s.form) s.form.submit()", DATABASE)
        time.sleep(0.5)
        return browser.texts("#tables a.structure")

    def columns():
        browser.click("link text", "every")
        return browser.texts("#content table th")[0:0] or [name for name in browser.run(
            "return Array.from(document.querySelectorAll('#content table tbody tr th, #content table tr th'))"
            ".map(e => e.innerText.trim())") if name.startswith(("id", "c_"))]

    def text():
        browser.click("link text", "Select data")
        return rows(browser)

    steps(version=lambda: re.search(r"[0-9.]{3,}", browser.texts("#h1, .version")[-1])[0], projects=lambda: found["projects"],
          tables=tables, columns=columns, text=text)


web, driver = free_port(), free_port()
servers = [started(web, "php", "-S", f"127.0.0.1:{web}", ADMINER), started(driver, "chromedriver", f"--port={driver}")]
seen = Browser(driver)
try:
    main(seen, f"http://127.0.0.1:{web}/")
finally:
    seen.close()
    for server in servers:
        server.terminate()
        server.wait()
