// SPDX-License-Identifier: ISC
// Registers of the USB device and what the bus does to them outside of transactions. Sections are RM0008's.
#include "sim/chip/usb.hpp"

#include <fmt/format.h>

#include "sim/chip/usb_registers.hpp"

namespace sim::chip {

namespace {
constexpr Time frame_time{1'000'000'000};
constexpr Time frame_tolerance{60'000'000};  // a SOF later than this is a missed one
constexpr std::uint8_t quiet_frames_before_suspend = 3;
constexpr Time reset_detection{2'500'000};
constexpr Time disconnect_detection{2'500'000};  // TDDIS, USB 2.0 7.1.7.3
constexpr Time analog_start{1'000'000};
enum Offset : std::uint32_t { ep_end = 0x20, cntr = 0x40, istr = 0x44, fnr = 0x48, daddr = 0x4c, btable = 0x50 };
}  // namespace

using namespace usb_bits;

Usb::Usb(Services& services, Rcc& rcc)
    : Peripheral(services, {.name = "USB", .base = 0x4000'5c00, .gate = Gate::apb1, .gate_bit = 23}),
      state(services),
      rcc_(rcc),
      reset_seen_(services, [this] { bus_reset_seen(); }),
      idle_(services, [this] { on_idle(); }),
      high_priority_(services, 19),
      low_priority_(services, 20) {}

bool Usb::clocked(const char* what) {
    if (rcc_.usb_hz() != 0) return true;
    services_.warn(fmt::format("{}: reached without the 48 MHz clock, the PLL does not run (23.4.2)", what));
    return false;
}

std::uint32_t Usb::read(std::uint32_t offset) {
    if (!clocked("USB")) return 0;
    if (offset < ep_end) return state.ep[offset / 4];
    switch (offset) {
        case cntr:
            return state.cntr;
        case istr:
            return istr_now();
        case fnr:
            return state.fnr;
        case daddr:
            return state.daddr;
        case btable:
            return state.btable;
        default:
            return reserved(offset);
    }
}

void Usb::write(std::uint32_t offset, std::uint32_t value, std::uint32_t) {
    if (!clocked("USB")) return;
    // The upper half of a word is not connected; ~mask written to ISTR as a word is common and harmless.
    const auto half = static_cast<std::uint16_t>(value);
    if (offset != istr) services_.side_effect = true;
    if (offset < ep_end) return write_endpoint(offset / 4, half);
    switch (offset) {
        case cntr:
            return write_cntr(half);
        case istr: {
            const std::uint16_t before = state.istr;
            state.istr = static_cast<std::uint16_t>(state.istr & (half | ~rc_w0));
            services_.side_effect = services_.side_effect || before != state.istr;
            return update_line();
        }
        case fnr:
            return services_.warn("USB_FNR is read-only (23.5.1)");
        case daddr:
            state.daddr = static_cast<std::uint16_t>(check_reserved("USB_DADDR", half, 0xff));
            return;
        case btable:
            state.btable = static_cast<std::uint16_t>(check_reserved("USB_BTABLE", half, 0xfff8));
            return;
        default:
            reserved(offset);
    }
}

void Usb::write_endpoint(std::size_t index, std::uint16_t value) {
    // 23.5.2: CTR clears where 0 is written, DTOG and STAT toggle where 1 is, SETUP is read-only.
    const std::uint16_t old = state.ep[index];
    constexpr std::uint16_t toggles = dtog_rx | stat_rx | dtog_tx | stat_tx;
    const auto kept_ctr = static_cast<std::uint16_t>(old & value & (ctr_rx | ctr_tx));
    const auto toggled = static_cast<std::uint16_t>((old ^ value) & toggles);
    const auto plain = static_cast<std::uint16_t>(value & (ep_type | ep_kind | ea));
    state.ep[index] = static_cast<std::uint16_t>(kept_ctr | toggled | plain | (old & setup_flag));
    if (!double_buffered(state.ep[index])) state.flow_controlled[index] = false;
    update_line();
}

void Usb::write_cntr(std::uint16_t value) {
    value = static_cast<std::uint16_t>(check_reserved("USB_CNTR", value, 0xff1f));
    const std::uint16_t old = state.cntr;
    state.cntr = value;
    if ((old & pdwn) != 0 && (value & pdwn) == 0) state.analog_ready_at = services_.now() + analog_start;
    if ((value & pdwn) != 0) state.analog_ready_at = never;
    if (((old ^ value) & pdwn) != 0) transceiver_changed();
    if ((value & fres) != 0) {
        if ((old & fres) == 0) reset_protocol();
        state.istr |= reset_flag;
    } else if ((old & fres) != 0) {
        if (rcc_.pclk1_hz() < 8'000'000) services_.warn("USB: PCLK1 must be at least 8 MHz (23.4.2)");
        if (services_.now() < state.analog_ready_at)
            services_.warn("USB_CNTR: FRES cleared less than tSTARTUP, 1 us, after PDWN (23.4.2)");
        await_frame();
    }
    if ((old & fsusp) != 0 && (value & fsusp) == 0) await_frame();
    update_line();
}

void Usb::reset() {
    const UsbState old = state;
    state = UsbState{};
    state.memory = old.memory;
    state.bus_in_reset = old.bus_in_reset;
    state.transactions = old.transactions;
    state.on_wire = old.on_wire;
    state.left_wire_at = old.left_wire_at;
    state.disconnections = old.disconnections;
    idle_.cancel();
    update_line();
    if ((old.cntr & pdwn) == 0) transceiver_changed();
}

void Usb::reset_protocol() {
    // 23.5.2: a bus reset clears EPnR except CTR. DADDR is left alone: papoon_usb sets EF once, before the first reset,
    // and is heard after it on silicon.
    for (std::uint16_t& ep : state.ep)
        ep &= ctr_rx | ctr_tx;
    state.flow_controlled.fill(false);
    state.completion = UsbState::Completion::nothing;
    state.latched = {};
}

bool Usb::alive() {
    if (!gate_open() || (state.cntr & (pdwn | fres)) != 0 || services_.now() < state.analog_ready_at) return false;
    const std::uint32_t hz = rcc_.usb_hz();
    constexpr std::uint32_t wanted = 48'000'000, tolerance = 120'000;  // USB 2.0 7.1.11: 0.25 %
    if (hz >= wanted - tolerance && hz <= wanted + tolerance) return true;
    if (hz != 0) services_.warn(fmt::format("USB: deaf, its clock is {} Hz and not 48 MHz", hz));
    return false;
}

bool Usb::hears() {
    return pulled_up() && alive() && !state.bus_in_reset && (state.istr & reset_flag) == 0;
}

void Usb::await_frame() {
    idle_.set(services_.now() + frame_time + frame_tolerance);
}

void Usb::look_at_pull_up() {
    const bool now_on_wire = pulled_up();
    if (now_on_wire == state.on_wire) return;
    state.on_wire = now_on_wire;
    if (!now_on_wire)
        state.left_wire_at = services_.now();
    else if (services_.now() - state.left_wire_at >= disconnect_detection)
        ++state.disconnections;
}

bool Usb::attached() const {
    return pulled_up() || services_.now() - state.left_wire_at < disconnect_detection;
}

void Usb::activity() {
    state.quiet_frames = 0;
    if ((state.cntr & fsusp) == 0) return;
    state.cntr = static_cast<std::uint16_t>(state.cntr & ~lpmode);
    raise(wkup);
    wakeup();
}

void Usb::on_idle() {
    // 23.5.1: a frame went by without SOF; after the third in a row without any traffic the bus is suspended. Nothing
    // is checked while the device itself is.
    if (!alive() || (state.cntr & fsusp) != 0 || state.bus_in_reset) return;
    idle_.set(services_.now() + frame_time);
    raise(esof);
    if (++state.quiet_frames < quiet_frames_before_suspend) return;
    state.quiet_frames = 0;
    raise(susp);
}

void Usb::begin_reset() {
    state.bus_in_reset = true;
    reset_seen_.set(services_.now() + reset_detection);
}

void Usb::bus_reset_seen() {
    if (!alive()) return;
    activity();
    reset_protocol();
    raise(reset_flag);
}

void Usb::end_reset() {
    state.bus_in_reset = false;
    if (!alive()) return;
    activity();
    await_frame();
}

void Usb::sof(std::uint16_t frame) {
    if (!pulled_up() || !alive() || state.bus_in_reset) return;
    activity();
    await_frame();
    state.fnr = static_cast<std::uint16_t>((frame & 0x7ff) | 0x2000);  // LCK: the timer is synchronised
    if ((state.cntr & fsusp) == 0) raise(sof_flag);
}

void Usb::begin_resume() {
    if (pulled_up() && alive()) activity();
}

void Usb::end_resume() {
    if (!pulled_up() || !alive()) return;
    activity();
    await_frame();
}

std::uint16_t Usb::istr_now() const {
    // 23.5.1: CTR, DIR and EP_ID follow the endpoint registers; those with two buffers come first, then the lowest
    // register with work.
    for (const bool urgent : {true, false}) {
        for (std::size_t index = 0; index < state.ep.size(); ++index) {
            const std::uint16_t ep = state.ep[index];
            if ((ep & (ctr_rx | ctr_tx)) == 0) continue;
            if ((isochronous(ep) || double_buffered(ep)) != urgent) continue;
            const std::uint16_t direction = (ep & ctr_rx) != 0 ? dir : std::uint16_t{0};
            return static_cast<std::uint16_t>(state.istr | ctr_flag | direction | index);
        }
    }
    return state.istr;
}

void Usb::raise(std::uint16_t flags) {
    state.istr |= flags;
    update_line();
}

void Usb::update_line() {
    const std::uint16_t istr_value = istr_now();
    // CTR gets through whatever CTRM says: HID bootloaders in the field never set it, and depend on this interrupt.
    low_priority_.set((istr_value & (state.cntr | ctr_flag) & 0xff00) != 0);
    // 23.3.1: the high-priority interrupt knows transfers of endpoints with two buffers only.
    const std::uint16_t ep = state.ep[istr_value & 7];
    const bool urgent = (istr_value & ctr_flag) != 0 && (isochronous(ep) || double_buffered(ep));
    high_priority_.set(urgent && (state.cntr & ctr_flag) != 0);
}

// --- packet memory ---

std::uint32_t PacketMemory::read(std::uint32_t offset) {
    if (!usb_.clocked("USB packet memory")) return 0;
    const std::uint32_t at = offset / 2;
    return usb_.state.memory[at] | static_cast<std::uint32_t>(usb_.state.memory[at + 1]) << 8;
}

void PacketMemory::write(std::uint32_t offset, std::uint32_t value, std::uint32_t) {
    services_.side_effect = true;
    if (!usb_.clocked("USB packet memory")) return;
    const std::uint32_t at = offset / 2;
    usb_.state.memory[at] = static_cast<std::uint8_t>(value);
    usb_.state.memory[at + 1] = static_cast<std::uint8_t>(value >> 8);
}

}  // namespace sim::chip
