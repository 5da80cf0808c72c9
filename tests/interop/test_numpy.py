# SPDX-License-Identifier: MIT
"""numpy's scalars in the daemon, held to what numpy itself said of them (tests/golden/numpy).

No numpy is needed: stand-ins carry the recorded pickles to the daemon and back.
"""

import glob
import json
import os
import pickle
import sys
import types
import unittest

from servers import HERE, Daemon, daemon_path

RECORDS = sorted(glob.glob(os.path.join(HERE, os.pardir, 'golden', 'numpy', '*.json')))

# What the daemon does not read: it only keeps them.
OPAQUE = ('np.longdouble', 'np.datetime64', 'np.timedelta64')

# What is no time to wait for here, with TypeError, as to most of Python it is none.
NO_TIME = ('np.float16', 'np.float32', 'np.complex', 'np.bool_')

# What is not equal here: numpy compares a sequence item by item, and rounds an int to infinity.
APART = ('(5,)', '10**30')


class dtype:
    """Stands in for numpy.dtype: what its pickle has."""

    state = None

    def __init__(self, *args):
        self.args = args

    def __setstate__(self, state):
        self.state = state

    def __reduce__(self):
        return dtype, self.args, self.state

    def __eq__(self, other):
        return self.__reduce__() == other.__reduce__()

    __hash__ = None


class Scalar:
    def __init__(self, function, *args):
        self.function, self.args = function, args

    def __reduce__(self):
        return self.function, self.args

    def __eq__(self, other):
        return isinstance(other, Scalar) and self.__reduce__() == other.__reduce__()

    def __hash__(self):
        return hash(self.args[1])


def stand_in(name):
    """A module of numpy's in which scalar() makes a stand-in."""
    module = types.ModuleType(name + '.multiarray')

    def scalar(*args):
        return Scalar(scalar, *args)

    scalar.__module__, scalar.__qualname__ = module.__name__, 'scalar'
    module.scalar = scalar
    sys.modules[module.__name__] = module
    sys.modules[name] = types.ModuleType(name)


sys.modules['numpy'] = types.ModuleType('numpy')
dtype.__module__ = 'numpy'
sys.modules['numpy'].dtype = dtype
for core in 'numpy.core', 'numpy._core':
    stand_in(core)


class Record:
    """What one version of numpy said."""

    def __init__(self, path):
        with open(path) as file:
            self.__dict__.update(json.load(file))
        self.sources = [scalar['source'] for scalar in self.scalars]
        self.values = [pickle.loads(bytes.fromhex(scalar['pickle'])) for scalar in self.scalars]
        self.others = self.values + [eval(source) for source in self.plain]
        self.names = self.sources + self.plain
        version = tuple(map(int, self.numpy.split('.')[:2]))
        self.prints_narrow = version >= (2, 3)
        # numpy 2.0 to 2.2 warn of a bool as an index, and the later ones refuse it as we do.
        self.unread = OPAQUE + ('np.bool_',) * ((2, 0) <= version < (2, 3))

    def rows(self, what):
        """Each scalar with its answers: the other's name, the other, and the digit."""
        for source, value, row in zip(self.sources, self.values, getattr(self, what)):
            if not source.startswith(OPAQUE):
                yield source, value, [
                    answer for answer in zip(self.names, self.others, row)
                    if answer[2] in '01' and not answer[0].startswith(OPAQUE + APART)]


