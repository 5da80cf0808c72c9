# SPDX-License-Identifier: MIT
"""Where managers that the package starts differ from the standard library's on purpose.

docs/compatibility.md says the same to users.  An empty table is the aim.
"""

import re

from differences import Row


def same_answer(expected, actual):
    """The outcomes differ in the object's value afterwards alone."""
    return expected.split('; then ')[0] == actual.split('; then ')[0]


def operands(outcome):
    """What is counted up by what, without the class of the count so far or of a float."""
    outcome = re.sub("'float_[a-z_]+' object cannot be", "'float' object cannot be", outcome)
    return re.sub(r"for \+=?: '[^']+' and", 'for + and', outcome)


def counts_alike(expected, actual):
    return operands(expected) == operands(actual) or adds_decimal_to_float(expected)


def adds_decimal_to_float(outcome):
    """No Decimal can be added to a float there; both are floats here."""
    added = re.search(r"for \+=: '(?:decimal\.)?(Decimal|float)_?\w*' and "
                      r"'(?:decimal\.)?(Decimal|float)_?\w*'", outcome)
    return added and added[1] != added[2]


def gives_number(expected, actual):
    """The number that the object comes to, in place of the object."""
    return expected.startswith('<') and re.fullmatch(r'-?[0-9.]+|True', actual)


def names_int(expected, actual):
    return re.sub("cannot fit '[^']+' into", "cannot fit 'int' into", expected) == actual


def names_are_texts(expected, actual):
    """Objects of subclasses of str were names of attributes there, and plain texts here."""
    # Some releases pickle an enum's member by its name, which does not show the text that it is.
    member = r"<own_classes\.\w+: getattr\(<class own_classes\.\w+>, '\w+', \)>(?=: )"
    own = r"<own_classes\.\w+: \w+\((?:<class own_classes\.\w+>, )?('[^']*'), \)>(: |, \); then)"
    shown = r'(?<=[(, ])\w+\.[A-Z](?==)'  # the same in the Namespace's own text

    def pattern(text):
        return '[^=]*'.join(re.escape(re.sub(own, r'\1\2', part)) for part in re.split(shown, text))

    return re.fullmatch("'[^']*'".join(map(pattern, re.split(member, expected))),
                        re.sub(own, r'\1\2', actual))


def tells_no_name(expected, actual):
    """Some releases tell the name that could not be deleted beside the text, too."""
    if cannot_show_name(expected):
        return True
    name = r"""\) name=('[^']*'|"[^"]*"|<[\w.]+: '[^']*'>); then"""
    return names_are_texts(re.sub(name, '); then', expected), actual)


def cannot_show_name(outcome):
    """The exception has the name of a class that refuses to be shown: this test fails to."""
    return outcome == "cannot be made here: <class 'own_classes.Refused'>"


def tells_plain_name(expected, actual):
    """Beside the text, the name is told as its class shows itself there, and as a text here."""
    if cannot_show_name(expected):
        return True
    told = [re.sub(name, '); then', outcome) for name, outcome in (
        (r'\) name=.*?; then', expected), (r"\) name='[^']*'; then", actual))]
    return names_are_texts(*told)


CALLS = [
    Row('*', '*', 'an index that is too large is named by the int that it comes to', names_int),
    Row('Barrier', '__getattribute__', 'parties is the number that the object comes to', gives_number),
    Row('Namespace', '*', "attributes' names are plain texts", names_are_texts),
    Row('Namespace', '__getattribute__', 'the text has the name', tells_plain_name),
    Row('Namespace', '__delattr__', 'the text has the name', tells_no_name),
    Row('Semaphore', 'release', 'counts and what is added to them are named as ints and floats', counts_alike),
    Row('BoundedSemaphore', 'release', 'counts and what is added to them are named as ints and floats', counts_alike),
] + [
    Row(typeid, 'sort', 'a sort that fails leaves the list as it was',
        lambda expected, actual: same_answer(expected, actual) and expected.startswith('raises '))
    for typeid in ('list', 'rows')
]
