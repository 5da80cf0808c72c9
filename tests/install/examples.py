#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The examples of the headers, README.md, docs/, man/ and --help: they are built, run and compared.

    tests/install/examples.py BUILD [FLAG...]

FLAGs are what cc needs to find the library; without any, it is that of BUILD.

- C in Markdown: the blocks of a page, in order, are one program. It must print what it says: the
  comment of a line that prints, else the text that puts() has there.
- C in a header's comment is a fragment. Paragraphs that begin with `static` or `#` stand outside of
  functions, the others in one, which knows the names of PROLOGUE.
- Python and the shell's syncmanagerctl are run on a daemon that serves `jobs`, for whatever address
  and key they give. A program in Python must print what it says, too.
  Files in /etc and /var are in a folder of its own.
- Each syncmanagerd of an example must come to listen, at an address of its own. Lines of openssl
  that make certificates are run, and examples behind them find these.
- YAML is the configuration of Prometheus.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PATIENCE = 60  # seconds within which an example has ended
NOT_RUN = 'not run'
PROLOGUE = '''
#include <stdio.h>
#include <stdlib.h>
#include <syncmanager.h>

extern struct sm_manager *manager;
extern struct sm_server *server;
extern struct sm_proxy *numbers;
'''


class Wrong(Exception):
    """An example does not do what it should."""


def run(command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          stdin=subprocess.DEVNULL, universal_newlines=True, timeout=PATIENCE,
                          **dict({'cwd': ROOT}, **options))
    if done.returncode != 0:
        raise Wrong('status %d\n%s' % (done.returncode, done.stdout))
    return done.stdout


def language(text):
    return 'python' if re.match('(from|import) ', text) else 'shell'


def fenced(text):
    """The blocks between fences, each with its language."""
    for name, block in re.findall(r'^```(\w*)\n(.*?)^```$', text, re.M | re.S):
        yield name or language(block), block


def indented(text, blank, mark):
    """Paragraphs that `mark` begins the lines of, behind a `blank` line."""
    found = r'(?<=\n)%s *\n((?:%s.*\n|%s *\n(?=%s))+)' % (blank, mark, blank, mark)
    for block in re.findall(found, text):
        yield re.sub('^(%s|%s$)' % (mark, blank), '', block, flags=re.M)


def examples_of(name, text):
    """Pairs of language and text."""
    if name.endswith('.h'):
        for block in indented(text, r' \*', r' \*     '):
            yield 'fragment', block
        return
    pages = list(fenced(text))
    program = ''.join(block for kind, block in pages if kind == 'c')
    if program:
        yield 'c', program
    yield from (pair for pair in pages if pair[0] != 'c')
    outside = re.sub(r'^```.*?^```$', '', text, flags=re.M | re.S)
    if not name.endswith('.scd'):
        mark = '    ' if name.endswith('.md') else '  '
        yield from ((language(block), block) for block in indented(outside, '', mark))


def stated(text, comment):
    """What a program says that it prints."""
    for line in text.splitlines():
        if re.search(r'\b(puts|printf|print)\(', line):
            found = re.search(comment, line) or re.search(r'(?:puts|print)\("(.*?)"\)', line)
            if found:
                yield found.group(1)


def compare(text, comment, output):
    wanted = ', '.join(stated(text, comment))
    if ', '.join(output.splitlines()) != wanted:
        raise Wrong('it says that it prints\n%s\nand prints\n%s' % (wanted, output))