@unittest.skipIf(daemon_path() is None, 'there is no syncmanagerd to compare with')
class NumpyTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.server = Daemon({'keys': '{}'})
        cls.addClassCleanup(cls.server.stop)
        cls.manager = cls.server.connect()
        cls.list = cls.manager.list()

    def each_record(self):
        self.assertGreater(len(RECORDS), 2)
        for path in RECORDS:
            yield Record(path)

    def wrong(self, what, prepare):
        """Pairs of which the daemon says something else than numpy.

        `prepare` is given one of a pair, and returns what is asked about others.
        """
        wrong = []
        for record in self.each_record():
            for source, value, answers in record.rows(what):
                ask = prepare(value)
                wrong += ['numpy %s: %s, %s: %s' % (record.numpy, source, name, digit)
                          for name, other, digit in answers if ask(other) != (digit == '1')]
        return wrong

    def test_scalars_come_back_as_they_were(self):
        for record in self.each_record():
            self.list[:] = record.values
            self.assertEqual(self.list[:], record.values)
            self.assertEqual(list(self.list), record.values)

    def test_scalars_are_equal_to_what_numpy_says(self):
        def prepare(value):
            self.list[:] = [value]
            return lambda other: self.list.count(other) == 1

        self.assertEqual(self.wrong('equal', prepare), [])

    def test_scalars_are_found_where_numpy_says(self):
        for record in self.each_record():
            for source, value, answers in record.rows('equal_to'):
                with self.subTest(numpy=record.numpy, scalar=source):
                    self.list[:] = [other for _, other, _ in answers]
                    self.assertEqual(self.list.count(value),
                                     sum(digit == '1' for _, _, digit in answers))

    def test_scalars_are_ordered_as_numpy_says(self):
        def prepare(value):
            def is_less(other):
                self.list[:] = [other, value]
                self.list.sort()
                return self.list[:] == [value, other] != [other, value]
            return is_less

        self.assertEqual(self.wrong('less', prepare), [])

    def test_scalars_are_the_keys_that_numpy_says(self):
        keys = self.manager.dict()

        def prepare(value):
            keys.clear()
            keys[value] = 1
            return lambda other: other in keys

        self.assertEqual(self.wrong('key', prepare), [])

    def argument(self, expression, x):
        """What comes of the same with the daemon's objects."""
        manager = self.manager

        def shared(name):
            return lambda *args: getattr(manager, name)(*args)

        names = {'x': x, 'threading': types.SimpleNamespace(
            Event=shared('Event'), Lock=shared('Lock'), Semaphore=shared('Semaphore')),
            'queue': types.SimpleNamespace(Queue=shared('Queue'))}
        if expression.startswith('['):
            items, rest = expression[:expression.index(']') + 1], expression[expression.index(']') + 1:]
            names['items'] = manager.list(eval(items))
            expression = 'items' + rest
        try:
            return repr(eval(expression, names))
        except Exception as error:
            return type(error).__name__

    def test_scalars_are_the_numbers_that_python_takes_them_for(self):
        for record in self.each_record():
            for scalar, value in zip(record.scalars, record.values):
                if scalar['source'].startswith(record.unread):
                    continue
                with self.subTest(numpy=record.numpy, scalar=scalar['source']):
                    expected = {
                        expression: outcome for expression, outcome in scalar['argument'].items()
                        if expression.startswith('[') or not scalar['source'].startswith(NO_TIME)}
                    self.assertEqual({expression: self.argument(expression, value)
                                      for expression in expected}, expected)

    def test_scalars_are_printed_as_numpy_prints_them(self):
        for record in self.each_record():
            for scalar, value in zip(record.scalars, record.values):
                if scalar['source'].startswith(OPAQUE):
                    continue
                if record.prints_narrow and 'e+' in scalar['str']:
                    continue  # narrow floats of many digits: the pickle does not tell
                with self.subTest(numpy=record.numpy, scalar=scalar['source']):
                    self.list[:] = [value]
                    self.assertEqual(str(self.list), '[%s]' % scalar['repr'])

    def test_the_class_of_a_scalar_is_named_as_numpy_names_it(self):
        for record in self.each_record():
            for scalar, value in zip(record.scalars, record.values):
                if scalar['source'].startswith(OPAQUE):
                    continue
                with self.subTest(numpy=record.numpy, scalar=scalar['source']):
                    with self.assertRaisesRegex(TypeError, r'not "%s"' % scalar['class']):
                        self.list + value


if __name__ == '__main__':
    unittest.main()
