# SPDX-License-Identifier: MIT
"""A real Chromium, led by its chromedriver: as much of W3C's WebDriver as the tests need.

    with Browser() as browser:
        browser.open('http://127.0.0.1:8080/')
        browser.wait_for('return document.title === "..."')
        browser.click('#views a')

The browser has a profile of its own, which goes with it; both processes have ended when the `with`
has. It is told to ask nobody but 127.0.0.1, and remembers what it has asked: `requests()`.
"""

import base64
import ctypes
import http.client
import json
import os
import re
import select
import shutil
import signal
import subprocess
import tempfile
import time

PATIENCE = 30.0  # seconds: a browser on a machine that is busy
ELEMENT = 'element-6066-11e4-a52e-4f735466cecf'
KEYS = {'Tab': '\ue004', 'Enter': '\ue007', 'Escape': '\ue00c', 'ArrowLeft': '\ue012',
        'ArrowUp': '\ue013', 'ArrowRight': '\ue014', 'ArrowDown': '\ue015', 'Shift': '\ue008'}

OPTIONS = [
    '--headless=new', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run', '--no-pings',
    '--no-proxy-server', '--lang=en-US', '--hide-scrollbars', '--force-color-profile=srgb',
    '--disable-background-networking', '--disable-component-update', '--disable-sync',
    '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
]


class Failed(AssertionError):
    """What the browser did not do, in its words."""


