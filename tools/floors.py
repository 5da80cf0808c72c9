#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Hold the code against the floors: a file knows those under it, and no other.

    tools/floors.py [BUILD]

Run at the top of the source tree.  Looks at the includes of src/, python/src/ and bench/; for
systems that src/ tells apart outside src/system, and for pointers to functions in its headers; and,
in a folder that was built, at what the object files of src/ take from each other: no symbol of a
floor above or beside, no circle of files that spans two folders, and nothing that sends or receives
past the transports.  Prints what breaks the rule, and fails if anything does.
"""

import pathlib
import re
import subprocess
import sys

# What each folder may include besides itself.
FLOORS = {
    "base": {"system"},
    "system": set(),
    "value": {"base"},
    "pickle": {"value", "base"},
    "wire": {"pickle", "value", "system", "base"},
    "object": {"pickle", "value", "system", "base"},
    "net": {"wire", "value", "system", "base"},
    "scalar": {"object", "pickle", "value", "base"},
    "types": {"scalar", "object", "pickle", "value", "base"},
    "peer": {"types", "net", "object", "wire", "pickle", "value", "system", "base"},
    "place": {"net", "object", "wire", "pickle", "value", "base"},
    "view": {"peer", "place", "types", "net", "object", "pickle", "value", "system", "base"},
    "server": {"peer", "place", "view", "types", "net", "object", "wire", "pickle", "value", "system", "base"},
    "client": {"net", "wire", "pickle", "value", "system", "base"},
    "start": {"client", "server", "peer", "place", "net", "wire", "pickle", "value", "system", "base"},
    "cli": set(),
    "web": {"cli"},
    "daemon": {"web", "cli"},
    "ctl": {"cli"},
    "python": set(),
    "bench": set(),
}

# Files that know less than their folder does: all that they may include but system headers.
NARROW = {
    "src/view/figures.h": {"base"},
    "src/view/pickle.h": {"view/figures.h", "pickle"},
    "src/view/pickle.c": {"view/pickle.h", "pickle"},
    "src/view/pickle_metrics.c": {"view/pickle.h", "pickle", "base"},
}

# Headers that one folder alone may include.
OWN = {"base/clock.h": "net"}

# The folder that does what a public header declares. Programs may include all of them.
PUBLIC = {
    "syncmanager/base.h": "base",
    "syncmanager/value.h": "value",
    "syncmanager/client.h": "client",
    "syncmanager/server.h": "peer",
    "syncmanager/guest.h": "place",
    "syncmanager/own_type.h": "server",
    "syncmanager/types.h": "client",
    "syncmanager.h": None,
}
PROGRAMS = {"cli", "web", "daemon", "ctl", "python", "bench"}

# Where other libraries and sockets may be met. What is not listed may be included anywhere.
FOREIGN = {
    r"Python\.h|structmember\.h": {"python"},
    r"uv\.h|uv/.*": {"net"},
    r"openssl/.*": {"wire", "net", "value", "pickle", "cli"},
    r"microhttpd\.h": {"web"},
    r"uni(case|conv|ctype|gbrk|lbrk|name|norm|stdio|str|types|wbrk|width)\.h": {"value", "scalar", "types"},
    r"linux/.*|sys/(eventfd|memfd|mman|prctl|random|syscall|vfs)\.h": {"system", "bench"},
    r"malloc(_np|/malloc)?\.h": {"system", "daemon", "python"},
    r"sys/(socket|un|epoll)\.h|netinet/.*|arpa/.*|netdb\.h": {"system", "net", "web", "daemon", "bench"},
}

# The structs in headers of src/ that have pointers to functions, through which a file may call one that
# it does not know; docs/architecture.md, "Calls upwards", says why there are these.
POINTERS = {
    # What a floor asks of one above it: the two tables, and no third.
    "src/object/caller.h": {"caller_ops"},
    "src/object/place.h": {"place_ops"},
    # What each of a kind does: types, transports, resolvers of proxies.
    "src/object/object.h": {"object_type", "method"},
    "src/types/lockable.h": {"lockable_ops"},
    "src/net/transport.h": {"transport_ops", "transport"},
    "src/value/tree.h": {"resolver"},
    "src/client/client.h": {"sm_manager"},
    # What whoever has made a thing is told of it.
    "src/base/memory.h": {"memory_row"},
    "src/base/ref.h": {"ref"},
    "src/base/timers.h": {"timer"},
    "src/net/channel.h": {"channel_wait"},
    "src/net/listener.h": {"listener"},
    "src/net/loop.h": {"loop"},
    "src/net/spin.h": {"spin"},
    "src/net/stream.h": {"stream_events"},
    "src/net/watch.h": {"watch"},
    "src/object/waitq.h": {"waitq_ops"},
    "src/place/aside_record.h": {"aside"},
    "src/place/host_request.h": {"host_request"},
    "src/place/post.h": {"post"},
}

# A struct, and a field of it that is a pointer to a function.
STRUCT = re.compile(r"^(?:typedef )?(?:struct|union)(?: (\w+))? \{(.*?)^\}", re.MULTILINE | re.DOTALL)
POINTER = re.compile(r"\(\*(?:const )?\w+\)\(|\b\w+_fn \w+;")

# Names of systems, by which code is told apart in src/system/ alone.
SYSTEM = re.compile(r"\b__(linux|APPLE|FreeBSD|NetBSD|OpenBSD|DragonFly|sun)(__)?\b")

# Functions that carry the bytes of connections, and the files that alone may call them: all else
# goes by net/transport.h.
CARRYING = {
    r"(__)?(send|sendto|sendmsg|sendmmsg|recv|recvfrom|recvmsg|recvmmsg|readv|writev|shutdown)(_chk)?":
        {"src/net/transport_socket.c"},
    r"accept4?": {"src/net/listener.c"},
    r"connect": {"src/net/transport_socket.c", "src/net/socket_file.c"},
    r"uv_(tcp|pipe|stream|read|write|try_write|udp)\w*|uv_(listen|accept|shutdown)": set(),
}

# A line of nm: an object file in the library, named as Meson makes it of the path; a kind; a symbol.
SYMBOL = re.compile(r"(\w+\.c)\.o:[0-9a-f ]* ([A-Za-z]) (\w+)$", re.MULTILINE)

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def complaint(folder, system, header):
    """Why this folder may not include this header, or None."""
    below = FLOORS[folder] | {folder}
    if header in PUBLIC:
        owner = PUBLIC[header]
        if folder in PROGRAMS or owner in below:
            return None
        return "is of a floor that this one does not know"
    if system:
        for pattern, folders in FOREIGN.items():
            if re.fullmatch(pattern, header) and folder not in folders:
                return f"belongs to {', '.join(sorted(folders))} alone"
        return None
    owner, _, rest = header.partition("/")
    if not rest and folder in PROGRAMS:
        return None  # its own, beside it: programs do not see src/
    if folder != OWN.get(header, folder):
        return f"is for {OWN[header]} alone"
    if not rest or owner not in FLOORS:
        return "is not named as folder/file.h"
    if owner not in below:
        return "is of a floor that this one does not know"
    return None


def narrow_complaint(path, system, header):
    """Why this file may not include this header, though its folder may; or None."""
    allowed = NARROW.get(str(path))
    if allowed is None or system or header in allowed or header.split("/")[0] in allowed:
        return None
    return "is not for this file: it knows nothing but " + ", ".join(sorted(allowed))


def sources():
    """Each file, and the folder that it counts as."""
    for path in sorted(pathlib.Path("src").glob("*/*.[ch]")):
        yield path, path.parent.name
    for path in sorted(pathlib.Path("python/src").glob("*.[ch]")):
        yield path, "python"
    for path in sorted(pathlib.Path("bench").glob("*.[ch]")):
        yield path, "bench"


def check_pointers():
    """No header has pointers to functions but those that are named above, and these have."""
    bad = 0
    found = {}
    for path, folder in sources():
        if path.suffix == ".h" and folder not in PROGRAMS:
            for name, fields in STRUCT.findall(path.read_text(encoding="utf-8")):
                if POINTER.search(fields):
                    found.setdefault(str(path), set()).add(name)
    for path in sorted(found.keys() | POINTERS.keys()):
        for name in sorted(found.get(path, set()) ^ POINTERS.get(path, set())):
            has = "has" if name in found.get(path, set()) else "has no"
            print(f"{path}: struct {name} {has} pointers to functions: see POINTERS in tools/floors.py")
            bad += 1
    return bad


def check_includes():
    bad = 0
    for path, folder in sources():
        if folder not in FLOORS:
            print(f"{path}: {folder} has no floor")
            bad += 1
            continue
        text = path.read_text(encoding="utf-8")
        for match in INCLUDE.finditer(text):
            why = complaint(folder, match[1] == "<", match[2]) or narrow_complaint(
                path, match[1] == "<", match[2])
            if why:
                line = text.count("\n", 0, match.start()) + 1
                print(f"{path}:{line}: {match[2]} {why}")
                bad += 1
        system = SYSTEM.search(text) if path.parts[0] == "src" and folder != "system" else None
        if system:
            print(f"{path}: {system[0]}: what only one system has is behind src/system")
            bad += 1
    return bad


def read_symbols(build):
    """The file that defines each symbol, and the symbols that each file takes."""
    library = pathlib.Path(build) / "src/libsyncmanager-internal.a"
    listed = subprocess.run(["nm", "-A", library], stdout=subprocess.PIPE, check=True, text=True)
    defined, taken = {}, {}
    for name, kind, symbol in SYMBOL.findall(listed.stdout):
        folder, _, file = name.partition("_")
        path = f"src/{folder}/{file}"
        if kind == "U":
            taken.setdefault(path, set()).add(symbol)
        elif kind in "TDBRVWC":
            defined[symbol] = path
    return defined, taken


def folder_of(path):
    return path.split("/")[1]


def find_circles(uses):
    """Rows of files that take from each other, in the end, by Tarjan's algorithm."""
    order, low, stack, circles = {}, {}, [], []

    def visit(path):
        order[path] = low[path] = len(order)
        stack.append(path)
        for used in sorted(uses.get(path, ())):
            if used not in order:
                visit(used)
                low[path] = min(low[path], low[used])
            elif used in stack:
                low[path] = min(low[path], order[used])
        if low[path] == order[path]:
            at = stack.index(path)
            circles.append(stack[at:])
            del stack[at:]

    for path in sorted(uses):
        if path not in order:
            visit(path)
    return [sorted(circle) for circle in circles if len(circle) > 1]


