/* SPDX-License-Identifier: ISC */
/* A serial port over USB that sends back what it gets, and a device that is updated without a button: `dfu-util -d
 * 1209:0001,1209:db42 -D new.bin` asks it to leave for the bootloader, loads new.bin there, and the new program runs.
 * Three things make that work: the descriptors of a DFU interface in run-time mode (descriptors.c), the answers to its
 * requests (the kit's dapboot_dfu.c), and dapboot_enter(). */
#include <dapboot.h>
#include <dapboot_dfu.h>
#include <stddef.h>
#include <stdint.h>

#include "clock.h"
#include "descriptors.h"
#include "usb.h"

/* --- the way into the bootloader (DFU 1.1 section 5.1, and states appIDLE and appDETACH of A.2) - */

static void enter_bootloader(void) {
    usb_detach();
    dapboot_enter();
}

static bool dfu_request(const struct usb_setup* setup) {
    const uint8_t* data = NULL;
    uint16_t length = 0;
    switch (dapboot_dfu_request(setup->bmRequestType, setup->bRequest, &data, &length)) {
        case DAPBOOT_DFU_DATA:
            usb_answer(data, length);
            return true;
        case DAPBOOT_DFU_LEAVE: /* this stack tells when the host has its answer: no need to poll */
            usb_accept(enter_bootloader);
            return true;
        default:
            return false;
    }
}

/* --- the serial port (CDC PSTN 1.2 section 6.3) ----------------------------------------------- */

enum { SET_LINE_CODING = 0x20, GET_LINE_CODING, SET_CONTROL_LINE_STATE };

/* 115200 baud, 1 stop bit, no parity, 8 bits. There is no wire on which it would matter. */
static uint8_t line_coding[7] = {0x00, 0xC2, 0x01, 0x00, 0, 0, 8};

static bool cdc_request(const struct usb_setup* setup) {
    const bool asks = (setup->bmRequestType & usb_to_host) != 0;
    if (!asks && setup->bRequest == SET_LINE_CODING) {
        usb_take(line_coding, sizeof line_coding);
        return true;
    }
    if (asks && setup->bRequest == GET_LINE_CODING) {
        usb_answer(line_coding, sizeof line_coding);
        return true;
    }
    if (!asks && setup->bRequest == SET_CONTROL_LINE_STATE) { /* DTR and RTS */
        usb_accept(NULL);
        return true;
    }
    return false;
}

bool application_request(const struct usb_setup* setup) {
    const uint8_t type_and_recipient = setup->bmRequestType & 0x7F;
    if (type_and_recipient != usb_class_interface_out || !usb_configured()) return false;
    if (setup->wIndex == dfu_interface) return dfu_request(setup);
    if (setup->wIndex == cdc_interface) return cdc_request(setup);
    return false;
}

/* --- the echo --------------------------------------------------------------------------------- */

static uint8_t packet[usb_packet];
static uint32_t packet_length;
static bool packet_waits; /* to be sent back */
static bool empty_is_due; /* the host takes a full packet for one that is not the last */

void application_restart(void) {
    packet_waits = empty_is_due = false;
}

static void echo(void) {
    if (!packet_waits && usb_can_receive(data_endpoint)) {
        packet_length = usb_receive(data_endpoint, packet);
        packet_waits = packet_length != 0;
    }
    if (!usb_can_send(data_endpoint)) return;
    if (packet_waits) {
        usb_send(data_endpoint, packet, packet_length);
        packet_waits = false;
        empty_is_due = packet_length == usb_packet;
    } else if (empty_is_due) {
        usb_send(data_endpoint, packet, 0);
        empty_is_due = false;
    }
}

int main(void) {
    clock_start();
    usb_attach();
    for (;;) {
        usb_poll();
        echo();
    }
}
