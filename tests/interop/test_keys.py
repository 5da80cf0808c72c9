# SPDX-License-Identifier: MIT
"""Stock clients with one of several keys: what each may do, and what happens as the keys change."""

import gc
import signal
import threading
import unittest

from keyed import KEYS, Keyed, lines_of
from servers import daemon_path, wait_until

REGISTERED = {'jobs@workers': 'Queue()', 'config': 'dict({"retries": 3})', 'done': 'Event()'}


@unittest.skipUnless(daemon_path(), 'there is no daemon')
class Keys(unittest.TestCase):
    def serve(self, registered=None, **keywords):
        server = Keyed(REGISTERED if registered is None else registered, **keywords)
        self.addCleanup(server.kill)
        return server

    def open(self, server, name):
        raw = server.calls_as(name)
        self.addCleanup(raw.close)
        return raw

    def refused(self, words, function, *args):
        with self.assertRaises(PermissionError) as caught:
            function(*args)
        self.assertEqual(words, str(caught.exception))


class WhoMayOnlyRead(Keys):
    def setUp(self):
        self.server = self.serve()
        self.monitor = self.server.connect_as('monitor')

    def test_proxies_are_held_read_and_given_back(self):
        config = self.monitor.config()
        self.assertEqual(3, config.get('retries'))
        self.assertEqual(['retries'], config.keys())
        self.assertEqual("{'retries': 3}", str(config))
        self.assertEqual(1, self.monitor._number_of_objects())
        del config
        gc.collect()
        self.assertTrue(wait_until(lambda: self.monitor._number_of_objects() == 0))

    def test_a_dict_of_another_is_iterated_over(self):
        web = self.server.connect_as('web')
        theirs = web.dict({'a': 1, 'b': 2})
        proxy = type(theirs)(theirs._token, 'pickle', manager=self.monitor,
                             authkey=self.server.secret('monitor'))
        proxy._token.address = self.monitor.address
        self.assertEqual(['a', 'b'], list(proxy))
        self.assertEqual({'a': 1, 'b': 2}, proxy.copy())

    def test_what_changes_something_is_refused_in_words(self):
        self.refused("the key 'monitor' (ro) may not call dict.update(): that takes the right rw",
                     self.monitor.config().update, {'a': 1})
        self.refused("the key 'monitor' (ro) may not call create('list'): that takes the right rw",
                     self.monitor.list)
        self.refused("the key 'monitor' (ro) may not call Event.set(): that takes the right rw",
                     self.monitor.done().set)
        self.assertEqual("{'retries': 3}", str(self.monitor.config()))

    def test_an_event_is_waited_for(self):
        done = self.monitor.done()
        self.assertFalse(done.wait(0.001))
        self.server.connect_as('web').done().set()
        self.assertTrue(done.wait(10))


class WhoMayWrite(Keys):
    def test_objects_for_others_are_refused(self):
        server = self.serve()
        self.refused("the key 'web' (rw) may not call create('jobs'): the object is for other keys",
                     server.connect_as('web').jobs)
        jobs = server.connect_as('workers').jobs()
        jobs.put('a page')
        self.assertEqual('a page', server.connect_as('boss').jobs().get())

    def test_only_who_governs_ends_the_manager(self):
        server = self.serve()
        web, boss = server.connect_as('web'), server.connect_as('boss')
        words = "the key '%s' (%s) may not call shutdown(): that takes the right admin"
        for name, right in ('monitor', 'ro'), ('web', 'rw'):
            kind, error = server.ask_as(name, 'shutdown')
            self.assertEqual(('#ERROR', words % (name, right)), (kind, str(error)))
        self.assertEqual([1], web.list([1])[:])
        server.ask_as('boss', 'shutdown')
        self.assertEqual(0, server.process.wait(10))

    def test_what_one_may_not_use_is_not_shown(self):
        server = self.serve()
        workers, web = server.connect_as('workers'), server.connect_as('web')
        jobs = workers.jobs()
        config = web.config()
        self.assertNotIn('Queue', web._debug_info())
        self.assertIn('Queue', workers._debug_info())
        self.assertIn('Queue', server.connect_as('boss')._debug_info())
        self.assertIn('retries', web._debug_info())
        del jobs, config

    def test_one_key_gives_all_rights(self):
        server = self.serve({})
        server.read_anew(b'only')
        server.keys = {'only': ('admin', b'only')}
        self.assertEqual(('#RETURN', None), server.ask_as('only', 'shutdown'))
        self.assertEqual(0, server.process.wait(10))


