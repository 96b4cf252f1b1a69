/* SPDX-License-Identifier: ISC */
/*
 * dapboot_dfu: the DFU interface of an application in run-time mode (DFU 1.1 sections 4.1 and 5.1), for any USB stack.
 * With it `dfu-util -D new.dfu` needs no button: it asks the application to leave, and loads into the bootloader that
 * comes up.
 *
 * 1. Add dapboot_dfu.c to the build, and one interface to the configuration descriptor: DAPBOOT_DFU_DESCRIPTOR(n, i).
 *    Count it in bNumInterfaces and wTotalLength.
 * 2. Hand class requests to that interface to dapboot_dfu_request().
 * 3. Call dapboot_dfu_poll() in the main loop.
 *
 * For three stacks the second step is here: define DAPBOOT_DFU_TINYUSB, DAPBOOT_DFU_LIBOPENCM3 or DAPBOOT_DFU_ST when
 * compiling dapboot_dfu.c.
 */
#ifndef DAPBOOT_DFU_H
#define DAPBOOT_DFU_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes of the interface's descriptors, and these bytes: `interface` is its number, `string` the index of its name or
 * 0. bitWillDetach, can upload, can download; wDetachTimeOut 250 ms, wTransferSize 2048, bcdDFUVersion 1.10. */
#define DAPBOOT_DFU_DESCRIPTOR_BYTES 18
#define DAPBOOT_DFU_DESCRIPTOR(interface, string) \
    9, 4, (interface), 0, 0, 0xFE, 1, 1, (string), 9, 0x21, 0x0B, 250, 0, 0x00, 0x08, 0x10, 0x01

enum dapboot_dfu_answer {
    DAPBOOT_DFU_STALL, /* refuse the request */
    DAPBOOT_DFU_DATA,  /* answer with *data, *length bytes, at most wLength */
    DAPBOOT_DFU_LEAVE  /* acknowledge; dapboot_dfu_poll() leaves for the bootloader a little later */
};

/* What to answer to a class request for the DFU interface. *data stays where it is. */
enum dapboot_dfu_answer dapboot_dfu_request(uint8_t bmRequestType, uint8_t bRequest, const uint8_t** data,
                                            uint16_t* length);

/* Call it often, with any clock that counts milliseconds and may wrap. After a DETACH it lets 20 ms pass, in which the
 * host gets its acknowledgement, and enters the bootloader: it does not return then. */
void dapboot_dfu_poll(uint32_t milliseconds);

#ifdef __cplusplus
}
#endif

#endif
