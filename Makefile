# SPDX-License-Identifier: ISC
# The front door. CMake does the work (CMakePresets.json); this file says what to build before what.
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

JOBS ?= $(shell nproc)
# What brings the packages that are missing; INSTALL_DEPS=true leaves the system alone.
INSTALL_DEPS ?= scripts/install-deps

# Tests to run, as ctest's options: make test CTEST="-L unit", make test CTEST="-R Flash"
CTEST ?=

QUIET := >/dev/null

.PHONY: help demo test firmware host-tree firmware-tree lint format clean

help:
	@echo 'make demo      a virtual Blue Pill takes an application over USB and blinks'
	@echo 'make test      builds everything and runs every test'
	@echo 'make firmware  every bootloader and example into build/firmware, with checksums and sizes'
	@echo 'make lint      layout and checks of the sources'
	@echo 'make format    lays the sources out'
	@echo 'make clean     removes all that was built'
	@echo
	@echo 'One bootloader, for one board:  cd src && make TARGET=BLUEPILL'

host-tree:
	@$(INSTALL_DEPS)
	@cmake --preset host --log-level=WARNING $(QUIET)

firmware-tree:
	@$(INSTALL_DEPS)
	@cmake --preset firmware --log-level=WARNING $(QUIET)

demo: firmware-tree host-tree
	@cmake --build --preset firmware -j $(JOBS) --target dapboot-bluepill blinky-bluepill
	@cmake --build --preset host -j $(JOBS) --target dapboot-sim
	@build/host/sim/dapboot-sim demo --firmware build/firmware/dapboot-bluepill.elf \
	    --application build/firmware/blinky-bluepill.bin

firmware: firmware-tree
	@cmake --build --preset firmware -j $(JOBS)
	@cmake --build --preset firmware --target summary

test: firmware host-tree
	@cmake --build --preset host -j $(JOBS)
	@ctest --preset all -j $(JOBS) $(CTEST)

lint:
	@$(INSTALL_DEPS) lint
	@scripts/lint

format:
	@$(INSTALL_DEPS) lint
	@git ls-files '*.cpp' '*.hpp' '*.c' '*.h' | xargs clang-format-19 -i

clean:
	rm -rf build
	@$(MAKE) -C src clean