class Examples:
    def __init__(self, build, flags, folder):
        self.build = os.path.abspath(build)
        self.folder = folder
        self.flags = flags or ['-Iinclude', '-L' + self.build, '-lsyncmanager',
                               '-Wl,-rpath,' + self.build]
        self.key = os.path.join(folder, 'key')
        with open(os.open(self.key, os.O_WRONLY | os.O_CREAT, 0o600), 'w') as file:
            file.write('secret')
        self.keys = self.key + 's'
        with open(os.open(self.keys, os.O_WRONLY | os.O_CREAT, 0o600), 'w') as file:
            file.write('ops admin one-key\nworkers rw another-key\n')
        self.environment = dict(os.environ, PATH='%s:%s' % (self.build, os.environ['PATH']),
                                PYTHONPATH=os.path.join(self.build, 'python'))

    def start(self, *options):
        """A daemon, and where it listens."""
        program = os.path.join(self.build, 'syncmanagerd')
        daemon = subprocess.Popen([program, *options], stdout=subprocess.PIPE, cwd=self.folder,
                                  universal_newlines=True, env=self.environment)
        for line in daemon.stdout:
            if line.startswith('listening on '):
                return daemon, line.split()[-1]
        self.end(daemon)
        raise Wrong('it does not listen')

    def end(self, daemon):
        daemon.terminate()
        daemon.stdout.close()
        daemon.wait()

    def check_c(self, text):
        source = os.path.join(self.folder, 'example.c')
        program = os.path.join(self.folder, 'example')
        with open(source, 'w') as file:
            file.write(text)
        run(['cc', '-Wall', '-Wextra', '-Werror', source, '-o', program, *self.flags])
        compare(text, r'/\* (.*) \*/', run([program]))

    def check_fragment(self, text):
        outside, inside = [], []
        for paragraph in text.split('\n\n'):
            starts = re.match('static |#', paragraph) or outside and paragraph[0] == ' '
            (outside if starts else inside).append(paragraph)
        source = os.path.join(self.folder, 'fragment.c')
        with open(source, 'w') as file:
            file.write('%s\n%s\nint fragment(void);\nint fragment(void)\n{\n%s\nreturn 0;\n}\n'
                       % (PROLOGUE, '\n\n'.join(outside), '\n\n'.join(inside)))
        run(['cc', '-Wall', '-Wextra', '-Werror', '-c', source, '-o', '/dev/null', *self.flags])

    def check_python(self, text):
        port = self.address.split(':')[1]
        text = re.sub(r"(['\"])127.0.0.1\1, 55555", '"127.0.0.1", %s' % port, text)
        text = re.sub(r'authkey=b".*?"', 'authkey=b"secret"', text).replace("open('key'", 'open(%r'
                                                                            % self.key)
        output = run([sys.executable, '-c', text], env=self.environment)
        compare(text, r'\).*# (.*)', output)

    def check_shell(self, text):
        result = NOT_RUN
        text = re.sub(r'\\+\n', ' ', text)
        if text.startswith('openssl '):
            run(['bash', '-euc', text], cwd=self.folder)
            return None
        if not self.has_page and re.search('--http|syncmanagerctl page', text):
            print('this build has no page: its examples are not run')
            text = re.sub('.*(--http|syncmanagerctl page).*', '', text)
        for line in text.splitlines():
            words = re.match(r'(?:build/)?syncmanagerd (--.*)', line)
            if words:
                self.check_daemon(shlex.split(words.group(1), comments=True))
                result = None
        if re.search(r'^(build/|.*\$\()?syncmanagerctl ', text, re.M):
            text = re.sub(r'(SYNCMANAGER_ADDRESS)=\S+', r'\1=' + self.address, text)
            if not shutil.which('jq'):
                print('jq is not here: its examples are not run')
                text = re.sub('.*jq.*', '', text)
            text = re.sub('^(build/)?syncmanagerd .*', '', text, flags=re.M)
            text = re.sub(r'(syncmanagerctl.*?)(?: --(?:address|authkey-file|tls-ca) \S+)+', r'\1',
                          text)
            text = re.sub(r'/(?:etc|var/lib)/\w+/', self.folder + '/', text)
            environment = dict(self.environment, SYNCMANAGER_ADDRESS=self.address,
                               SYNCMANAGER_AUTHKEY='secret')
            run(['bash', '-euo', 'pipefail', '-c', re.sub('build/(sync)', r'\1', text)],
                env=environment)
            result = None
        return result

    def check_yaml(self, text):
        if not shutil.which('promtool'):
            print('promtool is not here: its examples are not checked')
            return NOT_RUN
        path = os.path.join(self.folder, 'prometheus.yml')
        with open(path, 'w') as file:
            file.write(text)
        run(['promtool', 'check', 'config', '--syntax-only', path])
        return None

    def check_daemon(self, words):
        keys = self.keys if any('@workers=' in word for word in words) else self.key
        here = {'--address': 'unix:' + os.path.join(self.folder, 'socket'),
                '--authkey-file': keys, '--http': '127.0.0.1:0',
                '--load': os.path.join(self.build, 'examples', 'maths.so')}
        for at in range(1, len(words)):
            words[at] = here.get(words[at - 1], words[at])
        self.end(self.start(*words, '--log-level', 'warning')[0])

    def start_served(self):
        """The daemon that examples are run on, with a page where that was built in."""
        options = ['--address', '127.0.0.1:0', '--authkey-file', self.key, '--register', 'jobs=Queue(100)',
                   '--log-level', 'warning']
        try:
            return [*self.start(*options, '--http', '127.0.0.1:0'), True]
        except Wrong:
            return [*self.start(*options), False]

    def check_all(self, pages):
        """How many were right, and how many wrong."""
        right = wrong = 0
        daemon, self.address, self.has_page = self.start_served()
        try:
            for name, text in pages:
                for kind, example in examples_of(name, text):
                    try:
                        right += getattr(self, 'check_' + kind)(example) is not NOT_RUN
                    except (Wrong, subprocess.TimeoutExpired) as error:
                        print('%s: this is wrong:\n\n%s\n%s\n' % (name, example, error))
                        wrong += 1
        finally:
            self.end(daemon)
        return right, wrong


def pages(build):
    names = subprocess.check_output(
        ['git', 'ls-files', 'README.md', 'include/*.h', 'man/*.scd', 'docs/*.md'], cwd=ROOT,
        universal_newlines=True).split()
    for name in names:
        with open(os.path.join(ROOT, name)) as file:
            yield name, file.read()
    for program in 'syncmanagerd', 'syncmanagerctl':
        text = subprocess.check_output([os.path.join(build, program), '--help'],
                                       universal_newlines=True)
        yield program + ' --help', text[text.index('Examples:'):].replace(':\n', ':\n\n')


def main(build, *flags):
    with tempfile.TemporaryDirectory(prefix='sm-') as folder:
        right, wrong = Examples(build, list(flags), folder).check_all(pages(build))
    print('%d examples are right, %d wrong' % (right, wrong))
    return wrong > 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
