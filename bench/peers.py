# SPDX-License-Identifier: MIT
"""What is measured: servers, each started once, and the drivers that go with them.

A peer is a server together with a client. Servers listen on Unix sockets in a temporary folder, and
end with it. A peer that the machine does not have is named in `missing`, with what it wants.
"""

import json
import os
import pickle
import resource
import shutil
import subprocess
import sys
import tempfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(os.path.dirname(HERE), "tests", "interop"))
import certificates  # noqa: E402
from cases import ALONE  # noqa: E402
from run import find_pythons  # noqa: E402

SAMPLE_TIMEOUT = 60
START_TIMEOUT = 120

TITLES = {
    "std": "the standard library's manager and its own client",
    "stock": "syncmanagerd, the standard library's client",
    "python": "syncmanagerd, the client of our Python package",
    "c": "syncmanagerd, our C client",
    "stock-started": "a server that our Python package started, the standard library's client",
    "python-started": "the same server, the client of our Python package",
    "std-tcp": "std over TCP",
    "stock-tcp": "stock over TCP",
    "c-tcp": "c over TCP",
    "c-tls": "c over TCP with TLS",
    "c-sockets": "c, with a daemon that shares no memory",
    "redis": "Redis, through hiredis",
    "constant": "the standard library's client, a server that answers at once with a constant",
    "block": "bytes there and back: a thread for each connection, blocked in recv()",
    "block-tcp": "block over TCP",
    "loop": "bytes there and back: one loop with epoll, that does nothing else",
    "mutex": "a robust process-shared mutex",
    "threads": "a lock of the interpreter's own threads",
    "holds": "the same clients without a lock: what the holds allow",
    "futex": "two processes wake each other by futex",
    "memory": "two processes watch each other's memory, without sleeping",
    "wake": "two processes wake each other by a byte over a Unix socket",
    "relay": "the same through a third process: two wake-ups a hand-over",
}


def read_line(process):
    """What it prints next; nothing if it ends, or takes too long and is ended."""
    watchdog = threading.Timer(START_TIMEOUT, process.kill)
    watchdog.start()
    try:
        return process.stdout.readline()
    finally:
        watchdog.cancel()


