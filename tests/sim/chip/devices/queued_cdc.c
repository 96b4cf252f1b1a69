// SPDX-License-Identifier: ISC
// A CDC device in the manner of TinyUSB's driver for this controller (dcd_stm32_fsdev): the interrupt only notes what
// has happened, and the main loop answers. What that driver does unlike others:
//   - EF is set before the first bus reset, and goes off and on again in each.
//   - Endpoint 0 is NAK both ways after a reset and in each SETUP, before CTR_RX is cleared; it is armed for a stage at
//   a
//     time, by the main loop, with interrupts off.
//   - A zero-length OUT stage is armed with a receive buffer of no size.
//   - Bulk endpoints have the type CONTROL, endpoints their registers in the order in which they are opened.
//   - CTR is served in a loop, by DIR and EP_ID, as long as ISTR shows it; flags of ISTR are cleared one by one.
//   - The address is set when the status stage is over. ESOF, SUSP and WKUP interrupt, too.
#include "chip.h"

enum { in = 1, out = 0, packet = 64, ports = 3, buffers = 8 * 4 };
enum { type_control = 0x0200, type_interrupt = 0x0600 };
enum { toggles = 0x7070, flags = 0x8080, ctr_rx = 0x8000, ctr_tx = 0x0080, setup_flag = 0x0800 };
enum { nak = 2, valid = 3, stall = 1 };
enum { notify = 1, data = 2 };  // endpoint numbers; their registers have the same

static const u8 device_descriptor[18] = {18, 1, 0, 2, 0xef, 2, 1, packet, 0x09, 0x12, 0x14, 0x00, 0, 1, 0, 0, 0, 1};
static const u8 configuration_descriptor[] = {
    9, 2,  75,   0, 2,    1, 0, 0x80, 50, 8, 11, 0, 2,    2,    2, 0,  0,    9, 4, 0, 0,    1, 2,    2, 0,
    0, 5,  0x24, 0, 0x20, 1, 5, 0x24, 1,  0, 1,  4, 0x24, 2,    6, 5,  0x24, 6, 0, 1, 7,    5, 0x81, 3, 8,
    0, 16, 9,    4, 1,    0, 2, 10,   0,  0, 0,  7, 5,    0x02, 2, 64, 0,    0, 7, 5, 0x82, 2, 64,   0, 0};

struct transfer {
    u8* bytes;
    u32 total, done;
};
static struct transfer transfers[ports][2];
static u32 next_buffer;
static u8 scratch[packet], line_coding[7], line[256];
static u8 setup[8];
static volatile u32 events;  // by the interrupt for the main loop: bit 0 a reset, 1 a SETUP, 8 + 2n + direction: over
static const u8* answer;

static void keep_bits(u32 n, u32 invert, u32 clear_flags) {
    EPR(n) = (u16)((EPR(n) & ~(u32)toggles & 0x8f8f & ~clear_flags) | (flags & ~clear_flags) | invert);
}
static void set_stat(u32 n, u32 direction, u32 stat) {
    const u32 at = direction == in ? 4 : 12;
    keep_bits(n, (EPR(n) ^ stat << at) & 3u << at, 0);
}
static void clear_toggle(u32 n, u32 direction) {
    keep_bits(n, EPR(n) & (direction == in ? 0x40 : 0x4000), 0);
}
static void set_receive_size(u32 n, u32 bytes) {
    COUNT_RX(n) = (u16)(bytes > 62 ? 0x8000 | ((bytes + 31) / 32 - 1) << 10 : (bytes + 1) / 2 << 10);
}
static void open_endpoint(u32 n, u32 direction, u32 type) {
    EPR(n) = (u16)((EPR(n) & ~(u32)toggles & 0x010f) | flags | type | n);
    if (direction == in)
        ADDR_TX(n) = (u16)next_buffer;
    else
        ADDR_RX(n) = (u16)next_buffer;
    next_buffer += packet;
    set_stat(n, direction, nak);
    clear_toggle(n, direction);
}
static void bus_reset(void) {
    DADDR = 0;
    next_buffer = buffers;
    open_endpoint(0, out, type_control);
    open_endpoint(0, in, type_control);
    DADDR = 0x80;
}

static void transmit(u32 n) {
    struct transfer* const one = &transfers[n][in];
    const u32 length = one->total - one->done < packet ? one->total - one->done : packet;
    for (u32 at = 0; at < length; at += 2) {
        const u8* const from = one->bytes + one->done + at;
        PMA(ADDR_TX(n) + at) = (u16)(from[0] | (at + 1 < length ? from[1] << 8 : 0));
    }
    COUNT_TX(n) = (u16)length;
    one->done += length;
    set_stat(n, in, valid);
}
static void start(u32 n, u32 direction, u8* bytes, u32 total) {
    __asm__ volatile("cpsid i");
    transfers[n][direction] = (struct transfer){bytes, total, 0};
    if (direction == in) {
        transmit(n);
    } else {
        set_receive_size(n, total < packet ? total : packet);
        set_stat(n, out, valid);
    }
    __asm__ volatile("cpsie i" ::: "memory");
}

