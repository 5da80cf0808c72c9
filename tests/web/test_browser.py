# SPDX-License-Identifier: MIT
"""The page as people see it: in Chromium, on a daemon.

Without Chromium and its driver it is skipped, and says so. Pictures of what was seen are kept in
the folder SYNCMANAGER_PICTURES, which is build/pictures of the checkout when it is not set.
"""

import os
import sys
import unittest
from urllib.parse import urlsplit

from browser import Browser, programs
from scene import ROOT, Manager, ask, create, deadlock, hold, named, number, open_calls, want

PICTURES = os.environ.get('SYNCMANAGER_PICTURES', os.path.join(ROOT, 'build', 'pictures'))
NAMES = {'rows': 'Lock()', 'index': 'Lock()', 'jobs': 'Queue()', 'config': 'dict({"retries": 3})'}
MARKUP = '<img src=x onerror=alert(1)>'

browser = None


def setUpModule():
    global browser
    os.makedirs(PICTURES, exist_ok=True)
    browser = Browser()


def tearDownModule():
    browser.close()


class PageCase(unittest.TestCase):
    maxDiff = None
    wrong = ()  # what the console may say in a test that makes things go wrong

    def serve(self, registered=NAMES, options=()):
        server = Manager(registered, options)
        self.addCleanup(server.kill)
        return server

    def setUp(self):
        browser.open('about:blank')
        browser.resize(1280, 900)
        browser.prefer('light')
        browser.console()
        browser.requests()

    def tearDown(self):
        """
        Nothing has gone wrong in the page, and it has asked this host alone. Cleanups end the
        daemon: before that the page is left, or it would ask a daemon that is gone.
        """
        self.assertFalse(browser.has_dialog())
        browser.open('about:blank')
        self.assertEqual([], [line for line in browser.console()
                              if not any(word in line for word in self.wrong)])
        self.assertLessEqual({urlsplit(url).netloc for url in browser.requests()},
                             {urlsplit(self.url).netloc})

    def sign_in(self, server, view=''):
        """The page, by the link that syncmanagerctl prints; its first figures are there."""
        browser.ask('DELETE', 'cookie')
        link = server.link()
        self.url = '%s://%s/' % urlsplit(link)[:2]
        browser.open(link)
        browser.wait_for('return document.body.dataset.state === "live"')
        if view:
            self.go(view)

    def go(self, view):
        browser.run('location.hash = arguments[0]', '#/' + view)
        self.assertTrue(browser.wait_for('''return document.body.dataset.state === "live"
            && document.querySelector("#main").innerText.trim()'''))

    def client(self, server, name='worker'):
        victim = named(server, name)
        self.addCleanup(victim.__exit__)
        return victim

    def keep_picture(self, name):
        browser.screenshot(os.path.join(PICTURES, name + '.png'))

    def clients(self, made):
        for victim in made[0]:
            self.addCleanup(victim.__exit__)
        return made


class DeadlockTest(PageCase):
    def setUp(self):
        super().setUp()
        self.server = self.serve()
        self.victims, self.numbers = self.clients(deadlock(self.server))
        self.server.waiting(2)

    def circle(self):
        return ask(self.server.address, 'sm_locks')[1]['deadlocks'][0]

    def words(self):
        """The circle as the page has to say it."""
        names = {self.numbers[0]: 'loader', self.numbers[1]: 'indexer'}
        rows = self.circle()
        who = ['client %d (process %d %s)' % (row['client'], row['pid'], names[row['client']])
               for row in rows]
        wanted = {self.numbers[0]: 'index', self.numbers[1]: 'rows'}
        return ['%s waits for %s %s (%s), held by %s' % (
                    who[n], row['type'], row['ident'], wanted[row['client']], who[1 - n])
                for n, row in enumerate(rows)]

    def test_it_is_told_in_words_and_drawn_as_a_ring(self):
        self.sign_in(self.server, 'locks')
        browser.wait_text('.alarm h2', 'Deadlock of 2 clients')
        self.assertEqual(self.words(), browser.run(
            'return [...document.querySelectorAll(".alarm li")].map((li) => li.textContent)'))
        self.assertEqual(4, browser.count('.box.stuck'))
        self.assertEqual(4, browser.count('.way.stuck'))
        self.keep_picture('deadlock')

    def test_the_overview_shows_it_first(self):
        self.sign_in(self.server)
        browser.wait_text('.overview > :first-child', 'Deadlock of 2 clients')
        self.keep_picture('overview')

    def test_who_waits_beside_it_is_drawn_and_is_no_part_of_it(self):
        other = self.client(self.server, 'reporter')
        want(other, 'rows')
        self.server.waiting(3)
        self.sign_in(self.server, 'locks')
        browser.wait_text('.picture svg.waits', 'reporter')
        self.assertEqual(4, browser.count('.box.stuck'))
        self.assertEqual(5, browser.count('.way[marker-end]') - 2)  # less those of the key

    def test_it_goes_from_the_page_when_it_is_over(self):
        self.sign_in(self.server, 'locks')
        browser.wait_text('.alarm h2', 'Deadlock')
        self.victims[0].kill()
        browser.wait_for('return !document.querySelector(".alarm, .box.stuck")')
        self.go('deaths')
        browser.wait_text('tbody tr', 'loader')
        self.assertRegex(browser.text('tbody tr'), r'loader\s+%d\s+local\s+rows\s+lock\s+released'
                         % self.victims[0].pid)

    def test_a_box_leads_to_the_lock(self):
        self.sign_in(self.server, 'locks')
        browser.wait_for('return document.querySelector("a.box.lock")')
        browser.run('document.querySelector("a.box.lock").focus()')
        browser.press('Enter')
        browser.wait_for('return location.hash.startsWith("#/object/")')
        browser.wait_text('.object table', 'acquire()')


