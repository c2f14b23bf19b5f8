"""The practice sets in JupyterLab, as a student meets them."""

import re
import signal
import socket
import subprocess
import time
import urllib.request

import nbformat
import pytest

from casestudy.classroom.practice import kept, lab
from casestudy.classroom.sets import source
from casestudy.classroom.sets.solve import solve

SET = "02-satisfaction"
SLOW = 30_000  # milliseconds; two cores may be busy


def test_a_second_start_leaves_a_student_s_work_alone(tmp_path):
    copies = lab.copy_practice(tmp_path)
    assert [path.stem for path in copies] == [path.parent.name for path in source.found()]
    own = [copies[0], tmp_path / "notebooks" / "03-agents-avoided.ipynb", tmp_path / lab.START]
    for path in own:
        path.write_text("my work")
    lab.copy_practice(tmp_path)
    assert {path.read_text() for path in own} == {"my work"}
    own[-1].unlink()
    lab.copy_practice(tmp_path)
    assert own[-1].exists()


def test_the_start_page_leads_to_every_set(tmp_path):
    copies = lab.copy_practice(tmp_path)
    shown = nbformat.read(tmp_path / lab.START, 4).cells[1].outputs[0].data["text/markdown"]
    links = re.findall(r"\]\((.+?)\)", shown)
    assert [tmp_path / link for link in links if link.startswith("exercises")] == copies
    assert all((tmp_path / link).is_file() for link in links)


def test_the_start_page_says_what_is_done_and_left_and_follows_at_the_next_start(tmp_path):
    def row():
        lab.copy_practice(tmp_path)
        shown = nbformat.read(tmp_path / lab.START, 4).cells[1].outputs[0].data["text/plain"]
        return next(line for line in shown.splitlines() if problem_set.title in line)

    problem_set = source.load(source.find(SET))
    first, *others = [question for question in problem_set.questions if not question.manual]
    assert f": 0 of {len(others) + 1}: {first.title} and {len(others)} more" in row()
    path = kept.beside(SET, tmp_path / "exercises" / SET)
    kept.write(path, "practice", kept.Kept(done=[first.id]))
    assert f": 1 of {len(others) + 1}: {others[0].title}" in row()


@pytest.fixture
def server(tmp_path):
    """A JupyterLab of its own on a free port, with the practice sets in it."""
    lab.copy_practice(tmp_path / "sets")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment, settings = lab.environment()
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR", "JUPYTER_RUNTIME_DIR"):
        environment[name] = str(tmp_path / name.lower())
    options = ("--no-browser", "--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0", "--allow-root")
    log = tmp_path / "lab.log"
    with settings, log.open("w") as lines:
        command = lab.command(tmp_path / "sets", *options, "--IdentityProvider.token=t")
        running = subprocess.Popen(command, env=environment, stdout=lines, stderr=subprocess.STDOUT)
        try:
            for _ in range(240):
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/api?token=t").read()
                    break
                except OSError:
                    assert running.poll() is None, log.read_text()
                    time.sleep(0.25)
            yield f"http://127.0.0.1:{port}"
        finally:
            running.send_signal(signal.SIGTERM)
            running.wait(30)


@pytest.mark.slow
def test_a_student_sees_the_hint_and_then_the_praise(server, chromium):
    """Start page, practice set, all cells; then a named mistake and the right answer, typed in."""
    from playwright.sync_api import expect, sync_playwright

    solved = solve(source.load(source.find(SET)), "practice")
    mistake, slipped = next(pair for pair in solved.wrong if pair[0].question == "headroom")
    failed = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.on("requestfailed", lambda request: failed.append(request.url))
        page.goto(f"{server}/?token=t")
        page.get_by_role("link", name=re.compile("rise in satisfaction")).first.click(timeout=SLOW)
        panel = page.locator(".jp-NotebookPanel:visible")
        blank = panel.locator(".jp-CodeCell").filter(has_text="headroom_pct = ...").first
        blank.wait_for(timeout=SLOW)
        page.get_by_text("| Idle").first.wait_for(timeout=SLOW)
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name=re.compile("^Run All Cells")).first.click()
        status = panel.get_by_role("status")
        expect(status.filter(has_text="Not ready yet")).to_be_visible(timeout=SLOW)
        for value, words in ((slipped["headroom_pct"], mistake.hints["en"][0]), (solved.right["headroom"], "Right.")):
            number = value if isinstance(value, float) else value["headroom_pct"]
            editor = panel.locator(".jp-CodeCell").filter(has_text="headroom_pct = ").first.locator(".cm-content")
            editor.click()
            page.keyboard.press("Control+a")
            page.keyboard.type(f"headroom_pct = {number}")
            page.keyboard.press("Shift+Enter")
            check = panel.locator(".jp-CodeCell").filter(has_text="check(headroom_pct=headroom_pct)").first
            check.locator(".cm-content").click()
            page.keyboard.press("Shift+Enter")
            expect(check.get_by_role("status")).to_contain_text(words, timeout=SLOW)
        browser.close()
    assert not failed