class Changes(Keys):
    def test_a_new_key_is_taken_and_one_that_is_gone_ends(self):
        server = self.serve()
        web, monitor = self.open(server, 'web'), self.open(server, 'monitor')
        keys = dict(KEYS, late=('rw', b'late'))
        del keys['monitor']
        server.read_anew(lines_of(keys))
        server.keys = keys
        self.assertEqual('#RETURN', server.ask_as('late', 'create', 'list')[0])
        self.assertEqual(('#RETURN', None), web.call(None, 'dummy'))
        self.assertTrue(monitor.closed())
        with self.assertRaises(AssertionError):
            server.keys = KEYS
            server.ask_as('monitor', 'dummy')
        self.assertIn('its key monitor is not what it was, or is no more', server.read_errors())

    def test_a_bad_file_is_refused_and_the_keys_stay(self):
        server = self.serve()
        web = self.open(server, 'web')
        cases = [
            (lines_of(KEYS) + b'web rw other\n', 'line 5: the name web is in line 2 already'),
            (lines_of(KEYS) + b'late rx key\n', 'line 5: the right is none of ro, rw, admin'),
            (b'one key', 'objects are registered for keys by their names'),
            (b'', 'empty;')]
        for text, words in cases:
            with self.subTest(text=text):
                server.read_anew(text, 'the keys stay as they were')
                self.assertIn(words, server.read_errors())
                self.assertEqual(('#RETURN', None), web.call(None, 'dummy'))
                self.assertEqual(('#RETURN', None), server.ask_as('monitor', 'dummy'))

    def test_a_lock_of_a_key_that_is_gone_goes_to_the_next(self):
        server = self.serve()
        web, workers = self.open(server, 'web'), self.open(server, 'workers')
        ident = web.call(None, 'create', 'RLock')[1][0]
        self.assertEqual(('#RETURN', True), web.call(ident, 'acquire'))
        workers.send_object((ident, 'acquire', (), {}))
        keys = dict(KEYS)
        del keys['web']
        server.read_anew(lines_of(keys))
        self.assertEqual(('#RETURN', True), workers.receive_object())

    def test_keys_change_under_load_and_nobody_who_stays_notices(self):
        server = self.serve()
        stop, failures, calls = threading.Event(), [], []

        def work(name):
            try:
                with server.calls_as(name) as raw:
                    ident = raw.call(None, 'create', 'list', [name])[1][0]
                    while not stop.is_set():
                        with server.raw_as(name) as other:
                            assert other.ask('dummy') == ('#RETURN', None)
                        assert raw.call(ident, '__len__') == ('#RETURN', 1)
                        calls.append(1)
            except BaseException as error:
                failures.append(repr(error))

        threads = [threading.Thread(target=work, args=(name,)) for name in ('web', 'workers') * 2]
        for thread in threads:
            thread.start()
        for i in range(30):
            keys = dict([('key%d' % i, ('rw', b'secret%d' % i))] + list(KEYS.items()))
            if i % 2:
                keys = dict(reversed(list(keys.items())))
            server.read_anew(lines_of(keys))
        stop.set()
        for thread in threads:
            thread.join()
        self.assertEqual([], failures)
        self.assertTrue(calls)

    def test_many_signals_at_once_do_no_harm(self):
        server = self.serve()
        web = self.open(server, 'web')
        for _ in range(200):
            server.process.send_signal(signal.SIGHUP)
            self.assertEqual(('#RETURN', None), web.call(None, 'dummy'))
        server.stop()


if __name__ == '__main__':
    unittest.main()
