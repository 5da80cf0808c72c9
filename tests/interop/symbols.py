# SPDX-License-Identifier: MIT
"""Reads pickles without importing anything: what they name is shown by its name."""

import io
import pickle
import pickletools
import struct


class SymbolType(type):
    def __repr__(cls):
        return cls.name


class Symbol(metaclass=SymbolType):
    """Stands for a class or function that a pickle names, and for what calling it would give."""

    name = '?'

    def __new__(cls, *args, **kwds):
        self = object.__new__(cls)
        self.args, self.kwds, self.state, self.items = args, kwds, None, []
        return self

    def __init__(self, *args, **kwds):
        pass

    def __setstate__(self, state):
        self.state = state

    def append(self, item):
        self.items.append(item)

    def extend(self, items):
        self.items.extend(items)

    add = append

    def __setitem__(self, key, value):
        self.items.append((key, value))

    def __repr__(self):
        inside = [repr(arg) for arg in self.args]
        inside += ['%s=%r' % item for item in self.kwds.items()]
        text = '%s(%s)' % (self.name, ', '.join(inside))
        if isinstance(self.state, dict):
            text += ' state %r' % sorted(self.state.items(), key=str)
        elif self.state is not None:
            text += ' state %r' % (self.state,)
        return text + (' items %r' % (self.items,) if self.items else '')


class SymbolUnpickler(pickle.Unpickler):
    made = {}

    def find_class(self, module, name):
        if (module, name) == ('builtins', 'list'):
            return list  # how views of dicts are pickled: the call of a list on a list
        key = module + '.' + name
        if key not in self.made:
            self.made[key] = SymbolType('Symbol', (Symbol,), {'name': key})
        return self.made[key]


def load(payload):
    """The value of a pickle, with symbols for all that it names."""
    return SymbolUnpickler(io.BytesIO(payload)).load()


def replace_texts(payload, new_texts):
    """The same pickle with some of its short strings replaced; frame lengths are put right."""
    ops = list(pickletools.genops(payload))
    starts = [position for _, _, position in ops]
    parts = [payload[start:end] for start, end in zip(starts, starts[1:] + [len(payload)])]
    for i, (op, argument, _) in enumerate(ops):
        if op.name == 'SHORT_BINUNICODE' and argument in new_texts:
            text = new_texts[argument].encode()
            parts[i] = b'\x8c' + bytes([len(text)]) + text
    for i, (op, length, start) in enumerate(ops):
        if op.name == 'FRAME':
            end = start + len(parts[i]) + length
            inside = [part for part, position in zip(parts, starts) if start < position < end]
            parts[i] = b'\x95' + struct.pack('<Q', sum(map(len, inside)))
    return b''.join(parts)
