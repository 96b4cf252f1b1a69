/* SPDX-License-Identifier: ISC */
/* The USB full-speed device interface, polled (RM0008 section 23), and USB 2.0 chapter 9. */
#include "usb.h"

#include <stddef.h>

#include "clock.h"
#include "registers.h"

/* --- packet memory --------------------------------------------------------------------------- It begins with the
 * buffer descriptor table, 8 bytes an endpoint number: ADDR_TX, COUNT_TX, ADDR_RX, COUNT_RX (RM0008 section 23.5.3).
 * Behind it each endpoint has 64 bytes for each direction, which is enough for the three that fit. */
enum { addr_tx = 0, count_tx = 2, addr_rx = 4, count_rx = 6, first_buffer = 0x40 };

static uint32_t table(uint32_t endpoint, uint32_t item) {
    return 8 * endpoint + item;
}

static void prepare_buffers(uint32_t endpoint) {
    const uint32_t buffer = first_buffer + 2 * usb_packet * endpoint;
    USB_PACKET_MEMORY(table(endpoint, addr_tx)) = (uint16_t)buffer;
    USB_PACKET_MEMORY(table(endpoint, addr_rx)) = (uint16_t)(buffer + usb_packet);
    USB_PACKET_MEMORY(table(endpoint, count_rx)) = 0x8400; /* BL_SIZE 1, NUM_BLOCK 1: 64 bytes */
}

static void load_packet(uint32_t endpoint, const uint8_t* data, uint32_t length) {
    const uint32_t buffer = USB_PACKET_MEMORY(table(endpoint, addr_tx));
    for (uint32_t at = 0; at < length; at += 2) {
        const uint32_t high = at + 1 < length ? data[at + 1] : 0u;
        USB_PACKET_MEMORY(buffer + at) = (uint16_t)(data[at] | high << 8);
    }
    USB_PACKET_MEMORY(table(endpoint, count_tx)) = (uint16_t)length;
}

static uint32_t unload_packet(uint32_t endpoint, uint8_t* data) {
    const uint32_t buffer = USB_PACKET_MEMORY(table(endpoint, addr_rx));
    const uint32_t length = USB_PACKET_MEMORY(table(endpoint, count_rx)) & 0x3FFu;
    for (uint32_t at = 0; at < length; ++at)
        data[at] = (uint8_t)(USB_PACKET_MEMORY(buffer + (at & ~1u)) >> 8 * (at & 1));
    return length;
}

/* --- endpoint registers ------------------------------------------------------------------------ Three kinds of bits
 * in one register: EA, EP_TYPE and EP_KIND keep what is written, CTR_RX and CTR_TX clear where 0 is written, STAT and
 * DTOG toggle where 1 is written. */
enum { stat_disabled = 0, stat_stall = 1, stat_nak = 2, stat_valid = 3 };
#define STAT_TX(stat) ((uint32_t)(stat) << 4)
#define STAT_RX(stat) ((uint32_t)(stat) << 12)

/* Clears the CTR bits of `served` and gives the toggling bits of `mask` the values that they have in `wanted`, in one
 * write: nothing can arrive between the two. */
static void change(uint32_t endpoint, uint32_t served, uint32_t mask, uint32_t wanted) {
    const uint32_t now = USB_EPR(endpoint);
    const uint32_t kept = now & (USB_EPR_EA | USB_EPR_EP_TYPE | USB_EPR_EP_KIND);
    const uint32_t ctr = (USB_EPR_CTR_RX | USB_EPR_CTR_TX) & ~served;
    USB_EPR(endpoint) = kept | ctr | ((now ^ wanted) & mask);
}

/* --- control transfers over endpoint 0 (USB 2.0 section 8.5.3) -------------------------------- */

static enum { idle, sending, taking, accepting } stage;
static struct usb_setup setup;
static const uint8_t* to_send;
static uint8_t* to_take;
static uint32_t left;          /* bytes of the data stage still to come */
static bool empty_packet_ends; /* shorter than asked for, and a multiple of 64: say that it ends */
static void (*after_status)(void);