class HostileTest(PageCase):
    """Names and values that would be markup, if they were not text."""

    def setUp(self):
        super().setUp()
        self.server = self.serve({'<script>alert(1)</script>': 'list(["%s", "</li><b>bold</b>"])' % MARKUP,
                                  '<b>jobs</b>': 'Queue()', 'rows': 'Lock()'})
        self.victim = self.client(self.server, '<i>x</i>')
        hold(self.victim, 'rows')
        self.waiter = self.client(self.server, '<svg/onload=x>')
        want(self.waiter, 'rows')
        self.server.waiting(1)

    def check_text(self, css, *texts):
        for text in texts:
            browser.wait_text(css, text)
        self.assertEqual(0, browser.count('#main :is(img, script, b:not(.reading b), i, iframe)'))
        self.assertFalse(browser.has_dialog())

    def test_names_are_text_in_every_view(self):
        self.sign_in(self.server)
        self.check_text('#main', '<script>alert(1)</script>', '<i>x</i>', '<svg/onload=x>')
        self.go('objects')
        self.check_text('table', '<b>jobs</b>', '<script>alert(1)</script>', MARKUP)
        self.go('clients')
        self.check_text('table', '<i>x</i>', '<svg/onload=x>')
        self.go('locks')
        self.check_text('table', '<i>x</i>', '<svg/onload=x>')

    def test_values_are_text(self):
        ident, = [row['ident'] for row in ask(self.server.address, 'sm_objects')[1][1]
                  if row['type'] == 'list']
        self.sign_in(self.server, 'object/' + ident)
        self.check_text('h1', '<script>alert(1)</script>')
        self.check_text('.values', MARKUP, '</li><b>bold</b>')

    def test_what_the_address_asks_for_is_text(self):
        self.wrong = 'status of 404',
        self.sign_in(self.server, 'object/' + '%3Cimg%20src=x%20onerror=alert(1)%3E')
        self.check_text('.object', MARKUP, 'There is no such object')
        self.go('objects?search=%3Cimg%20src%3Dnone%3E')
        self.check_text('#main', 'matches “<img src=none>”')


class ManyTest(PageCase):
    """A hundred thousand objects."""

    COUNT = 100000

    def setUp(self):
        super().setUp()
        self.server = self.serve()
        self.keeper = open_calls(self.server.address)  # while a process is there its references are
        self.addCleanup(self.keeper.close)
        create(self.server, self.COUNT, 'list', [1, 2, 3])

    def test_a_page_of_them_is_shown_and_the_server_finds_the_others(self):
        self.sign_in(self.server, 'objects')
        browser.wait_text('.pages', 'of 100,00')
        self.assertEqual(50, browser.count('tbody tr'))
        self.assertLess(browser.count('*'), 1500)
        self.keep_picture('many')
        browser.click('[aria-label="Last page"]')
        browser.wait_text('.pages', '100,001–100,00')
        browser.write('#search', 'config')
        browser.wait_text('.pages', '1–1 of 1 matching')
        self.assertEqual(1, browser.count('tbody tr'))
        self.assertIn('search=config', browser.run('return location.hash'))
        browser.click('[data-sort="type"]')
        browser.wait_for('return document.querySelector("th[aria-sort=ascending] [data-sort=type]")')
        self.assertEqual('config', browser.run('return document.getElementById("search").value'))


