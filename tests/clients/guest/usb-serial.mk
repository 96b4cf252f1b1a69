# SPDX-License-Identifier: ISC
# The kit's usb-serial as an application's own Makefile would build it, with the register and the word by which it enters
# the bootloader.
#
#   make -f usb-serial.mk KIT=FOLDER ENTRY=BKP10-424C NAME=FILE    makes FILE.bin
include $(KIT)/dapboot.mk
.DEFAULT_GOAL := $(NAME).bin

register := $(word 1,$(subst -, ,$(ENTRY:BKP%=%)))
word := 0x$(word 2,$(subst -, ,$(ENTRY)))
sources := $(wildcard $(KIT)/examples/usb-serial/*.c) $(KIT)/dapboot_dfu.c $(DAPBOOT_STARTUP)

$(NAME).elf: $(sources)
	$(DAPBOOT_PREFIX)gcc -Os -flto -ffreestanding -std=c11 -ffunction-sections $(DAPBOOT_CFLAGS) \
	    -DDAPBOOT_BACKUP_REGISTER=$(register) -DDAPBOOT_STAY=$(word) $(sources) -nostdlib $(DAPBOOT_LDFLAGS) -lgcc -o $@