static void receive(u32 n, u8* to, u32 count) {
    for (u32 at = 0; at < count; ++at)
        to[at] = (u8)(PMA(ADDR_RX(n) + (at & ~1u)) >> (8 * (at & 1)));
}
static void served_out(u32 n) {
    const u32 now = EPR(n), count = COUNT_RX(n) & 0x3ff;
    if (n == 0 && now & setup_flag) {
        if (count == 8) {
            set_stat(0, out, nak);
            set_stat(0, in, nak);
            receive(0, setup, 8);
            events |= 2;
        }
    } else {
        struct transfer* const one = &transfers[n][out];
        if (n != 0) keep_bits(n, 0, ctr_rx);
        receive(n, one->bytes + one->done, count);
        one->done += count;
        if (count < packet || one->done == one->total) {
            events |= 1u << (8 + 2 * n + out);
        } else {
            set_receive_size(n, one->total - one->done < packet ? one->total - one->done : packet);
            set_stat(n, out, valid);
        }
    }
    if (n == 0) {  // last of all, or the next SETUP would take the place of what is being read
        set_receive_size(0, packet);
        keep_bits(0, 0, ctr_rx);
    }
}
static void served_in(u32 n) {
    keep_bits(n, 0, ctr_tx);
    if (transfers[n][in].done != transfers[n][in].total)
        transmit(n);
    else
        events |= 1u << (8 + 2 * n + in);
}
static void usb_interrupt(void) {
    const u32 seen = ISTR;
    if (seen & 0x0400) {
        ISTR = (u16)~0x0400u;
        bus_reset();
        events = 1;
        return;
    }
    for (u32 now; (now = ISTR) & 0x8000;) {
        const u32 n = now & 0xf;
        if (now & 0x10)
            served_out(n);
        else
            served_in(n);
    }
    if (seen & 0x1000) {
        CNTR &= (u16)~0x0004u;
        CNTR &= (u16)~0x0008u;
        ISTR = (u16)~0x1000u;
    }
    if (seen & 0x0800) {
        CNTR |= 0x0008;
        CNTR |= 0x0004;
        ISTR = (u16)~0x0800u;
    }
    if (seen & 0x0100) ISTR = (u16)~0x0100u;
}

static void echo(void) {
    start(data, out, line, sizeof line);
}
static void configure(void) {
    __asm__ volatile("cpsid i");
    open_endpoint(notify, in, type_interrupt);
    open_endpoint(data, out, type_control);
    open_endpoint(data, in, type_control);
    __asm__ volatile("cpsie i" ::: "memory");
    echo();
}
// Stages of a control transfer: data if there are any, then the status in the other direction.
static void respond(const u8* bytes, u32 length) {
    const u32 wanted = setup[6] | setup[7] << 8;
    answer = bytes;
    start(0, in, (u8*)bytes, length < wanted ? length : wanted);
}
static void accept(void) {
    answer = 0;
    start(0, in, scratch, 0);
}
static void handle_setup(void) {
    const u32 request = setup[0] << 8 | setup[1];
    if (request == 0x8006 && setup[3] == 1) return respond(device_descriptor, sizeof device_descriptor);
    if (request == 0x8006 && setup[3] == 2) return respond(configuration_descriptor, sizeof configuration_descriptor);
    if (request == 0x2120) return start(0, out, line_coding, sizeof line_coding);
    if (request == 0xa121) return respond(line_coding, sizeof line_coding);
    if (request == 0x0009) configure();
    if (request == 0x0005 || request == 0x0009 || request == 0x2122) return accept();
    set_stat(0, out, stall);
    set_stat(0, in, stall);
}
static void handle(u32 what) {
    if (what & 2) handle_setup();
    if (what & 1u << (8 + in)) {
        if (answer)
            start(0, out, scratch, 0);
        else if (setup[0] == 0 && setup[1] == 5)
            DADDR = (u16)(0x80 | setup[2]);
        answer = 0;
    }
    if (what & 1u << (8 + out) && setup[1] == 0x20) accept();
    if (what & 1u << (8 + 2 * data + out)) start(data, in, line, transfers[data][out].done);
    if (what & 1u << (8 + 2 * data + in)) echo();
}

static void start_chip(void) {
    start_clocks();
    wait(200);
    CNTR = 3;
    wait(200);
    CNTR &= (u16)~2u;
    wait(200);
    CNTR = 0;
    BTABLE = 0;
    ISTR = 0;
    for (u32 n = 0; n < 8; ++n)
        EPR(n) = 0;
    CNTR |= 0x9d00;  // CTRM, WKUPM, SUSPM, RESETM, ESOFM
    bus_reset();
    NVIC_ISER0 = 1 << 20;
    for (;;) {
        __asm__ volatile("cpsid i");
        const u32 what = events;
        events = 0;
        __asm__ volatile("cpsie i" ::: "memory");
        handle(what);
    }
}
