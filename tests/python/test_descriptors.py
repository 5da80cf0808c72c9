# SPDX-License-Identifier: MIT
"""Connections and sockets that are stored in a manager, which takes their descriptors over.

What can be done with them is done with the standard library's manager and with the package's.
"""

import multiprocessing
import os
import re
import socket
import threading
import unittest
from contextlib import contextmanager
from multiprocessing import connection, managers
from multiprocessing.resource_sharer import DupFd
from unittest import mock

import package
import syncmanager
from syncmanager import _descriptors
from servers import wait_until

FORK = multiprocessing.get_context('fork')
ADDRESS = re.compile('0x[0-9a-f]+')
MANY = 30000  # values that are gone through beside the server's loop


class Holder:
    """Its objects are Python's, whoever serves them."""

    def __init__(self):
        self.held = []

    def hold(self, thing):
        self.held.append(thing)
        return len(self.held)

    def listed(self):
        return list(self.held)


class StandardManager(managers.SyncManager):
    pass


class OurManager(syncmanager.SyncManager):
    pass


for manager_class in StandardManager, OurManager:
    manager_class.register('Holder', Holder, exposed=['hold', 'listed'],
                           method_to_typeid={'listed': 'list'})


def pipe(*messages):
    """The receiving end of a pipe with these messages, whose other end is closed."""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    for message in messages:
        sender.send(message)
    sender.close()
    return receiver


def receive(receiver):
    with receiver:
        return receiver.recv() if receiver.poll(package.PATIENCE) else 'nothing came'


def outcome(function, *args):
    """What came of it, as far as both managers say the same; of a RemoteError, the last line."""
    try:
        return function(*args)
    except Exception as error:
        lines = ADDRESS.sub('0x', str(error)).strip('\n-').splitlines()
        return type(error).__name__, lines[-1:]


def child(function, *args):
    process = FORK.Process(target=function, args=args)
    process.start()
    return process


def run_child(function, *args):
    process = child(function, *args)
    process.join(package.PATIENCE)
    assert process.exitcode == 0, process.exitcode


def put_pipe(queue):
    queue.put(pipe('from one that is gone'))


def put_socket(queue):
    here, there = socket.socketpair()
    here.sendall(b'hello')
    queue.put(there)


def get_one(queue, ready, results):
    ready.set()
    results.send(outcome(lambda: receive(queue.get(timeout=package.PATIENCE))))


def of_senders_that_are_gone(manager):
    for typeid in 'Queue', 'JoinableQueue':
        queue = getattr(manager, typeid)()
        run_child(put_pipe, queue)
        yield receive(queue.get(timeout=package.PATIENCE))
        run_child(put_socket, queue)
        with queue.get(timeout=package.PATIENCE) as got:
            yield got.family, got.type, got.recv(5)


def by_one_that_waits(manager):
    queue, ready = manager.Queue(), manager.Event()
    here, there = FORK.Pipe(duplex=False)
    getter = child(get_one, queue, ready, there)
    ready.wait()
    queue.put(pipe('to one that waits'))
    yield receive(here)
    getter.join()


def again_and_again(manager):
    numbers = pipe(*range(100))
    shared = manager.list([numbers, [numbers], {'a': (numbers,)}, numbers])
    yield receive(shared[0]), receive(shared[1][0]), receive(shared[2]['a'][0])
    yield receive(shared[0]), receive(shared[:][0]), receive(list(shared)[0])
    first, _, _, last = shared._getvalue()
    yield first is last, receive(first)

    shared.append(numbers)
    shared.extend([numbers, 5])
    shared.insert(0, numbers)
    shared[3] = numbers
    other = manager.list(shared)
    yield len(shared), receive((shared * 2)[8]), receive(other[0]), receive(other[3])
    yield other.pop(), receive(other.pop()), receive(shared[-2])

    table = manager.dict(a=numbers, b={1: numbers})
    table['c'] = numbers
    table.update(d=numbers)
    yield [receive(table[key]) for key in 'acd'], receive(table.get('b')[1])
    yield [receive(value) for key, value in table.items() if key != 'b']
    yield receive(table.setdefault('e', numbers)), receive(table.pop('e')), 'e' in table

    space = manager.Namespace(a=numbers)
    space.b = numbers
    yield receive(space.a), receive(space.b), receive(space.a)

    value = manager.Value('i', numbers)
    yield receive(value.value), receive(value.get())
    value.value = [numbers]
    yield receive(value.value[0])
    numbers.close()
    yield receive(shared[0]), receive(table['a']), receive(space.a)


