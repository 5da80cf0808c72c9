# SPDX-License-Identifier: MIT
"""The search for an order, on histories whose answer is known."""

import itertools
import random
import unittest

import linear
from linear import Step, check


def write(value):
    return lambda state: value


def read(value):
    return lambda state: state if state == value else None


class LinearTest(unittest.TestCase):
    def accept(self, *steps):
        self.assertIsNone(check(0, list(steps)))

    def refuse(self, *steps):
        self.assertIsNotNone(check(0, list(steps)))

    def test_one_after_the_other_is_in_order(self):
        self.accept(Step(1, 2, write(5), 'w'), Step(3, 4, read(5), 'r'))

    def test_a_write_that_is_over_is_seen(self):
        self.refuse(Step(1, 2, write(5), 'w'), Step(3, 4, read(0), 'r'))

    def test_a_write_under_way_is_seen_or_not(self):
        for seen in (0, 5):
            self.accept(Step(1, 4, write(5), 'w'), Step(2, 3, read(seen), 'r'))

    def test_what_was_seen_stays(self):
        self.refuse(Step(1, 9, write(5), 'w'), Step(2, 3, read(5), 'r'), Step(4, 5, read(0), 'r'))

    def test_nothing_is_seen_before_it_begins(self):
        self.refuse(Step(1, 2, read(5), 'r'), Step(3, 4, write(5), 'w'))

    def test_what_may_have_happened_may_not_have(self):
        for seen in (0, 5):
            self.accept(Step(1, 2, write(5), 'w', must=False), Step(3, 4, read(seen), 'r'))

    def test_what_may_have_happened_did_so_by_its_end(self):
        self.refuse(Step(1, 2, write(5), 'w', must=False), Step(3, 4, read(0), 'r'),
                    Step(5, 6, read(5), 'r'))

    def test_what_may_have_happened_did_so_once(self):
        self.refuse(Step(1, 9, write(5), 'w', must=False), Step(2, 3, read(5), 'r'),
                    Step(4, 5, write(6), 'w'), Step(6, 7, read(5), 'r'))

    def test_what_always_can_happen_happens_by_its_end(self):
        def end(state):
            return 0 if state == 5 else state
        self.accept(Step(1, 2, write(5), 'w'), Step(3, 6, end, 'e', always=True),
                    Step(4, 5, read(5), 'r'), Step(7, 8, read(0), 'r'))
        self.refuse(Step(1, 2, write(5), 'w'), Step(3, 6, end, 'e', always=True),
                    Step(7, 8, read(5), 'r'))

    def test_a_violation_tells_the_step_and_the_states(self):
        violation = check(0, [Step(1, 2, write(5), 'w'), Step(3, 5, read(0), 'the read'),
                              Step(4, 6, read(5), 'beside')])
        self.assertEqual(str(violation), 'not possible: the read\n  beside: beside\n'
                                         '  when it was: 5')

    def test_too_many_possibilities_are_told(self):
        steps = [Step(0, 100, lambda s, n=n: s + (n,), n) for n in range(12)]
        with self.assertRaises(linear.TooMany):
            check((), steps + [Step(1, 99, lambda s: None, 'never')])

    def test_it_agrees_with_trying_all_orders(self):
        """Small random histories of writes and reads, against every order that time allows."""
        rng = random.Random(1)
        verdicts = set()
        for _ in range(1500):
            steps = [self.random_step(rng) for _ in range(5)]
            expected = any(self.fits(order) for chosen in self.choices(steps)
                           for order in itertools.permutations(chosen))
            self.assertEqual(check(0, steps) is None, expected, steps)
            verdicts.add(expected)
        self.assertEqual(verdicts, {True, False})

    def random_step(self, rng):
        start = rng.randrange(20)
        value = rng.randrange(3)
        apply = write(value) if rng.random() < 0.5 else read(value)
        return Step(start, start + rng.randrange(1, 8), apply, value, must=rng.random() < 0.8)

    def choices(self, steps):
        """The musts with each selection of the others."""
        maybe = [step for step in steps if not step.must]
        for count in range(len(maybe) + 1):
            for chosen in itertools.combinations(maybe, count):
                yield [step for step in steps if step.must or step in chosen]

    def fits(self, order):
        if any(later.end < earlier.start for earlier, later in itertools.combinations(order, 2)):
            return False
        state = 0
        for step in order:
            state = step.apply(state)
            if state is None:
                return False
        return True


if __name__ == '__main__':
    unittest.main()