class KeyboardTest(PageCase):
    def setUp(self):
        super().setUp()
        self.server = self.serve()
        self.sign_in(self.server)
        browser.run('document.activeElement.blur()')

    def press_until(self, text, *keys, most=30):
        for _ in range(most):
            browser.press(*keys)
            if text in browser.focused()[1]:
                return
        self.fail('%r never has the focus; last: %r' % (text, browser.focused()))

    def test_a_view_an_object_and_back(self):
        browser.press('Tab')
        self.assertEqual(['a', 'Skip to the figures'], browser.focused())
        self.press_until('Objects', 'Tab')
        browser.press('Enter')
        browser.wait_for('return document.querySelector("tbody tr:nth-child(4)")')
        browser.press('/')
        self.assertEqual(['input', 'Search objects'], browser.focused())
        self.press_until('config', 'Tab')
        self.assertNotEqual('none', browser.run(
            'return getComputedStyle(document.activeElement).outlineStyle'))
        browser.press('Enter')
        browser.wait_text('h1', 'config')
        browser.wait_text('.values', "retries")

    def test_arrows_go_from_row_to_row(self):
        self.go('objects?sort=name&order=asc')
        browser.wait_for('return document.querySelectorAll("tbody tr").length === 4')
        browser.run('document.querySelector("tbody a").focus()')
        seen = [browser.focused()[1]]
        for key in ('ArrowDown', 'ArrowDown', 'ArrowUp'):
            browser.press(key)
            seen.append(browser.focused()[1])
        self.assertEqual(['config', 'index', 'jobs', 'index'], seen)

    def test_sorting_keeps_the_focus_and_is_told(self):
        self.go('objects')
        browser.wait_for('return document.querySelector("[data-sort=bytes]")')
        browser.run('document.querySelector("[data-sort=bytes]").focus()')
        for order in ('descending', 'ascending', 'descending'):
            browser.press('Enter')
            browser.wait_for('''return document.querySelector("[data-sort=bytes]").parentElement
                .getAttribute("aria-sort") === arguments[0]''', order)
            self.assertEqual(['button', 'Size'], browser.focused())

    def test_a_chart_is_read_with_arrows(self):
        browser.wait_for('return document.querySelector(".plot")?.hasAttribute("aria-label")')
        browser.run('document.querySelector(".plot").focus()')
        self.assertIn('Calls a second, now', browser.focused()[1])
        browser.press('ArrowLeft')
        self.assertRegex(browser.focused()[1], r'Calls a second, \d\d:\d\d:\d\d: calls ')

    def test_the_focus_stays_while_figures_come(self):
        self.go('objects?sort=calls')
        browser.wait_for('return document.querySelector("tbody a")')
        victim = self.client(self.server)
        browser.run('document.querySelector("tbody tr:last-child a").focus()')
        name = browser.focused()
        victim.must('config = manager.config(); jobs = manager.jobs(); rows = manager.rows(); '
                    'index = manager.index()')
        for call in ('config.get(1)', 'jobs.qsize()', 'config.get(1)'):
            before = browser.text('tbody')
            victim.must('[%s for n in range(50)]' % call)
            browser.wait_for('return document.querySelector("tbody").innerText !== arguments[0]', before)
            self.assertEqual(name, browser.focused())


