# SPDX-License-Identifier: MIT
"""A client of a few lines, for what a stock client never does: odd handshakes, broken frames.

It speaks both dialects of the handshake, the one up to 3.11 and the one from 3.12: that of the Python
which runs it, when it is not told.
"""

import hmac
import os
import pickle
import socket
import struct
import sys

from servers import KEY, PATIENCE

CHALLENGE = b'#CHALLENGE#'
WELCOME = b'#WELCOME#'
FAILURE = b'#FAILURE#'


class NoAnswer(Exception):
    """The peer has sent nothing, and not closed either."""


def answer_to(message, key, legacy):
    """The response to a challenge: HMAC-MD5 alone, or the digest that the challenge names."""
    if legacy or len(message) == 20:
        return hmac.new(key, message, 'md5').digest()
    name = message[1:message.index(b'}')]
    return b'{%s}' % name + hmac.new(key, message, name.decode()).digest()


def well_formed(request):
    """Whether a request is what a client could send, be it wrong in what it asks for."""
    if not isinstance(request, (tuple, list)) or len(request) != 4:
        return False
    ident, name, args, kwds = request
    return (isinstance(ident, (str, type(None))) and isinstance(name, str) and
            isinstance(args, (tuple, list)) and isinstance(kwds, dict) and
            all(isinstance(key, str) for key in kwds))


class Raw:
    """One connection, frame by frame."""

    def __init__(self, address, key=KEY, legacy=sys.version_info < (3, 12), seconds=PATIENCE):
        self.key, self.legacy = key, legacy
        family = socket.AF_INET if isinstance(address, tuple) else socket.AF_UNIX
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.settimeout(seconds)
        self.socket.connect(address)

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, payload):
        self.send_bytes(struct.pack('!i', len(payload)) + payload)

    def send_bytes(self, data):
        self.socket.sendall(data)

    def send_object(self, value, protocol=pickle.DEFAULT_PROTOCOL):
        self.send(pickle.dumps(value, protocol))

    def receive_bytes(self, count):
        parts = []
        while count:
            try:
                part = self.socket.recv(min(count, 1 << 20))
            except socket.timeout:
                raise NoAnswer from None
            if not part:
                raise EOFError
            parts.append(part)
            count -= len(part)
        return b''.join(parts)

    def receive(self):
        """The payload of the next frame; EOFError when the peer has closed."""
        size, = struct.unpack('!i', self.receive_bytes(4))
        if size == -1:
            size, = struct.unpack('!Q', self.receive_bytes(8))
        return self.receive_bytes(size)

    def receive_object(self):
        return pickle.loads(self.receive())

    def closed(self):
        """Whether the peer closes now, without a word."""
        try:
            return self.socket.recv(1) == b''
        except ConnectionResetError:
            return True
        except socket.timeout:
            return False

    def answer_challenge(self):
        frame = self.receive()
        assert frame.startswith(CHALLENGE), frame
        self.send(answer_to(frame[len(CHALLENGE):], self.key, self.legacy))
        return self.receive()

    def challenge(self):
        """Challenge the server; whether it knows the key."""
        message = os.urandom(20) if self.legacy else b'{sha256}' + os.urandom(40)
        self.send(CHALLENGE + message)
        response = self.receive()
        right = answer_to(message, self.key, self.legacy)
        others = (hmac.new(self.key, message, 'md5').digest(),)
        self.send(WELCOME if response in (right, *others) else FAILURE)
        return response in (right, *others)

    def handshake(self):
        """All of it; gives back the connection."""
        assert self.answer_challenge() == WELCOME
        assert self.challenge()
        return self

    def ask(self, name, *args, **kwds):
        """Call a server function on a fresh connection."""
        self.send_object((None, name, args, kwds))
        return self.receive_object()

    def accept(self, name='raw'):
        """Become a method connection."""
        reply = self.ask('accept_connection', name)
        assert reply == ('#RETURN', None), reply
        return self

    def call(self, ident, name, *args, **kwds):
        self.send_object((ident, name, args, kwds))
        return self.receive_object()


def ask(address, name, *args, **kwds):
    """One server function, on a connection of its own."""
    with Raw(address) as raw:
        return raw.handshake().ask(name, *args, **kwds)


def open_calls(address):
    """A method connection."""
    return Raw(address).handshake().accept()
