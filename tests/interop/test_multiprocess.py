# SPDX-License-Identifier: MIT
"""A client of pathos' multiprocess on the daemon: multiprocessing by another name, with dill."""

import unittest

from servers import KEY, Daemon, daemon_path

try:
    import multiprocess
    from multiprocess import managers
except ImportError:
    multiprocess = None


@unittest.skipIf(daemon_path() is None, 'there is no syncmanagerd to test')
@unittest.skipIf(multiprocess is None, 'there is no multiprocess (Debian: python3-multiprocess)')
class MultiprocessTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Daemon()
        cls.addClassCleanup(cls.server.stop)
        cls.manager = managers.SyncManager(cls.server.address, authkey=KEY)
        multiprocess.current_process().authkey = KEY  # a nested proxy has none along
        cls.manager.connect()

    def test_a_nested_list_is_the_one_that_was_put(self):
        inner, outer = self.manager.list([1]), self.manager.dict()
        outer['inner'] = inner
        outer['inner'].append(2)
        self.assertEqual(inner[:], [1, 2])
        self.assertIsInstance(outer['inner'], managers.ListProxy)

    def test_a_container_keeps_what_it_holds_alive(self):
        outer = self.manager.list()
        outer.append(self.manager.Queue())
        outer[0].put('kept')
        self.assertEqual(outer[0].get(), 'kept')

    def test_a_nested_proxy_is_shown_by_its_class(self):
        outer = self.manager.list([self.manager.dict(), self.manager.Queue()])
        self.assertRegex(str(outer), r"^\[<DictProxy object, typeid 'dict' at 0x\w+>, "
                                     r"<AutoProxy\[Queue\] object, typeid 'Queue' at 0x\w+>\]$")

    def test_a_condition_uses_the_lock_that_it_is_given(self):
        lock = self.manager.Lock()
        condition = self.manager.Condition(lock)
        with condition:
            self.assertFalse(lock.acquire(False))
        self.assertTrue(lock.acquire(False))
        lock.release()

    def test_a_namespace_of_the_module_is_shown_by_its_attributes(self):
        outer = self.manager.list([managers.Namespace(a=1), managers.Value('i', 2)])
        self.assertEqual(str(outer), "[Namespace(a=1), Value('i', 2)]")


if __name__ == '__main__':
    unittest.main()