def end_with_parent():
    """In a child: it is killed when its parent ends, however that ends."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def programs():
    """chromedriver and Chromium, or None where they are not installed."""
    driver = shutil.which('chromedriver')
    browser = shutil.which('chromium')
    return (driver, browser) if driver and browser else None


class Browser:
    def __init__(self, width=1280, height=900):
        driver, self.binary = programs()
        self.folder = tempfile.mkdtemp(prefix='sm-web-')
        self.session = None
        # A group of their own, which ends as one whatever happens.
        self.process = subprocess.Popen(
            [driver, '--port=0', '--log-path=' + os.path.join(self.folder, 'log')],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=dict(os.environ, HOME=self.folder, TZ='UTC'), start_new_session=True,
            preexec_fn=end_with_parent)
        try:
            self.port = self.wait_for_port()
            self.session = self.begin(width, height)
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.close()

    def close(self):
        try:
            if self.session:
                self.ask('DELETE', '')
        except (OSError, http.client.HTTPException, Failed):
            pass  # It has ended, or will now.
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def wait_for_port(self):
        said = b''
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if not select.select([self.process.stdout], [], [], 1)[0]:
                continue
            more = os.read(self.process.stdout.fileno(), 65536)
            said += more
            found = re.search(rb'started successfully on port (\d+)', said)
            if found:
                return int(found[1])
            if not more:
                break
        raise Failed('chromedriver did not start: %r' % said)

    def begin(self, width, height):
        args = [*OPTIONS, '--user-data-dir=' + os.path.join(self.folder, 'profile'),
                '--window-size=%d,%d' % (width, height)]
        if os.geteuid() == 0:
            args.append('--no-sandbox')
        wanted = {
            'browserName': 'chrome',
            'unhandledPromptBehavior': 'ignore',  # a dialog would be a fault, and is to be seen
            'timeouts': {'script': int(PATIENCE * 1000), 'pageLoad': int(PATIENCE * 1000)},
            'goog:chromeOptions': {'binary': self.binary, 'args': args},
            'goog:loggingPrefs': {'browser': 'ALL', 'performance': 'ALL'},
        }
        self.session = ''
        made = self.ask('POST', 'session', {'capabilities': {'alwaysMatch': wanted}})
        return made['sessionId']

    def ask(self, method, path, body=None):
        """One command."""
        if self.session:
            path = 'session/%s/%s' % (self.session, path)
        connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=PATIENCE)
        try:
            connection.request(method, '/' + path.rstrip('/'),
                               None if method != 'POST' else json.dumps(body or {}),
                               {'Content-Type': 'application/json'})
            answer = json.loads(connection.getresponse().read())['value']
        finally:
            connection.close()
        if isinstance(answer, dict) and 'error' in answer:
            raise Failed('%s: %s' % (answer['error'], answer['message']))
        return answer

    def open(self, url):
        self.ask('POST', 'url', {'url': url})

    def run(self, script, *args):
        """What a script returns."""
        return self.ask('POST', 'execute/sync', {'script': script, 'args': list(args)})

    def wait_for(self, script, *args, seconds=PATIENCE):
        """Until a script returns something true; that. It is run again whenever the page is drawn."""
        polled = '''
            const done = arguments[arguments.length - 1], until = performance.now() + %d;
            const condition = (...args) => { %s };
            const look = () => {
                let result;
                try { result = condition(...arguments); } catch (error) { result = null; }
                if (result || performance.now() > until) { done(result || null); }
                else { setTimeout(look, 20); }
            };
            look();''' % (seconds * 1000 / 2, script.replace('arguments', 'args'))
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                result = self.ask('POST', 'execute/async', {'script': polled, 'args': list(args)})
            except Failed as failure:
                if not str(failure).startswith(('javascript error', 'stale', 'no such')):
                    raise
                continue  # The page was left meanwhile, for another one.
            if result:
                return result
        raise Failed('never: %s %r\n%s' % (script, args, self.text('body')))

    def wait_text(self, css, text):
        """Until what the selector finds shows this text."""
        return self.wait_for('''return [...document.querySelectorAll(arguments[0])].some(
            (node) => (node.innerText ?? node.textContent).includes(arguments[1]))''', css, text)

    def text(self, css):
        """What one sees of the first that the selector finds."""
        return self.run('return document.querySelector(arguments[0])?.innerText ?? null', css)

    def count(self, css):
        return self.run('return document.querySelectorAll(arguments[0]).length', css)

    def find(self, css):
        return self.ask('POST', 'element', {'using': 'css selector', 'value': css})[ELEMENT]

    def click(self, css):
        self.ask('POST', 'element/%s/click' % self.find(css))

    def write(self, css, text):
        self.ask('POST', 'element/%s/value' % self.find(css), {'text': text})

    def press(self, *names, shift=False):
        """Keys, by name or as they are, to whatever has the focus."""
        actions = [{'type': 'keyDown', 'value': KEYS['Shift']}] if shift else []
        for name in names:
            value = KEYS.get(name, name)
            actions += [{'type': 'keyDown', 'value': value}, {'type': 'keyUp', 'value': value}]
        if shift:
            actions.append({'type': 'keyUp', 'value': KEYS['Shift']})
        self.ask('POST', 'actions', {'actions': [{'type': 'key', 'id': 'keys', 'actions': actions}]})

    def focused(self):
        """What has the focus: its tag, and its text or label."""
        return self.run('''const at = document.activeElement;
            return [at.localName, at.getAttribute('aria-label') ?? at.textContent.trim()]''')

    def devtools(self, command, **params):
        return self.ask('POST', 'goog/cdp/execute', {'cmd': command, 'params': params})

    def screenshot(self, path, whole=False):
        """A PNG of what is seen, or of the whole page."""
        if whole:
            size = self.devtools('Page.getLayoutMetrics')['cssContentSize']
            clip = {'x': 0, 'y': 0, 'width': size['width'], 'height': size['height'], 'scale': 1}
            data = self.devtools('Page.captureScreenshot', captureBeyondViewport=True, clip=clip)['data']
        else:
            data = self.ask('GET', 'screenshot')
        with open(path, 'wb') as file:
            file.write(base64.b64decode(data))

    def resize(self, width, height):
        """The size of what is seen; a phone's too, which no window has."""
        self.devtools('Emulation.setDeviceMetricsOverride', width=width, height=height,
                      deviceScaleFactor=1, mobile=False)

    def prefer(self, scheme):
        """As if the system were 'dark' or 'light'."""
        self.devtools('Emulation.setEmulatedMedia',
                      features=[{'name': 'prefers-color-scheme', 'value': scheme}])

    def has_dialog(self):
        try:
            self.ask('GET', 'alert/text')
        except Failed as failure:
            if str(failure).startswith('no such alert'):
                return False
            raise
        return True

    def console(self):
        """What was written to the console since it was asked last, errors of the browser among it."""
        return ['%s: %s' % (entry['level'], entry['message'])
                for entry in self.ask('POST', 'se/log', {'type': 'browser'})]

    def requests(self):
        """Every URL that was asked for since it was asked last, but for the browser's own pages."""
        events = [json.loads(entry['message'])['message']
                  for entry in self.ask('POST', 'se/log', {'type': 'performance'})]
        urls = [event['params']['request']['url'] for event in events
                if event['method'] == 'Network.requestWillBeSent']
        return [url for url in urls if not url.startswith(('chrome:', 'data:'))]
