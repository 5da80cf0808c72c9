# SPDX-License-Identifier: MIT
# The front door. Meson and tools/ do the work.

PREFIX ?= /usr/local
DESTDIR ?=

build: setup-build
	@test -f build/build.ninja || meson setup build
	@meson compile -C build

demo: build
	@examples/demo

test check: setup-test
	@tools/check

quick: setup-test
	@tools/check format floors gcc unit

coverage: setup-test
	@tools/coverage

# A build folder from before there was hiredis looks for it again.
bench: setup-bench build
	@test -x build/bench/bench-redis || { meson setup --reconfigure build >/dev/null && meson compile -C build; }
	@python3 bench/bench.py $(if $(QUICK),--quick) $(CASE)

SECONDS ?= 1800
SEED ?= 1
FORKS ?= 20000
SCRIBBLES ?= 300000000

soak: build
	@tests/faults/faults.py --seconds $(SECONDS) --seed $(SEED)
	@tests/fork/soak.py --forks $(FORKS)
	@KILLS=100000 build/tests/unit/test_share_deaths
	@SCRIBBLES=$(SCRIBBLES) tools/check scribbler

install: build
	@meson configure build -Dprefix=$(PREFIX)
	@DESTDIR=$(DESTDIR) meson install -C build
	@test -n "$(DESTDIR)" || PATH="$$PATH:/usr/sbin:/sbin" ldconfig || true

clean:
	rm -rf build build-check

setup-build setup-test setup-bench:
	@tools/setup $(@:setup-%=%)

help:
	@echo 'make                  build into build/, after installing what that needs (Debian)'
	@echo 'make demo             run the example programs on a daemon of their own; with HOLD=1 it stays,'
	@echo '                      with processes at work, for a look at its page'
	@echo 'make test             all gates: tools/check; as root on fresh Debians, too'
	@echo 'make quick            format, floors, gcc and unit tests: two minutes, then seconds'
	@echo 'make coverage         how much of src/ the unit and interop tests run, by folder and file'
	@echo 'make bench            measure, in ten minutes; make bench CASE=list_get; QUICK=1'
	@echo 'make soak             clients killed, stopped and cut for SECONDS ($(SECONDS)), by SEED ($(SEED));'
	@echo '                      then programs with threads that fork, FORKS ($(FORKS)) times a kind;'
	@echo '                      then clients killed at each instruction that they run in shared memory,'
	@echo '                      and one that writes SCRIBBLES ($(SCRIBBLES)) random words there'
	@echo 'make install          to PREFIX ($(PREFIX)), under DESTDIR if set'
	@echo 'make clean            remove what was built'

.DEFAULT_GOAL := build
.PHONY: build demo test check quick coverage bench soak install clean help setup-build setup-test setup-bench
