# SPDX-License-Identifier: MIT
"""str.format() and str.format_map() of a registered str: every part of the format language, with
values of all kinds that need no Python, by the caller's own version of it.
"""

import itertools
import random
import unittest

from cases import Interop, table
from outcomes import outcome_of

TEMPLATES = [
    'plain', '', '{{}}', '{', '}', '{}', '{0}{1}', '{0}{}', '{}{0}', '{x}', '{', 'a{', '{0', '{0:',
    '{!}', '{!r', '{!r}', '{0!s:>8}', '{1!a}', '{!rx}', '{!x}', '{!\x01}', '{!\xe9}', '{0:{1}}',
    '{0:>{x}}', '{:{}}', '{:{:{}}}', '{0[0]}', '{0[0][1]}', '{0[', '{0[]}', '{0[a]}', '{0[0]x}',
    '{0[-1]}', '{x[a]}', '{y[k]}', '{y[1]}', '{y[k2][0]}', '{y[no]}', '{0.real}', '{0.imag}',
    '{0.numerator}', '{0.denominator}', '{0.real.imag:+}', '{0.}', '{0.foo}', '{x.foo}', '{99}',
    '{99999999999999999999}', '{0[99999999999999999999]}', '{\u0661}', '{ }', '{a{}', '{:}}',
    '{0!r:.3}', '\xe9{x:\u20ac^9}', '{.real}', '{[0]}', '{0:{1}.{x}}', '{y}', '{y!r:>40}',
    '{0!a:*^{x}}', '{no}', '{0[no]}', '{x:{y[k]}}',
]
TEXTS = ['', 'a', 'abc', '\xe9\u20ac\U0001f600', 'x' * 20, '5', '>10', "it's"]
INTS = [0, 1, -1, 5, 255, 1000, -1234567, 10 ** 9, 2 ** 63, -2 ** 63, 10 ** 30, -10 ** 25,
        2 ** 1023, 2 ** 1100, 0x10ffff, 0xe9, True, False]
FLOATS = [0.0, -0.0, 1.0, -1.5, 0.1, 1e16, 1e17, 123456789.0, 1e-5, 1e-4, 0.0001234, 1e300, 5e-324,
          float('inf'), float('-inf'), float('nan'), 2.5, -0.05, 99999.5, 999999.5, 9.5, 0.5,
          1234.5678, -9.999999999999999e22]
COMPLEXES = [0j, complex(-0.0, 0.0), complex(0.0, -0.0), complex(-0.0, -0.0), 1j, -2.5j, 1 + 2j, 1.5 - 0.25j,
             complex(-1, -0.0), 1e16 + 1e17j, 123456789.125 - 0.0001j, complex('inf'), complex('nan'),
             complex('-inf-nanj'), complex('nan+infj'), -1e-5 + 5e-324j, 999999.5 + 99999.5j, -0.001j, -0.001 + 0j]
# As a width or a precision.
SMALL = [0, 1, 7, 12, True, 2.5, -0.0, 1234.5678, 1 - 2.5j, 0j, '', 'abc', '\xe9\u20ac', '>9', '+.2f', None, [],
         [1, 'a'], ['ab'], (1, [2]), {'a': [5]}, b'xy', {1}]
OTHERS = [None, [], [1, 'a'], (), (1, 2), {}, {'a': 1, 1: 2}, b'x', {1}]
WIDTHS = ['', '1', '5', '8', '10', '13', '25', '40', '\u0665', '99999999999999999999']
PRECISIONS = ['', '.0', '.1', '.2', '.5', '.10', '.17', '.40', '.1200', '.', '.2147483648']


def some_value(source):
    kind = source.randrange(9)
    if kind < 6:
        return source.choice([TEXTS, INTS, FLOATS, FLOATS, OTHERS, COMPLEXES][kind])
    if kind == 6:
        return source.randint(-10 ** source.randint(1, 40), 10 ** source.randint(1, 40))
    if kind == 7:
        return source.uniform(-1, 1) * 10 ** source.randint(-20, 20)
    return round(source.uniform(-2000, 2000), source.randint(0, 4))


def some_spec(source):
    if source.random() < 0.05:
        letters = '<>=^+- z#0123456789,_.bcdeEfFgGnosxX%\xe9\x01'
        return ''.join(source.choice(letters) for _ in range(source.randint(0, 6)))
    parts = [(0.4, ['<', '>', '=', '^', '*<', '0>', '\xe9^', '\U0001f600=', ' <', 'z>', '{<']),
             (0.3, '+- '), (0.1, 'z'), (0.25, '#'), (0.3, '0'), (0.5, WIDTHS), (0.3, ',_'),
             (0.4, PRECISIONS), (0.05, ',_'), (0.75, 'bcdeEfFgGnosxX%')]
    return ''.join(source.choice(choices) for chance, choices in parts
                   if source.random() < chance)


def describe(proxy, *args, **kwds):
    return '%s %s: %s' % (ascii(args), ascii(kwds), outcome_of(proxy.format, *args, **kwds))


@table({
    'a text is formatted': '''
        m.form().format(1, b='x')
        m.form().format()
        m.form().format_map({'a': 1})
        m.plain().format()
        m.plain().format_map({})
        m.plain().format_map(5)
        m.name().format_map([1])
        m.name().format_map('text')
        m.name().format_map(None)
        m.name().format_map({'x': [1]})
        m.name().format_map({})
        m.form().format_map()
        m.form().format_map({}, 1)
        m.name().format(x='a', y=1)
    ''',
    'equal keys are one': '''
        m.key().format({1: 'a'})
        m.key().format({True: 'a'})
        m.key().format({1.0: 'a'})
        m.key().format({'1': 'a'})
    ''',
})
class FormatTest(Interop):
    REGISTERED = dict({'form': '"{} {b}"', 'plain': '"plain"', 'name': '"{x}"', 'key': '"{0[1]}"',
                       'value': '"{0:{1}}"'},
                      **{'t%d' % i: ascii(text) for i, text in enumerate(TEMPLATES)})

    def compare_formats(self, rows):
        def transcript(server):
            proxy = server.connect().value()
            return '\n'.join(describe(proxy, *row) for row in rows)

        self.compare(transcript)

    def test_every_kind_of_number_in_every_form(self):
        specs = [''.join(parts) for parts in itertools.product(
            ['', '+', '#'], ['', '012', '*^15'], ['', ',', '_'], ['', '.3'],
            ['', 'd', 'e', 'f', 'g', '%', 'x', 'b', 'n', 'c'])]
        self.compare_formats([(value, spec) for value in (0, -1234567, 97, True, 1234.5678, -0.0,
                                                          float('inf'), 999999.5, 1234.5678 - 0.5j, -0j)
                              for spec in specs])

    def test_random_specifiers(self):
        source = random.Random(0)
        self.compare_formats([(some_value(source), some_spec(source)) for _ in range(4000)])

    def test_every_template_with_values_of_all_kinds(self):
        def transcript(server):
            manager = server.connect()
            source = random.Random(0)
            lines = []
            for i, text in enumerate(TEMPLATES):
                proxy = getattr(manager, 't%d' % i)()
                for _ in range(8):
                    args = [source.choice(SMALL) for _ in range(source.randint(0, 3))]
                    kwds = {'x': source.choice([5, 12, 'abc']),
                            'y': {'k': 7, 1: 'one', 'k2': ['z', 2]}}
                    lines.append('%s %s' % (ascii(text), describe(proxy, *args, **kwds)))
            return '\n'.join(lines)

        self.compare(transcript)


if __name__ == '__main__':
    unittest.main()
