/* SPDX-License-Identifier: ISC */
/* What the host is told: a serial port (CDC PSTN 1.2, abstract control model), and that it can be updated (DFU 1.1). */
#include "descriptors.h"

#include <dapboot_dfu.h>
#include <stddef.h>

#include "registers.h"
#include "usb.h"

#define LOW(value) (uint8_t)((value) & 0xFF)
#define HIGH(value) (uint8_t)((value) >> 8)

/* bDescriptorType: USB 2.0 table 9-5, the one for functions from its addition of 2003 (IAD), CDC 1.2 table 12. */
enum { DEVICE = 1, CONFIGURATION, STRING, INTERFACE, ENDPOINT, INTERFACE_ASSOCIATION = 11, CS_INTERFACE = 0x24 };
enum { manufacturer_string = 1, product_string, serial_string, dfu_string };

/* 1209:0001 is one of the numbers that pid.codes keeps free for tests on your own desk (https://pid.codes/1209/0001/).
 * A device that leaves it needs an id of its own, and must not carry this one, nor the bootloader's. */
enum { idVendor = 0x1209, idProduct = 0x0001 };

/* clang-format off */
static const uint8_t device_descriptor[] = {
    18, DEVICE,
    LOW(0x0200), HIGH(0x0200),  /* bcdUSB 2.00 */
    0xEF, 2, 1,                 /* class: see the interface association */
    usb_packet,                 /* bMaxPacketSize0 */
    LOW(idVendor), HIGH(idVendor), LOW(idProduct), HIGH(idProduct),
    LOW(0x0100), HIGH(0x0100),  /* bcdDevice 1.00 */
    manufacturer_string, product_string, serial_string,
    1,                          /* bNumConfigurations */
};

enum { configuration_bytes = 9 + 8 + (9 + 5 + 5 + 4 + 5 + 7) + (9 + 7 + 7) + DAPBOOT_DFU_DESCRIPTOR_BYTES };

static const uint8_t configuration_descriptor[] = {
    9, CONFIGURATION, LOW(configuration_bytes), HIGH(configuration_bytes),
    interface_count, 1, 0, 0x80, 50,  /* bus-powered, 100 mA */

    /* Two interfaces make the serial port. */
    8, INTERFACE_ASSOCIATION, cdc_interface, 2, 2, 2, 0, 0,

    9, INTERFACE, cdc_interface, 0, 1, 2, 2, 0, 0,  /* communications, ACM, no AT commands */
    5, CS_INTERFACE, 0, LOW(0x0110), HIGH(0x0110),  /* header: CDC 1.10 */
    5, CS_INTERFACE, 1, 0, data_interface,          /* call management: none */
    4, CS_INTERFACE, 2, 0x02,                       /* ACM: has line coding and line state */
    5, CS_INTERFACE, 6, cdc_interface, data_interface,  /* union */
    7, ENDPOINT, 0x80 | notification_endpoint, usb_interrupt, notification_size, 0, 255,

    9, INTERFACE, data_interface, 0, 2, 10, 0, 0, 0,
    7, ENDPOINT, data_endpoint, 2, usb_packet, 0, 0,  /* bulk */
    7, ENDPOINT, 0x80 | data_endpoint, 2, usb_packet, 0, 0,

    /* DFU 1.1 section 4.1: run-time mode. After a DETACH this device leaves the bus by itself; what comes back is the
     * bootloader, which can then download and upload. */
    DAPBOOT_DFU_DESCRIPTOR(dfu_interface, dfu_string),
};
/* clang-format on */
_Static_assert(sizeof configuration_descriptor == configuration_bytes, "wTotalLength is wrong");

const struct usb_endpoint application_endpoints[] = {
    {data_endpoint, usb_bulk, usb_packet, usb_packet},
    {notification_endpoint, usb_interrupt, notification_size, 0},
};
const uint32_t application_endpoint_count = 2;
const uint8_t application_interface_count = interface_count;

/* --- strings: UTF-16, made when they are asked for --------------------------------------------- */

static uint8_t string_descriptor[2 + 2 * 31];

static void append(uint16_t character) {
    const uint8_t at = string_descriptor[0];
    string_descriptor[at] = LOW(character);
    string_descriptor[at + 1] = HIGH(character);
    string_descriptor[0] = (uint8_t)(at + 2); /* bLength */
}

/* The same 24 digits that the bootloader has, so that a host knows the board again: the words of the unique id from the
 * last to the first, each in memory's byte order. */
static void append_serial_number(void) {
    for (uint32_t word = 3; word-- != 0;) {
        const uint32_t digits = __builtin_bswap32(UNIQUE_ID[word]);
        for (uint32_t shift = 32; shift != 0;) {
            shift -= 4;
            append((uint16_t)"0123456789ABCDEF"[digits >> shift & 0xF]);
        }
    }
}

static const void* string(uint8_t index) {
    static const char* const texts[] = {
        [manufacturer_string] = "dapboot kit",
        [product_string] = "USB serial example",
        [dfu_string] = "Update by DFU",
    };
    string_descriptor[0] = 2;
    string_descriptor[1] = STRING;
    if (index == 0) {
        append(0x0409); /* the languages: English (United States) */
    } else if (index == serial_string) {
        append_serial_number();
    } else if (index <= dfu_string) {
        for (const char* text = texts[index]; *text != 0; ++text)
            append((uint8_t)*text);
    } else {
        return NULL;
    }
    return string_descriptor;
}

const void* application_descriptor(uint8_t type, uint8_t index, uint32_t* length) {
    const uint8_t* found = NULL;
    if (type == STRING) found = string(index);
    if (type == DEVICE && index == 0) found = device_descriptor;
    if (found != NULL) *length = found[0];
    if (type == CONFIGURATION && index == 0) {
        found = configuration_descriptor;
        *length = configuration_bytes;
    }
    return found;
}