def where_the_object_goes_to_python(manager):
    numbers = pipe(*range(100))
    shared = manager.list([3, numbers, 1])
    yield outcome(shared.index, numbers), outcome(shared.count, numbers)
    yield outcome(shared.remove, numbers), numbers in shared
    yield outcome(shared.sort), len(shared)
    shared.sort(key=type_name)
    yield [type(thing).__name__ for thing in shared]
    for _ in range(50):
        yield receive(shared[0])
    shared.append(numbers)
    yield receive(shared[3]), receive(shared[0])
    table = manager.dict({numbers: 1})
    yield outcome(lambda: table[numbers]), receive(table.keys()[0])


def alone(manager):
    """A DupFd that is in no object is its getter's to take over, once."""
    numbers = pipe(*range(100))
    shared = manager.list([DupFd(numbers.fileno())])
    got = shared[0]
    shared.append(1)
    yield outcome(shared.index, got), outcome(lambda: shared.sort()), len(shared)
    yield receive(connection.Connection(got.detach(), writable=False))
    with mock.patch('sys.excepthook'):  # our sharer's thread complains
        yield outcome(got.detach), outcome(shared[0].detach)


class Yes:
    def __bool__(self):
        return True


def beside_what_python_is_asked(manager):
    numbers = pipe(*range(100))
    queue = manager.Queue(5)
    queue.put(numbers, Yes())
    queue.put([numbers, numbers], block=Yes(), timeout=5)
    yield receive(queue.get(Yes())), len({thing.fileno() for thing in queue.get()})


def in_objects(manager):
    numbers = pipe(*range(100))
    shared = manager.list([Owner(numbers.fileno()), Slotted(numbers.fileno())])
    for _ in range(2):
        for owner in shared:
            yield receive(connection.Connection(owner.fd, writable=False))


class Owner:
    def __init__(self, fd):
        self.fd = fd

    def __getstate__(self):
        return {'a': 1, 'fd': DupFd(self.fd)}

    def __setstate__(self, state):
        self.fd = state['fd'].detach()


class Slotted:
    __slots__ = 'fd',

    def __init__(self, fd):
        self.fd = fd

    def __getstate__(self):
        return None, {'fd': DupFd(self.fd)}

    def __setstate__(self, state):
        self.fd = state[1]['fd'].detach()


def type_name(thing):
    return type(thing).__name__


def in_python(manager):
    held = manager.Holder()
    numbers = pipe(*range(100))
    yield held.hold(numbers), held.hold([numbers])
    listed = held.listed()
    yield receive(listed[0]), receive(listed[1][0]), receive(listed[0])


def among_many(manager):
    numbers = pipe(*range(100))
    shared = manager.list([0] * MANY + [numbers])
    yield receive(shared[MANY])
    shared.extend([numbers] + [1] * MANY)
    yield receive(shared[MANY + 1]), len(shared), shared.count(1)
    shared.reverse()
    yield receive(shared[MANY]), receive(shared[MANY + 1])
    reading = threading.Thread(target=shared._getvalue)
    reading.start()
    shared.append(numbers)  # while another thread has the list
    reading.join()
    yield receive(shared[-1])


class Sent:
    """What is pickled as a Connection is, with a DupFd of one's own."""

    def __init__(self, sent):
        self.sent = sent

    def __reduce__(self):
        return connection.rebuild_connection, (self.sent, True, True)


def of_nobody(number, address='/nowhere/listener'):
    sent = DupFd.__new__(DupFd)
    sent._id = address, number
    return Sent(sent)


def what_cannot_be_taken_over(manager):
    queue = manager.Queue()
    yield outcome(queue.put, of_nobody(1)), outcome(manager.list, [1, of_nobody(2)])
    with open(os.devnull) as file:
        for thing in FORK.Lock(), FORK.Queue(), file, threading.Lock():
            yield outcome(queue.put, thing)
    yield outcome(manager.dict, 5), queue.qsize()
    with mock.patch('sys.excepthook'):  # our sharer's thread complains
        used_up = DupFd(0)
        os.close(used_up.detach())
        yield outcome(manager.list, [Sent(used_up)])


