#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Take the pictures of the page that docs/ shows, of a manager that has been at work for a while.

    tests/web/pictures.py [--seconds N] [FOLDER]     docs/ unless a folder is named
"""

import argparse
import math
import os
import time

from browser import Browser
from scene import ROOT, Manager, deadlock, hold, named, want

NAMES = {'jobs': 'JoinableQueue()', 'results': 'dict({"done": 0})', 'seen': 'set()', 'hits': 'Counter()',
         'rows': 'RLock()', 'index': 'Lock()', 'budget': 'Semaphore(2)',
         'config': 'dict({"retries": 3, "endpoints": ["a.example", "b.example"]})'}

WORK = '''
import threading, time
jobs, results, seen, config = manager.jobs(), manager.results(), manager.seen(), manager.config()

def work():
    n = 0
    while True:
        for _ in range(burst):
            n += 1
            jobs.put({"page": n, "url": "https://a.example/%d" % n})
            results.update({"done": n, n % 50: "ok"})
            if n % 5 == 0:
                config.get("retries")
            jobs.get()
        time.sleep(0.02)

burst = 1
threading.Thread(target=work, daemon=True).start()
'''.strip().replace('\n', '\\n')


def at_work(server, name):
    victim = named(server, name)
    victim.must('exec("""%s""", globals())' % WORK.replace('"', '\\"'))
    return victim


def die(server, name, lock):
    """A client that ends with a lock that another one waits for."""
    with named(server, name) as victim:
        hold(victim, lock)
        victim.kill()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--seconds', type=float, default=310)
    parser.add_argument('folder', nargs='?', default=os.path.join(ROOT, 'docs'))
    args = parser.parse_args()

    with Manager(NAMES) as server:
        workers = [at_work(server, name) for name in ('crawler-1', 'crawler-2', 'crawler-3')]
        begin = time.monotonic()
        while time.monotonic() - begin < args.seconds:
            passed = time.monotonic() - begin
            for n, worker in enumerate(workers):
                worker.must('burst = %d' % max(1, round(3 + 2 * math.sin(passed / 20 + n))))
            time.sleep(2)
        for name in ('mailer', 'exporter'):
            die(server, name, 'rows')
        victims, _ = deadlock(server)
        for name, lock in (('reporter', 'rows'), ('cleaner', 'rows'), ('backup', 'index')):
            victims.append(named(server, name))
            want(victims[-1], lock)
        take(server, args.folder)
        for victim in victims + workers:
            victim.__exit__()


def take(server, folder):
    with Browser(1280, 900) as browser:
        browser.open(server.link())
        browser.wait_text('.alarm', 'Deadlock')
        for scheme in ('light', 'dark'):
            browser.prefer(scheme)
            for view, name in (('', 'page'), ('locks', 'page-locks'), ('objects', 'page-objects')):
                browser.run('location.hash = arguments[0]', '#/' + view)
                browser.wait_for('return document.querySelector("tbody tr, .alarm")')
                time.sleep(3)
                path = os.path.join(folder, name + ('-dark' if scheme == 'dark' else '') + '.png')
                browser.screenshot(path, whole=True)
                print(path, os.path.getsize(path))


if __name__ == '__main__':
    main()
