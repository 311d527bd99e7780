#!/usr/bin/env python3
"""The HTML report in a real browser, headless: charts, sorting, search, themes, and what a hostile log may do (nothing).

usage: report_page_test.py ASSAY [MERMAID.JS [SCREENSHOTS]]; run by `./dev test-html`, which needs Chromium, not by `./dev test`.
"""
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

from selenium import webdriver
from selenium.webdriver.common.by import By

ROOT = pathlib.Path(__file__).resolve().parents[2]
RECORDED = ROOT / "samples/crm/recorded"
ASSAY = sys.argv[1]
MERMAID = sys.argv[2] if len(sys.argv) > 2 else None
SCREENSHOTS = pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 else None

ATTACKS = [
    "SELECT '<script>window.broken = 1</script>'",
    "SELECT 1 -- </code></pre><img src=x onerror='window.broken = 1'>",
    "SELECT 2 /*\n```\n</details>\n<script>window.broken = 1</script>\n\n# heading\n*/",
    'SELECT "](javascript:window.broken=1)" FROM "<a id=""x"" onclick=""window.broken=1"">"',
    "SELECT 3 -- \"></figure><svg onload=window.broken=1>",
    "SELECT 4 -- ```assay-chart\n{}\n```",
]


def hostile_log():
    lines = []
    for i, attack in enumerate(ATTACKS * 5):
        text = attack.replace("\n", "\n\t")
        lines.append(f"2026-11-22 10:00:{i % 60:02}.000 UTC [77] u@<script>window.broken=1</script> "
                     f"LOG:  duration: {i + 1}.000 ms  statement: {text}")
    return "\n".join(lines) + "\n"


def browser():
    options = webdriver.ChromeOptions()
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1200,900"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(options=options)


