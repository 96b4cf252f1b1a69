/* SPDX-License-Identifier: ISC
 * Ordinary functions for the styles to call, so that an image holds code, constants, tables and literals as a real
 * program does. */
#ifndef IMAGES_WORK_H
#define IMAGES_WORK_H

#include <stdint.h>

extern volatile uint32_t work_ticks;

void work_setup(void);
void work_loop(void);
uint32_t work_checksum(const uint8_t* bytes, uint32_t length);
int work_format(char* out, uint32_t value);

#endif
