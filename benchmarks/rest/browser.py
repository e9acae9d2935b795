"""A headless Chromium spoken to over two pipes (the DevTools protocol): enough to open pages, run scripts in them and take pictures."""
import base64
import json
import os
import shutil
import subprocess
import tempfile

FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run",
         "--disable-dev-shm-usage", "--remote-debugging-pipe", "--disable-background-timer-throttling", "--disable-renderer-backgrounding", "--disable-backgrounding-occluded-windows"]


class Page:
    def __init__(self, browser, target, session):
        self.browser, self.target, self.session = browser, target, session

    def call(self, method, **parameters):
        return self.browser.call(method, parameters, self.session)

    def run(self, script):
        """The value of an expression, a promise's once it is there."""
        answer = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def size(self, width, height, dark=False, scale=1):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=width < 600)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def picture(self, path, whole=False):
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.call("Page.captureScreenshot", captureBeyondViewport=whole)["data"]))

    def close(self):
        self.browser.call("Target.closeTarget", {"targetId": self.target})


class Browser:
    def __init__(self, program="chromium"):
        to_read, self.write = os.pipe()
        self.read, to_write = os.pipe()
        self.directory = tempfile.mkdtemp(prefix="omnisight-browser-")

        def wire():
            # Chromium reads from 3 and writes to 4; neither end may be overwritten before it is moved.
            read, write = os.dup(to_read), os.dup(to_write)
            os.dup2(read, 3)
            os.dup2(write, 4)

        self.process = subprocess.Popen([program, *FLAGS, f"--user-data-dir={self.directory}"], preexec_fn=wire, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_read)
        os.close(to_write)
        self.next, self.rest = 0, b""

    def call(self, method, parameters=None, session=None):
        self.next += 1
        message = {"id": self.next, "method": method, "params": parameters or {}}
        if session:
            message["sessionId"] = session
        os.write(self.write, json.dumps(message).encode() + b"\0")
        while True:
            while b"\0" not in self.rest:
                got = os.read(self.read, 1 << 20)
                if not got:
                    raise RuntimeError("the browser is gone")
                self.rest += got
            first, self.rest = self.rest.split(b"\0", 1)
            answer = json.loads(first)
            if answer.get("id") == self.next:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]

    def open(self, url):
        target = self.call("Target.createTarget", {"url": "about:blank", "newWindow": True})["targetId"]
        page = Page(self, target, self.call("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"])
        page.call("Page.enable")
        page.call("Page.navigate", url=url)
        return page

    def close(self):
        try:
            self.call("Browser.close")
            self.process.wait(10)
        except (RuntimeError, OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)