static void send_next_packet(void) {
    const uint32_t length = left < usb_packet ? left : usb_packet;
    empty_packet_ends = empty_packet_ends && length == usb_packet;
    load_packet(0, to_send, length);
    change(0, 0, USB_EPR_STAT_TX, STAT_TX(stat_valid));
    to_send += length;
    left -= length;
}

void usb_answer(const void* data, uint32_t length) {
    stage = sending;
    to_send = data;
    left = length < setup.wLength ? length : setup.wLength;
    empty_packet_ends = left < setup.wLength;
    send_next_packet();
}

void usb_take(void* data, uint32_t length) {
    stage = taking;
    to_take = data;
    left = length < setup.wLength ? length : setup.wLength;
    if (setup.wLength == 0) usb_accept(NULL);
}

void usb_accept(void (*then)(void)) {
    stage = accepting;
    after_status = then;
    load_packet(0, NULL, 0);
    change(0, 0, USB_EPR_STAT_TX, STAT_TX(stat_valid));
}

/* --- requests that every device knows (USB 2.0 section 9.4) ----------------------------------- */

enum {
    GET_STATUS,
    CLEAR_FEATURE,
    SET_FEATURE = 3,
    SET_ADDRESS = 5,
    GET_DESCRIPTOR,
    GET_CONFIGURATION = 8,
    SET_CONFIGURATION,
    GET_INTERFACE,
    SET_INTERFACE
};
enum { ENDPOINT_HALT = 0 };
enum { to_device = 0x00, to_interface = 0x01, to_endpoint = 0x02 };

static uint8_t configuration; /* 0: none chosen */
static uint8_t answer[2];

bool usb_configured(void) {
    return configuration != 0;
}

/* Ready, at DATA0 and with nothing under way: what came before and was not taken is forgotten. */
static void open(const struct usb_endpoint* endpoint, bool in, bool out) {
    if (in && endpoint->in_size != 0)
        change(endpoint->number, USB_EPR_CTR_TX, USB_EPR_STAT_TX | USB_EPR_DTOG_TX, STAT_TX(stat_nak));
    if (out && endpoint->out_size != 0)
        change(endpoint->number, USB_EPR_CTR_RX, USB_EPR_STAT_RX | USB_EPR_DTOG_RX, STAT_RX(stat_valid));
}

static void choose_configuration(uint8_t value) {
    configuration = value;
    for (uint32_t i = 0; i < application_endpoint_count; ++i) {
        const struct usb_endpoint* const endpoint = &application_endpoints[i];
        const uint32_t number = endpoint->number;
        prepare_buffers(number);
        USB_EPR(number) = (uint32_t)endpoint->type << 9 | number;
        change(number, 0, USB_EPR_STAT_TX | USB_EPR_STAT_RX, 0);
        if (value != 0) open(endpoint, true, true);
    }
    application_restart();
}

static void set_address(void) {
    USB_DADDR = USB_DADDR_EF | (setup.wValue & 0x7Fu);
}

static const struct usb_endpoint* find_endpoint(uint16_t address) {
    for (uint32_t i = 0; i < application_endpoint_count; ++i) {
        const struct usb_endpoint* const endpoint = &application_endpoints[i];
        const bool in = (address & 0x80) != 0;
        const bool used = (in ? endpoint->in_size : endpoint->out_size) != 0;
        if (usb_configured() && used && endpoint->number == (address & 0x7F)) return endpoint;
    }
    return NULL;
}

static bool halted(const struct usb_endpoint* endpoint, bool in) {
    const uint32_t value = USB_EPR(endpoint->number);
    return in ? (value & USB_EPR_STAT_TX) == STAT_TX(stat_stall) : (value & USB_EPR_STAT_RX) == STAT_RX(stat_stall);
}