# The last leaves the standard library's client without its connection.
SCENARIOS = (of_senders_that_are_gone, by_one_that_waits, again_and_again,
             beside_what_python_is_asked, alone, in_objects, where_the_object_goes_to_python,
             in_python, among_many, what_cannot_be_taken_over)


@contextmanager
def started(manager_class, method='fork'):
    with manager_class(ctx=multiprocessing.get_context(method)) as manager:
        yield manager


class BothTest(unittest.TestCase):
    def compare(self, scenarios, method):
        with started(StandardManager, method) as theirs, started(OurManager, method) as ours:
            for scenario in scenarios:
                with self.subTest(scenario.__name__):
                    self.assertEqual(list(scenario(theirs)), list(scenario(ours)))

    def test_a_method_leaves_the_same_whichever_manager_has_the_descriptor(self):
        self.compare(SCENARIOS, 'fork')

    def test_a_server_that_is_spawned_keeps_descriptors(self):
        self.compare([of_senders_that_are_gone], 'spawn')


class OursTest(unittest.TestCase):
    def setUp(self):
        self.manager = self.enterContext_(started(OurManager))
        self.server = self.manager._process.pid

    def enterContext_(self, context):  # 3.11 has it
        result = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        return result

    def descriptors(self):
        return len(os.listdir('/proc/%d/fd' % self.server))

    def test_a_client_of_the_standard_library_gets_one_again_and_again(self):
        numbers = pipe(*range(100))
        shared = self.manager.list([numbers])
        client = managers.SyncManager(self.manager.address, self.manager._authkey)
        client.connect()
        proxy = managers.ListProxy(shared._token, 'pickle', manager=client,
                                   authkey=self.manager._authkey, exposed=shared._exposed_)
        self.assertEqual([0, 1], [receive(proxy[0]), receive(proxy[0])])
        proxy.append(numbers)
        numbers.close()
        self.assertEqual([2, 3], [receive(shared[1]), receive(proxy[1])])

    def test_a_value_that_goes_takes_its_descriptor_along(self):
        here, there = FORK.Pipe()
        shared = self.manager.list([there])
        queue = self.manager.Queue()
        queue.put([there])
        space = self.manager.Namespace()
        space.a = there
        there.close()
        self.assertFalse(here.poll(0))
        shared.pop().close()
        queue.get()[0].close()
        space.a = None
        self.assertTrue(here.poll(package.PATIENCE))  # the end
        self.assertRaises(EOFError, here.recv)

    def test_an_object_that_goes_takes_its_descriptors_along(self):
        here, there = FORK.Pipe()
        shared = self.manager.dict(a=there, b=self.manager.list([there]))
        there.close()
        del shared
        self.assertTrue(here.poll(package.PATIENCE))
        self.assertRaises(EOFError, here.recv)

    def test_an_object_that_has_been_to_python_lets_go_of_a_descriptor(self):
        here, there = FORK.Pipe()
        shared = self.manager.list([2, there, 1])
        shared.sort(key=type_name)
        for _ in range(20):
            shared[0].close()
        there.close()
        shared[0] = 5
        for _ in range(20):
            shared[0]
        self.assertTrue(here.poll(package.PATIENCE))
        self.assertRaises(EOFError, here.recv)

    def use(self):
        numbers = pipe(*range(20))
        shared = self.manager.list([numbers, [numbers]])
        queue = self.manager.Queue()
        for _ in range(3):
            queue.put(numbers)
            receive(queue.get())
            receive(shared[0])
            receive(shared[1][0])
        shared.count(numbers)
        shared.sort(key=type_name)
        shared.append(numbers)
        receive(shared[2])
        outcome(queue.put, [numbers, of_nobody(1)])
        held = self.manager.Holder()
        held.hold(numbers)
        receive(held.listed()[0])
        numbers.close()

    def test_the_server_is_left_with_no_descriptor_of_what_is_gone(self):
        self.use()
        self.manager._number_of_objects()
        before = self.descriptors()
        for _ in range(10):
            self.use()
        self.manager._number_of_objects()
        self.assertTrue(wait_until(lambda: self.descriptors() <= before),
                        (before, self.descriptors()))

    def test_a_sender_that_is_silent_keeps_nobody_else_waiting(self):
        silent = connection.Listener(family='AF_UNIX')
        sent = of_nobody(1, silent.address)
        queue, results = self.manager.Queue(), []
        putting = threading.Thread(target=lambda: results.append(outcome(queue.put, sent)))
        putting.start()
        came, _ = silent._listener._socket.accept()  # the server is at it
        numbers = pipe(*range(10))
        queue.put(numbers)
        self.assertEqual(0, receive(queue.get()))
        self.assertEqual([1], self.manager.list([1])[:])
        self.assertTrue(putting.is_alive())
        _, clients = self.manager._ask('sm_clients')
        self.assertIn('put', [(client['waits_for'] or {}).get('method') for client in clients])
        came.close()
        putting.join(package.PATIENCE)
        silent.close()
        self.assertEqual(1, len(results))
        self.assertEqual(0, queue.qsize())

    def test_a_client_that_goes_while_its_sender_is_silent_leaves_the_manager_usable(self):
        silent = connection.Listener(family='AF_UNIX')
        sent = of_nobody(1, silent.address)
        queue = self.manager.Queue()
        putting = child(queue.put, sent)
        came, _ = silent._listener._socket.accept()
        putting.kill()
        putting.join()
        queue.put(pipe(1))
        self.assertEqual(1, receive(queue.get()))
        came.close()
        silent.close()
        self.assertEqual(0, queue.qsize())

    def test_a_getter_that_dies_leaves_the_descriptor_to_the_next(self):
        queue, ready = self.manager.Queue(), self.manager.Event()
        here, there = FORK.Pipe(duplex=False)
        getter = child(get_one, queue, ready, there)
        ready.wait()
        getter.kill()
        getter.join()
        queue.put(pipe('for who is left'))
        self.assertEqual('for who is left', receive(queue.get()))


