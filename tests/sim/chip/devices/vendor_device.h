// SPDX-License-Identifier: ISC
// device.h for a device with one interface of the vendor's own, which does nothing but be enumerated. PRODUCT is the
// low byte of its product id.
#pragma once

#include "device.h"

static const u8 device_descriptor[18] = {18, 1, 0x00, 2, 0, 0, 0, PACKET0, 0x09, 0x12, PRODUCT, 0x00, 0, 2, 0, 0, 0, 1};
static const u8 configuration_descriptor[] = {9, 2, 18, 0, 1, 1, 0, 0xc0, 50, 9, 4, 0, 0, 0, 0xff, 0, 0, 0};

static int class_request(const u8* setup) {
    (void)setup;
    return 0;
}
static void configured(void) {}
static void serve_endpoint(unsigned n) {
    clear(n, ctr_rx | ctr_tx);
}
