# SPDX-License-Identifier: ISC
# The front door. CMake does the work (CMakePresets.json); this file says what to build before what.
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

JOBS ?= $(shell nproc)
# What brings the packages that are missing; INSTALL_DEPS=true leaves the system alone.
INSTALL_DEPS ?= scripts/install-deps

# Tests to run, as ctest's options: make test CTEST="-L unit", make test CTEST="-R Flash|Decision"
CTEST ?=

QUIET := >/dev/null

.PHONY: help demo test fuzz bench serve port-free web test-web screens test-clients test-clients-full site release \
    test-release test-package test-documents firmware host-tree sim-tree firmware-tree lint format loops mutants clean flasher \
    install deb

help:
	@echo 'make demo      a virtual Blue Pill takes an application over USB and blinks'
	@echo 'make test      builds everything and runs every test'
	@echo 'make serve     the browser flasher on localhost, with a virtual Blue Pill to try it on'
	@echo 'make bench     size, speed and latency, against their budgets; BENCH=--write writes them down'
	@echo 'make fuzz      hostile input for as long as you let it (FUZZ_SECONDS=600)'
	@echo 'make test-web  the browser flasher in Chromium'
	@echo 'make screens   every state of it in four sizes: pictures in build/web-pictures'
	@echo 'make test-clients  dfu-util, lsusb and others on a Linux of their own'
	@echo 'make test-clients-full  the same with fwupd and Chromium'
	@echo 'make firmware  every bootloader and example into build/firmware, with checksums and sizes'
	@echo 'make site      the documents as pages, build/site/index.html'
	@echo 'make release   what people download, build/release: bootloaders, examples, kit, page, checksums'
	@echo 'make test-release    two releases, built in two places, are the same byte for byte'
	@echo 'make test-package    the Debian package, installed and used in a bare Debian 12 (as root)'
	@echo 'make test-documents  that, and what the documents say, done in a bare Debian 12 (as root)'
	@echo 'make loops     how long a changed line takes to its answer'
	@echo 'make mutants   breaks the sources in a hundred ways, and sees that the tests notice (an hour)'
	@echo 'make install   dapboot, the command-line flasher, for this machine (PREFIX=/usr/local, DESTDIR=)'
	@echo 'make deb       the same as a Debian package, in build/host/packages'
	@echo 'make lint      layout and checks of the sources'
	@echo 'make format    lays the sources out'
	@echo 'make clean     removes all that was built'
	@echo
	@echo 'One bootloader, for one board:  cd src && make TARGET=BLUEPILL'

# A build tree of a clone that has moved begins anew.
CONFIGURE_HOST = cmake/configure.sh build/host "$(CURDIR)" --preset host
CONFIGURE_FIRMWARE = cmake/configure.sh build/firmware-tree "$(CURDIR)" --preset firmware

host-tree:
	@$(INSTALL_DEPS) tests
	@$(CONFIGURE_HOST) -DDAPBOOT_TESTS=ON

# For those who only look: the virtual board and one bootloader, without the tests and what they need. A tree that has
# tests keeps them.
sim-tree:
	@$(INSTALL_DEPS) sim
	@$(CONFIGURE_HOST) $(if $(wildcard build/host/CMakeCache.txt),,-DDAPBOOT_TESTS=OFF)

firmware-tree:
	@$(INSTALL_DEPS) release
	@$(CONFIGURE_FIRMWARE)

demo: firmware-tree sim-tree
	@cmake --build --preset firmware -j $(JOBS) --target dapboot-bluepill blinky-bluepill
	@cmake --build --preset host -j $(JOBS) --target dapboot-sim
	@build/host/sim/dapboot-sim demo --firmware build/firmware/dapboot-bluepill.elf \
	    --application build/firmware/blinky-bluepill.bin

firmware: firmware-tree
	@cmake --build --preset firmware -j $(JOBS)
	@cmake --build --preset firmware --target summary

test: export CTEST := $(CTEST)
test: firmware-tree host-tree
	@JOBS=$(JOBS) scripts/test

# The command-line flasher, with its manual, completions and the udev rule
PREFIX ?= /usr/local
flasher: sim-tree
	@cmake --build --preset host -j $(JOBS) --target dapboot

