# SPDX-License-Identifier: ISC
# The kit for a plain Makefile: include it, and use what it sets.
#
#   DAPBOOT_LAYOUT   a linker script of the kit without its .ld: standard-64k unless you set it before
#   DAPBOOT_BOARD    the bootloader's TARGET without its variant: BLUEPILL unless you set it before
#   DAPBOOT_CFLAGS   for the compiler: the chip, and where dapboot.h is
#   DAPBOOT_LDFLAGS  for the linker
#   DAPBOOT_STARTUP  a startup file in C, to link unless you have your own
#   DAPBOOT_INIT     to link beside your own startup file, if that calls __libc_init_array
#
# and the rules %.bin, %.hex and %.dfu from %.elf.
DAPBOOT_KIT := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))
DAPBOOT_LAYOUT ?= standard-64k
DAPBOOT_BOARD ?= BLUEPILL
DAPBOOT_PREFIX ?= arm-none-eabi-
DAPBOOT_CFLAGS := -mcpu=cortex-m3 -mthumb -I$(DAPBOOT_KIT) -DDAPBOOT_BOARD=$(DAPBOOT_BOARD)
DAPBOOT_LDFLAGS := -mcpu=cortex-m3 -mthumb -nostartfiles -L$(DAPBOOT_KIT) -T$(DAPBOOT_LAYOUT).ld -Wl,--gc-sections
DAPBOOT_STARTUP := $(DAPBOOT_KIT)/startup.c
DAPBOOT_INIT := $(DAPBOOT_KIT)/libc_init.c

%.bin: %.elf
	$(DAPBOOT_PREFIX)objcopy -O binary --gap-fill=0xff $< $@
%.hex: %.elf
	$(DAPBOOT_PREFIX)objcopy -O ihex $< $@
%.dfu: %.bin
	cp $< $@ && dfu-suffix --vid 1209 --pid db42 --add $@ >/dev/null