static bool endpoint_request(void) {
    const struct usb_endpoint* const endpoint = find_endpoint(setup.wIndex);
    const bool in = (setup.wIndex & 0x80) != 0;
    answer[0] = answer[1] = 0;
    if (setup.bRequest == GET_STATUS && (endpoint != NULL || (setup.wIndex & 0x7F) == 0)) {
        answer[0] = endpoint != NULL && halted(endpoint, in);
        usb_answer(answer, 2);
        return true;
    }
    if (endpoint == NULL || setup.wValue != ENDPOINT_HALT) return false;
    if (setup.bRequest == SET_FEATURE) {
        change(endpoint->number, 0, in ? USB_EPR_STAT_TX : USB_EPR_STAT_RX,
               in ? STAT_TX(stat_stall) : STAT_RX(stat_stall));
    } else if (setup.bRequest == CLEAR_FEATURE) {
        open(endpoint, in, !in);
    } else {
        return false;
    }
    usb_accept(NULL);
    return true;
}

static bool standard_request(void) {
    const uint8_t recipient = setup.bmRequestType & 0x1F;
    uint32_t length = 0;
    const void* descriptor = NULL;
    const bool asks = (setup.bmRequestType & usb_to_host) != 0;
    if (asks == ((setup.bRequest & 1) != 0)) return false; /* in table 9-4 the odd ones tell */
    if (recipient == to_endpoint) return endpoint_request();
    if (recipient == to_interface && (!usb_configured() || setup.wIndex >= application_interface_count)) return false;
    switch (setup.bRequest) {
        case GET_STATUS: /* bus-powered, no remote wakeup; an interface has no status */
            answer[0] = answer[1] = 0;
            usb_answer(answer, 2);
            return true;
        case SET_ADDRESS: /* counts from the end of this request on */
            usb_accept(set_address);
            return true;
        case GET_DESCRIPTOR:
            descriptor = application_descriptor((uint8_t)(setup.wValue >> 8), (uint8_t)setup.wValue, &length);
            if (descriptor == NULL) return false;
            usb_answer(descriptor, length);
            return true;
        case GET_CONFIGURATION:
            usb_answer(&configuration, 1);
            return true;
        case SET_CONFIGURATION:
            if (setup.wValue > 1) return false;
            choose_configuration((uint8_t)setup.wValue);
            usb_accept(NULL);
            return true;
        case GET_INTERFACE: /* there are no alternate settings */
            answer[0] = 0;
            usb_answer(answer, 1);
            return true;
        case SET_INTERFACE:
            if (setup.wValue != 0) return false;
            usb_accept(NULL);
            return true;
        default:
            return false;
    }
}

/* --- the bus ---------------------------------------------------------------------------------- */

static void bus_reset(void) {
    stage = idle;
    USB_BTABLE = 0;
    prepare_buffers(0);
    USB_EPR(0) = USB_EPR_EP_TYPE & BIT(9); /* EP_TYPE 01: control; clears CTR, too */
    change(0, 0, USB_EPR_STAT_TX | USB_EPR_STAT_RX, STAT_TX(stat_nak) | STAT_RX(stat_valid));
    choose_configuration(0);
    USB_DADDR = USB_DADDR_EF;
}

static void packet_sent(void) {
    if (stage == sending && (left != 0 || empty_packet_ends)) {
        send_next_packet();
    } else if (stage == accepting) {
        stage = idle;
        if (after_status != NULL) after_status();
    }
}

/* False: the request is refused. */
static bool take_packet(bool is_setup) {
    uint8_t packet[usb_packet];
    const uint32_t length = unload_packet(0, packet);
    if (is_setup) {
        setup = (struct usb_setup){packet[0], packet[1], (uint16_t)(packet[2] | packet[3] << 8),
                                   (uint16_t)(packet[4] | packet[5] << 8), (uint16_t)(packet[6] | packet[7] << 8)};
        const bool is_standard = (setup.bmRequestType & 0x60) == 0;
        return is_standard ? standard_request() : application_request(&setup);
    }
    if (stage != taking) return true; /* the empty packet with which the host ends an answer */
    if (length > left) return false;
    for (uint32_t at = 0; at < length; ++at)
        *to_take++ = packet[at];
    left -= length;
    if (left == 0 || length < usb_packet) usb_accept(NULL);
    return true;
}