class Server:
    """A process that has said that it listens."""

    def __init__(self, command, env=None, quiet=True):
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, env=env,
            stderr=subprocess.DEVNULL if quiet else None)
        self.addresses = {}

    def read_addresses(self, count):
        for _ in range(count):
            line = read_line(self.process)
            if not line.startswith("listening on "):
                self.end()
                raise OSError("it does not listen: " + os.path.basename(self.process.args[0]))
            address = line.split()[2]
            kind = ("unix" if address.startswith(("unix:", "/")) else
                    "tls" if address.startswith("tls:") else "tcp")
            self.addresses[kind] = address
        return self

    def resident(self):
        with open(f"/proc/{self.process.pid}/statm") as statm:
            return int(statm.read().split()[1]) * resource.getpagesize()

    def lives(self):
        return self.process.poll() is None

    def end(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


class Peers:
    def __init__(self, build):
        self.build = build
        self.daemon = os.path.join(build, "syncmanagerd")
        self.folder = tempfile.mkdtemp(prefix="bench-")
        self.servers = {}
        self.missing = {}
        self.others = {}  # other CPythons: "std-3.8" and its path
        self.env = dict(os.environ, SYNCMANAGER_AUTHKEY="bench")
        self.find()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        for server in self.servers.values():
            server.end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def find(self):
        own = "%d.%d" % sys.version_info[:2]
        for version, path in find_pythons().items():
            minor = ".".join(version.split(".")[:2])
            if minor != own:
                self.others["std-" + minor] = path
                TITLES["std-" + minor] = f"std of CPython {version}"
        if not shutil.which("redis-server"):
            self.missing["redis"] = "redis-server"
        elif not os.path.exists(self.driver("redis")):
            self.missing["redis"] = "libhiredis-dev when building"
        if not certificates.available():
            self.missing["c-tls"] = "openssl"
        package = os.path.join(self.build, "python")
        self.env_package = dict(self.env, PYTHONPATH=package)
        probe = subprocess.run([sys.executable, "-c", "import syncmanager"], env=self.env_package,
                               stderr=subprocess.DEVNULL)
        if probe.returncode != 0:
            for peer in "python", "python-started", "stock-started":
                self.missing[peer] = "the package syncmanager in build/python"

    def driver(self, name):
        return os.path.join(self.build, "bench", "bench-" + name)

    def path(self, name):
        return os.path.join(self.folder, name)

    def start(self, name):
        """The server of that name, started at need, and anew if it has ended."""
        if name not in self.servers or not self.servers[name].lives():
            self.servers[name] = getattr(self, "start_" + name.partition("-")[0])(name)
        return self.servers[name]

    def drop(self, server):
        """End a server that has been too slow: the next sample has another."""
        for name in [name for name, other in self.servers.items() if other is server]:
            self.servers.pop(name).end()

    def start_ours(self, name, *options):
        return Server([self.daemon, "--address",
                       "unix:" + self.path(name), "--address", "127.0.0.1:0",
                       "--log-level", "error", *options], self.env).read_addresses(2)

    def start_c(self, name):
        return self.start_ours(name, "--shared-memory", "off")

    def start_tls(self, name):
        own = self.path("own.pem")
        with certificates.own("127.0.0.1") as made:
            shutil.copy(made, own)
        self.env["SYNCMANAGER_TLS_CA"] = own
        return Server([self.daemon, "--address", "tls://127.0.0.1:0", "--tls-certificate", own,
                       "--log-level", "error"], self.env).read_addresses(1)

    def start_std(self, name):
        python = self.others.get(name, sys.executable)
        address = "127.0.0.1:0" if name == "std-tcp" else "unix:" + self.path(name)
        return Server([python, os.path.join(HERE, "stock_server.py"), address],
                      self.env).read_addresses(1)

    def start_started(self, name):
        return Server([sys.executable, os.path.join(HERE, "stock_server.py"), "-m", "syncmanager",
                       "unix:" + self.path(name)], self.env_package).read_addresses(1)

    def start_redis(self, name):
        server = Server(["redis-server", "--port", "0", "--unixsocket", self.path(name), "--dir",
                         self.folder, "--save", "", "--appendonly", "no"])
        while "ready to accept connections" not in (line := read_line(server.process)).lower():
            if not line:
                server.end()
                raise OSError("redis-server does not start")
        server.addresses["unix"] = "unix:" + self.path(name)
        return server

    def start_block(self, name):
        address = "127.0.0.1:0" if name == "block-tcp" else "unix:" + self.path(name)
        return Server([self.driver("responder"), address]).read_addresses(1)

    def start_loop(self, name):
        return Server([self.driver("responder"), "-l", "unix:" + self.path(name)]).read_addresses(1)

    def start_constant(self, name):
        answer = pickle.dumps(("#RETURN", 5)).hex()
        return Server([self.driver("responder"), "-x", answer,
                       "unix:" + self.path(name)]).read_addresses(1)

    def server_of(self, peer):
        if peer in ("c", "c-tcp", "stock", "stock-tcp", "python"):
            return self.start("ours")
        if peer == "c-tls":
            return self.start("tls")
        if peer.endswith("-started"):
            return self.start("started")
        if peer in ALONE:
            return None
        return self.start(peer)

    def command(self, peer, work, server, **options):
        """The command line of a driver that does this work against the peer's server."""
        if peer in ("c", "c-tcp", "c-tls", "c-sockets"):
            command = [self.driver("sm")]
        elif peer == "redis":
            command = [self.driver("redis")]
        elif peer.partition("-")[0] in ("std", "stock", "constant", "python", "threads"):
            command = [self.others.get(peer, sys.executable), os.path.join(HERE, "stock.py")]
        else:
            command = [self.driver("limits")]
        if peer in ("python", "python-started"):
            command += ["-m", "syncmanager"]
        if server:
            command += ["-a", server.addresses[
                peer[-3:] if peer.endswith(("-tcp", "-tls")) else "unix"]]
        for option, value in options.items():
            command += ["-" + option] + ([] if value is True else [str(value)])
        return command + [work]

    def sample(self, peer, work, server=None, **options):
        """One measurement: what the driver prints. Raises OSError."""
        server = server or self.server_of(peer)
        env = self.env_package if peer in ("python", "python-started") else self.env
        return self.run(self.command(peer, work, server, **options), env, server)

    def run(self, command, env, server):
        """What a program of that server's prints as JSON. Raises OSError."""
        program = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   text=True, env=env, start_new_session=True)
        try:
            out, err = program.communicate(timeout=SAMPLE_TIMEOUT)
        except subprocess.TimeoutExpired:
            os.killpg(program.pid, 9)  # the group of this driver's clients alone
            program.communicate()
            self.drop(server)
            raise OSError(f"no result within {SAMPLE_TIMEOUT} s") from None
        if program.returncode != 0 or not out:
            raise OSError((err.strip().splitlines() or ["it failed"])[-1])
        return json.loads(out)