class LooksTest(PageCase):
    GROUND = 'return getComputedStyle(document.body).backgroundColor'

    def setUp(self):
        super().setUp()
        self.server = self.serve()
        self.clients(deadlock(self.server))
        self.server.waiting(2)
        self.sign_in(self.server)

    def test_it_is_dark_where_the_system_is(self):
        light = browser.run(self.GROUND)
        browser.prefer('dark')
        self.assertNotEqual(light, browser.run(self.GROUND))
        browser.wait_text('.alarm', 'Deadlock')
        self.keep_picture('dark')

    def test_the_switch_overrules_the_system_and_is_remembered(self):
        light = browser.run(self.GROUND)
        browser.click('#theme')  # light
        browser.prefer('dark')
        self.assertEqual(light, browser.run(self.GROUND))
        browser.click('#theme')  # dark
        browser.prefer('light')
        self.assertNotEqual(light, browser.run(self.GROUND))
        browser.open(self.url)
        self.assertNotEqual(light, browser.run(self.GROUND))
        self.assertEqual('Theme: dark', browser.text('#theme'))
        browser.click('#theme')  # as the system
        self.assertEqual(light, browser.run(self.GROUND))

    def test_nothing_is_wider_than_a_telephone(self):
        browser.resize(400, 800)
        for view in ('', 'objects', 'clients', 'locks', 'deaths'):
            with self.subTest(view=view):
                self.go(view)
                browser.wait_for('return document.querySelector("table, .alarm")')
                self.assertEqual([400, []], browser.run('''
                    const root = document.documentElement, wide = [...document.querySelectorAll("body *")]
                        .filter((node) => !node.closest(".scroll, .table, nav, .skip, .hidden, dialog")
                            && node.getBoundingClientRect().right > 401)
                        .map((node) => node.localName + "." + node.className);
                    return [root.scrollWidth, wide]'''))
        self.go('')
        browser.wait_text('.alarm', 'Deadlock')
        self.keep_picture('narrow')


class EmptyTest(PageCase):
    def test_a_manager_without_anything_says_so(self):
        self.sign_in(self.serve({}))
        browser.wait_text('#main', 'No owner of a lock has died.')
        self.go('objects')
        browser.wait_text('#main', 'There are no objects yet.')
        self.go('locks')
        browser.wait_text('#main', 'No lock is held, and nobody waits for one.')


class TroubleTest(PageCase):
    wrong = ('Failed to load resource',)

    def setUp(self):
        super().setUp()
        self.server = self.serve()
        self.sign_in(self.server)

    def state(self, state):
        browser.wait_for('return document.body.dataset.state === arguments[0]', state)

    def test_a_session_that_is_over_says_how_to_get_a_link(self):
        browser.ask('DELETE', 'cookie')
        self.state('over')
        self.assertIn('syncmanagerctl page', browser.text('#notice'))
        self.keep_picture('session-over')
        self.sign_in(self.server)
        self.assertEqual('', browser.text('#notice'))

    def test_a_connection_that_is_lost_is_told_and_comes_back(self):
        browser.devtools('Network.enable')
        browser.devtools('Network.emulateNetworkConditions', offline=True, latency=0,
                         downloadThroughput=-1, uploadThroughput=-1)
        try:
            self.state('lost')
            self.assertIn('The manager does not answer', browser.text('#notice'))
            self.assertIn('config', browser.text('#main'))
        finally:
            browser.devtools('Network.emulateNetworkConditions', offline=False, latency=0,
                             downloadThroughput=-1, uploadThroughput=-1)
        self.state('live')
        self.assertEqual('', browser.text('#notice'))

    def test_a_manager_that_is_gone_is_told(self):
        self.server.kill()
        self.state('lost')
        self.keep_picture('gone')


class KillTest(PageCase):
    def test_nobody_is_ended_where_that_was_not_allowed(self):
        server = self.serve()
        hold(self.client(server), 'rows')
        self.sign_in(server, 'clients')
        browser.wait_text('table', 'worker')
        self.assertEqual(0, browser.count('td.action'))

    def test_a_client_is_ended_after_a_question(self):
        server = self.serve(options=['--http-allow-kill'])
        victim = self.client(server, 'doomed')
        victim.must('rows = manager.rows()')
        victim.must('rows.acquire()')
        doomed = number(victim, 'rows')
        self.sign_in(server, 'clients')
        button = '[aria-label="End client %d"]' % doomed
        browser.wait_for('return document.querySelector(arguments[0])', button)
        browser.click(button)
        browser.wait_text('dialog[open]', 'client %d (process %d doomed)' % (doomed, victim.pid))
        self.keep_picture('kill')
        self.assertEqual('Cancel', browser.focused()[1])
        browser.press('Escape')
        self.assertEqual(0, browser.count('dialog[open]'))
        browser.click(button)
        browser.click('dialog .danger')
        browser.wait_for('return !document.querySelector(arguments[0])', button)
        self.assertRegex(victim.do('rows.release()'), '^(EOFError|BrokenPipeError|ConnectionResetError)')


if __name__ == '__main__':
    if not programs():
        print('skipped: chromium or chromedriver is not installed (tools/setup test)')
        sys.exit(1 if os.environ.get('NO_SKIPS') else 77)
    unittest.main()
