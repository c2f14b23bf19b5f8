"""Inside the jail: run a grader's commands one after another, and tell what they leave behind; see hostile.py."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path


def others() -> list[int]:
    """Processes in this jail besides this one and those that it came from."""
    own, parent = {1, os.getpid()}, os.getppid()
    found = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    return [number for number in found if number not in own | {parent} and _lives(number)]


def _lives(number: int) -> bool:
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def answer(listener: socket.socket, words: bytes) -> None:
    while True:
        listener.accept()[0].sendall(words)


def main(job: dict) -> None:
    listener = socket.create_server(("127.0.0.1", job["port"]))
    threading.Thread(target=answer, args=(listener, repr(job["right"]).encode()), daemon=True).start()
    os.environ["CASESTUDY_PLANTED"] = repr(job["right"])
    told = []
    for command in job["commands"]:
        with open("log", "ab") as log:
            running = subprocess.Popen(
                command, cwd="course", stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
            try:
                code, stopped = running.wait(job["limit_s"]), False
            except subprocess.TimeoutExpired:
                code, stopped = None, True
                os.killpg(running.pid, signal.SIGKILL)
                running.wait()
        time.sleep(2)
        left = others()
        for number in left:
            with contextlib.suppress(OSError):
                os.kill(number, signal.SIGKILL)
        told.append({"code": code, "stopped": stopped, "left": 0 if stopped else len(left)})
        Path("told.json").write_text(json.dumps(told))


main(json.loads(Path(sys.argv[1]).read_text()))