def check_carrying(taken):
    bad = 0
    for path, symbols in sorted(taken.items()):
        for symbol in sorted(symbols):
            for pattern, files in CARRYING.items():
                if re.fullmatch(pattern, symbol) and path not in files:
                    print(f"{path}: calls {symbol}(): bytes go by net/transport.h")
                    bad += 1
    return bad


def check_links(build):
    defined, taken = read_symbols(build)
    bad = check_carrying(taken)
    uses = {}
    for path, symbols in sorted(taken.items()):
        for symbol in sorted(symbols):
            owner = defined.get(symbol)
            if owner is None or owner == path:
                continue
            uses.setdefault(path, set()).add(owner)
            if folder_of(owner) not in FLOORS[folder_of(path)] | {folder_of(path)}:
                print(f"{path}: takes {symbol} of {owner}, a floor that this one does not know")
                bad += 1
    for circle in find_circles(uses):
        if len(set(map(folder_of, circle))) > 1:
            print(f"a circle of {len(circle)} files: {', '.join(circle)}")
            bad += 1
    return bad


def main():
    if {"-h", "--help"} & set(sys.argv):
        print(__doc__)
        return 0
    bad = check_includes() + check_pointers()
    if len(sys.argv) > 1:
        bad += check_links(sys.argv[1])
    return bad > 0


if __name__ == "__main__":
    sys.exit(main())
