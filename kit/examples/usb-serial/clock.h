/* SPDX-License-Identifier: ISC */
#ifndef USB_SERIAL_CLOCK_H
#define USB_SERIAL_CLOCK_H

#include <stdint.h>

/* 72 MHz for the core and 48 MHz for USB, from the 8 MHz crystal. */
void clock_start(void);
void delay_ms(uint32_t milliseconds);

#endif