class Told:
    """Says where a copy of its descriptor is handed out."""

    def __init__(self, fd):
        self.fd = fd

    def __getstate__(self):
        return {'fd': DupFd(self.fd)}

    def __setstate__(self, state):
        self.address = state['fd']._id[0]


class StrangersTest(unittest.TestCase):
    """Who connects to where copies are handed out, and has no key."""

    def start(self, seconds):
        """A list with a descriptor in it, of a server that gives a stranger so many seconds."""
        with mock.patch.object(_descriptors, '_LOBBY_TIME', seconds):
            started_one = started(OurManager)  # by fork, which hands the seconds on
            manager = started_one.__enter__()
        self.addCleanup(started_one.__exit__, None, None, None)
        self.numbers = pipe(*range(100))
        self.shared = manager.list([Told(self.numbers.fileno()), self.numbers])
        self.address = self.shared[0].address
        self.tasks = '/proc/%d/task' % manager._process.pid

    def flood(self, count):
        """So many connections that began to answer, and never will; they connect on a thread, as
        the kernel holds only some that are not served."""
        crowd = []

        def connect():
            for _ in range(count):
                stranger = socket.socket(socket.AF_UNIX)
                self.addCleanup(stranger.close)
                try:
                    stranger.connect(self.address)
                    stranger.send(b'\0')
                except OSError:
                    return  # the server has gone
                crowd.append(stranger)

        flooding = threading.Thread(target=connect)
        flooding.start()
        self.addCleanup(flooding.join)
        return crowd

    def test_a_crowd_takes_few_threads_and_keeps_a_client_out_for_its_time_alone(self):
        self.start(seconds=0.3)
        before = len(os.listdir(self.tasks))
        crowd = self.flood(3 * _descriptors._LOBBY)
        self.assertTrue(wait_until(lambda: len(crowd) >= 2 * _descriptors._LOBBY))
        self.assertEqual(0, receive(self.shared[1]))
        self.assertTrue(  # soon: threads of those that were cut may be ending still
            wait_until(lambda: len(os.listdir(self.tasks)) <= before + _descriptors._LOBBY + 1,
                       _descriptors._PATIENCE / 2))

    def test_who_is_served_slowly_is_not_cut_while_there_is_room(self):
        self.start(seconds=0)
        crowd = self.flood(_descriptors._LOBBY - 5)
        self.assertTrue(wait_until(lambda: len(crowd) == _descriptors._LOBBY - 5))
        self.assertEqual([0, 1], [receive(self.shared[1]) for _ in range(2)])
        for stranger in crowd:
            stranger.settimeout(0)
            while True:  # the challenge, and no end
                try:
                    self.assertNotEqual(b'', stranger.recv(1000))
                except BlockingIOError:
                    break


if __name__ == '__main__':
    unittest.main()