class ReportPage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.here = pathlib.Path(cls.folder.name)
        cls.browser = browser()
        log, snapshot = RECORDED / "crm.log.zst", RECORDED / "crm.snapshot"
        for name in ("crm.html", "crm.md"):
            cls.report(log, cls.here / name, "--catalog", snapshot)
        (cls.here / "hostile.log").write_text(hostile_log())
        cls.report(cls.here / "hostile.log", cls.here / "hostile.html", "--log-line-prefix", "%m [%p] %u@%d ")

    @classmethod
    def tearDownClass(cls):
        cls.browser.quit()
        cls.folder.cleanup()

    @staticmethod
    def report(log, output, *options):
        subprocess.run([ASSAY, "report", log, "-o", output, "--quiet", *options], check=True)

    def open(self, name):
        self.browser.get((self.here / name).as_uri())

    def all(self, selector):
        return self.browser.find_elements(By.CSS_SELECTOR, selector)

    def complaints(self):
        return [entry["message"] for entry in self.browser.get_log("browser")]

    def column(self, table, number):
        return [row.find_elements(By.TAG_NAME, "td")[number].text for row in table.find_elements(By.CSS_SELECTOR, "tbody tr")]

    def test_page_loads_nothing_and_complains_of_nothing(self):
        self.open("crm.html")
        self.assertEqual(self.complaints(), [])
        self.assertEqual(self.browser.execute_script("return performance.getEntriesByType('resource').length"), 0)

    def test_charts_are_drawn(self):
        self.open("crm.html")
        charts = self.all("figure.chart canvas")
        self.assertGreaterEqual(len(charts), 5)
        inks = self.browser.execute_script(
            "return [...document.querySelectorAll('figure.chart canvas')].map(c => "
            "c.getContext('2d').getImageData(0, 0, c.width, c.height).data.filter(v => v).length)")
        self.assertTrue(all(ink > 1000 for ink in inks), inks)

    def test_tables_sort_by_figures_with_units(self):
        self.open("crm.html")
        table = next(t for t in self.all("main table") if "create index on" in t.text)
        size = next(h for h in table.find_elements(By.TAG_NAME, "th") if h.text == "size")
        number = [h.text for h in table.find_elements(By.TAG_NAME, "th")].index("size")
        unit = {"kB": 1024, "MB": 1024**2, "GB": 1024**3}

        def bytes_of(text):
            figure, name = text.split(" ")
            return float(figure.replace(",", "")) * unit[name]

        size.click()
        sizes = [bytes_of(text) for text in self.column(table, number)]
        self.assertEqual(sizes, sorted(sizes, reverse=True))
        size.click()
        sizes = [bytes_of(text) for text in self.column(table, number)]
        self.assertEqual(sizes, sorted(sizes))
        self.assertGreater(len(set(sizes)), 10)

    def test_search_hides_what_does_not_match(self):
        self.open("crm.html")
        field = self.browser.find_element(By.ID, "search")
        before = len([h for h in self.all("main h3") if h.is_displayed()])
        field.send_keys("taggings")
        shown = [h.text for h in self.all("main h3") if h.is_displayed()]
        self.assertTrue(0 < len(shown) < before, shown)
        self.assertTrue(any("taggings" in text for text in shown))
        for row in self.all("main tbody tr"):
            self.assertTrue(not row.is_displayed() or "taggings" in row.text.lower() or
                            self.inside_of_a_match(row), row.text)
        field.clear()
        field.send_keys(" ")
        self.assertEqual(len([h for h in self.all("main h3") if h.is_displayed()]), before)

    def inside_of_a_match(self, row):
        """A recommendation that matches anywhere is shown as a whole, its matching rows alone where they match."""
        return self.browser.execute_script(
            "for (let n = arguments[0].closest('.wide'); n; n = n.previousElementSibling) if (/^H[23]$/.test(n.tagName)) "
            "return n.tagName === 'H3'; return false", row)

    def test_links_lead_somewhere(self):
        self.open("crm.html")
        dead = self.browser.execute_script(
            "return [...document.querySelectorAll('main a[href^=\"#\"]')].map(a => a.getAttribute('href').slice(1))"
            ".filter(id => !document.getElementById(id))")
        self.assertEqual(dead, [])

    def test_light_and_dark(self):
        self.open("crm.html")
        colour = "return getComputedStyle(document.documentElement).backgroundColor"
        first = self.browser.execute_script(colour)
        self.browser.find_element(By.ID, "theme").click()
        self.assertNotEqual(self.browser.execute_script(colour), first)
        self.screenshot("dark.png")
        self.browser.find_element(By.ID, "theme").click()
        self.assertEqual(self.browser.execute_script(colour), first)
        self.screenshot("light.png")

    def screenshot(self, name):
        if SCREENSHOTS:
            self.browser.save_screenshot(str(SCREENSHOTS / name))

    def test_a_hostile_log_is_text(self):
        self.open("hostile.html")
        self.assertIsNone(self.browser.execute_script("return window.broken ?? null"))
        self.assertEqual(len(self.all("script")), 2)
        self.assertEqual(self.all("img, svg, iframe, object, main [onclick], main [onload], main [onerror]"), [])
        self.assertEqual([c for c in self.complaints() if "Content Security Policy" in c], [])
        self.assertEqual([a.get_attribute("href") for a in self.all("a") if "javascript" in (a.get_attribute("href") or "")], [])
        self.assertIn("<script>window.broken=1</script>", self.browser.page_source.replace("&lt;", "<").replace("&gt;", ">"))
        self.screenshot("hostile.png")

    @unittest.skipUnless(MERMAID, "no mermaid.js was given")
    def test_mermaid_draws_the_charts_of_the_markdown_report(self):
        text = (self.here / "crm.md").read_text()
        blocks = re.findall(r"^```mermaid\n(.*?)^```$", text, re.M | re.S)
        self.assertGreaterEqual(len(blocks), 3)
        page = self.here / "mermaid.html"
        page.write_text(f'<meta charset="utf-8"><script src="{pathlib.Path(MERMAID).resolve().as_uri()}"></script><div id="at"></div>')
        self.browser.get(page.as_uri())
        for i, block in enumerate(blocks):
            svg = self.browser.execute_async_script(
                "const done = arguments[2]; mermaid.render('chart' + arguments[0], arguments[1])"
                ".then(r => { document.body.insertAdjacentHTML('beforeend', r.svg); done(r.svg); }, e => done('failed: ' + e));",
                i, block)
            self.assertTrue(svg.startswith("<svg"), svg[:300] + block)
        self.screenshot("mermaid.png")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