install: flasher
	@DESTDIR="$(DESTDIR)" cmake --install build/host --component flasher --prefix "$(PREFIX)" --strip

deb: flasher
	@cd build/host && cpack --config CPackConfig.cmake $(QUIET) && ls packages/dapboot_*.deb

bench: firmware host-tree
	@cmake --build --preset host -j $(JOBS) --target dapboot-bench dapboot-sim
	@bench/run $(BENCH)

FUZZ_SECONDS ?= 600
fuzz: firmware host-tree
	@cmake --preset host --log-level=WARNING -DDAPBOOT_FUZZ_SECONDS=$(FUZZ_SECONDS) $(QUIET)
	@cmake --build --preset host -j $(JOBS) --target fuzz

web/node_modules/.package-lock.json: web/package-lock.json
	@$(INSTALL_DEPS) web
	@cd web && npm ci --no-audit --no-fund $(QUIET)

web: firmware web/node_modules/.package-lock.json
	@cd web && npm run --silent build

PORT ?= 8073
# Said before the build, not after it.
port-free:
	@if bash -c 'exec 3<>/dev/tcp/127.0.0.1/$(PORT)' 2>/dev/null; then \
	    echo 'make serve: port $(PORT) is in use; choose another: make serve PORT=$(shell expr $(PORT) + 1)' >&2; exit 1; \
	fi

# Every bootloader, for "New board". Installers take as long again; without them the page does not offer to replace an
# old bootloader.
serve: port-free firmware-tree sim-tree web/node_modules/.package-lock.json
	@cmake --build --preset firmware -j $(JOBS) --target bootloaders blinky-bluepill blinky-bluepill-high
	@cd web && npm run --silent build
	@cmake --build --preset host -j $(JOBS) --target dapboot-sim
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] && command -v xdg-open $(QUIET); then \
	    (sleep 1; xdg-open http://localhost:$(PORT)/) & \
	fi; \
	build/host/sim/dapboot-sim serve build/firmware/dapboot-bluepill.elf --blank --page web/dist --port $(PORT)

test-web: web firmware host-tree
	@$(INSTALL_DEPS) web web-test
	@cmake --build --preset host -j $(JOBS) --target dapboot-sim
	@cd web && npm test --silent && npm run --silent e2e

# Every state of the page in four sizes, dark, zoomed, with forced colours and without motion: pictures in
# build/web-pictures, and what can be checked of them.
screens: web
	@$(INSTALL_DEPS) web web-test
	@cd web && SCREENS=all npm run --silent e2e -- tests/e2e/screens.test.ts

test-clients: firmware host-tree
	@$(INSTALL_DEPS) clients
	@cmake --build --preset host -j $(JOBS) --target dapboot-sim dapboot
	@tests/clients/run $(CLIENTS)
	$(if $(CLIENTS),,@tests/clients/prove)

test-clients-full: web firmware host-tree
	@$(INSTALL_DEPS) clients-full
	@cmake --build --preset host -j $(JOBS) --target dapboot-sim dapboot
	@tests/clients/run --full
	@tests/clients/prove

site:
	@$(INSTALL_DEPS) site
	@scripts/site build/site

release: web
	@$(INSTALL_DEPS) site packages
	@scripts/release build/release

test-release:
	@$(INSTALL_DEPS) site packages packages-test
	@tests/release/reproducible

# The flasher's package in a system that has nothing but apt (as root)
test-package: deb firmware
	@$(INSTALL_DEPS) bare-root
	@tests/documents/bare-root --package "$$(ls -t build/host/packages/dapboot_*.deb | head -n 1)"

test-documents: test-package
	@$(INSTALL_DEPS) bare-root
	@tests/documents/bare-root $(DOCUMENTS)

lint: web/node_modules/.package-lock.json
	@$(INSTALL_DEPS) tests lint
	@scripts/lint
	@scripts/check-windows

# MUTANTS="src/dfu" takes only those whose line holds that
mutants: firmware-tree host-tree
	@JOBS=$(JOBS) tests/mutants/run $(MUTANTS)

loops: firmware host-tree
	@scripts/loops $(LOOPS)

format:
	@$(INSTALL_DEPS) lint
	@git ls-files '*.cpp' '*.hpp' '*.c' '*.h' | xargs clang-format-19 -i

clean:
	rm -rf build
	@$(MAKE) -C src clean