/* Until CTR_RX is cleared, the packet stays where it is and the host is held up. A STALL ends by itself with the next
 * SETUP packet. */
static void packet_received(bool is_setup) {
    if (take_packet(is_setup)) {
        change(0, USB_EPR_CTR_RX, USB_EPR_STAT_RX, STAT_RX(stat_valid));
    } else {
        stage = idle;
        change(0, USB_EPR_CTR_RX, USB_EPR_STAT_TX | USB_EPR_STAT_RX, STAT_TX(stat_stall) | STAT_RX(stat_stall));
    }
}

void usb_poll(void) {
    if ((USB_ISTR & USB_ISTR_RESET) != 0) {
        USB_ISTR = 0xFFFF & ~USB_ISTR_RESET; /* clears where 0 is written */
        return bus_reset();
    }
    const uint32_t endpoint0 = USB_EPR(0);
    const bool received = (endpoint0 & USB_EPR_CTR_RX) != 0;
    const bool is_setup = received && (endpoint0 & USB_EPR_SETUP) != 0;
    if ((endpoint0 & USB_EPR_CTR_TX) != 0) {
        change(0, USB_EPR_CTR_TX, 0, 0);
        /* A SETUP packet has ended what was under way, whether or not it was complete. */
        if (!is_setup || stage == accepting) packet_sent();
    }
    if (received) packet_received(is_setup);
}

/* PA12 is DP. A Blue Pill pulls it up for good, so the only way to be seen leaving is to hold it low. A hub notices
 * within 2.5 us; 10 ms are longer than any filter in between. */
void usb_detach(void) {
    USB_CNTR = USB_CNTR_FRES | USB_CNTR_PDWN; /* gives the pins back to the GPIO port */
    RCC_APB2ENR |= RCC_APB2ENR_IOPAEN;
    GPIOA_BRR = BIT(12);
    GPIOA_CRH = (GPIOA_CRH & ~UINT32_C(0xF0000)) | UINT32_C(0x20000); /* push-pull, 2 MHz */
    delay_ms(10);
}

void usb_attach(void) {
    RCC_APB1ENR |= RCC_APB1ENR_USBEN;
    usb_detach();
    GPIOA_CRH = (GPIOA_CRH & ~UINT32_C(0xF0000)) | UINT32_C(0x40000); /* floating input */
    USB_CNTR = USB_CNTR_FRES;
    delay_ms(1); /* tSTARTUP is 1 us */
    USB_CNTR = 0;
    USB_ISTR = 0;
}

/* --- bulk and interrupt endpoints --------------------------------------------------------------- */

bool usb_can_receive(uint8_t endpoint) {
    return usb_configured() && (USB_EPR(endpoint) & USB_EPR_CTR_RX) != 0;
}

uint32_t usb_receive(uint8_t endpoint, uint8_t* data) {
    const uint32_t length = unload_packet(endpoint, data);
    /* Ready for the next one, but not over a STALL: only the host takes that away. */
    const bool stalled = (USB_EPR(endpoint) & USB_EPR_STAT_RX) == STAT_RX(stat_stall);
    change(endpoint, USB_EPR_CTR_RX, stalled ? 0 : USB_EPR_STAT_RX, STAT_RX(stat_valid));
    return length;
}

bool usb_can_send(uint8_t endpoint) {
    return usb_configured() && (USB_EPR(endpoint) & USB_EPR_STAT_TX) == STAT_TX(stat_nak);
}

void usb_send(uint8_t endpoint, const uint8_t* data, uint32_t length) {
    load_packet(endpoint, data, length);
    change(endpoint, USB_EPR_CTR_TX, USB_EPR_STAT_TX, STAT_TX(stat_valid));
}
