/* SPDX-License-Identifier: ISC */
/* A USB device in three files. usb.c is the part that every device has: the bus, packets, and the requests of USB 2.0
 * chapter 9. It asks the application by the functions at the end. Nothing here uses interrupts: call usb_poll() often.
 * The host waits (NAK) while you are away. */
#ifndef USB_SERIAL_USB_H
#define USB_SERIAL_USB_H

#include <stdbool.h>
#include <stdint.h>

enum { usb_packet = 64 }; /* bytes, the most that a full-speed bulk or control endpoint moves at once */

/* A request of the host (USB 2.0 section 9.3). */
struct usb_setup {
    uint8_t bmRequestType, bRequest;
    uint16_t wValue, wIndex, wLength;
};
/* bmRequestType */
enum {
    usb_to_host = 0x80,
    usb_class_interface_out = 0x21,
    usb_class_interface_in = 0xA1,
};

/* What an endpoint does; the value is EP_TYPE of USB_EPnR (RM0008 table 177 and 23.5.2). */
enum usb_type { usb_bulk = 0, usb_interrupt = 3 };

/* One endpoint number: both directions have the same type. 0 bytes: that direction is not used. */
struct usb_endpoint {
    uint8_t number; /* 1 to 7 */
    enum usb_type type;
    uint8_t in_size, out_size;
};

void usb_attach(void); /* Needs the 72 MHz clock of main.c. The host sees a new device. */
void usb_detach(void); /* The host sees it leave. */
void usb_poll(void);
bool usb_configured(void);

/* Bulk and interrupt endpoints. A packet received stays, and holds up the host, until it is taken. */
bool usb_can_receive(uint8_t endpoint);
uint32_t usb_receive(uint8_t endpoint, uint8_t* data); /* up to usb_packet bytes */
bool usb_can_send(uint8_t endpoint);
void usb_send(uint8_t endpoint, const uint8_t* data, uint32_t length);

/* Answers to a request, from inside application_request(): exactly one of them. */
void usb_answer(const void* data, uint32_t length); /* data, which must stay where it is */
void usb_take(void* data, uint32_t length);         /* wLength bytes come, at most `length` */
void usb_accept(void (*then)(void));                /* no data; `then`, if not NULL, runs once the host knows */

/* --- what the application brings ------------------------------------------------------------ */

/* The descriptor of this type and index, or NULL. */
const void* application_descriptor(uint8_t type, uint8_t index, uint32_t* length);
/* Requests of a class. False: the host gets a STALL, as for anything unknown. */
bool application_request(const struct usb_setup* setup);
/* The host has chosen the configuration or reset the bus: nothing is under way any more. */
void application_restart(void);

extern const struct usb_endpoint application_endpoints[];
extern const uint32_t application_endpoint_count;
extern const uint8_t application_interface_count;

#endif
