// SPDX-License-Identifier: ISC
// Registers of ITM and TPIU.
#include "sim/chip/trace.hpp"

#include <bit>

#include <fmt/format.h>

namespace sim::chip {

namespace {
constexpr Place always_there(const char* name, std::uint32_t base, Widths widths) {
    return {.name = name,
            .base = base,
            .widths = widths,
            .gate = Gate::always,
            .gate_bit = 0,
            .reset_bit = false,
            .bytes = 0x1000};
}
enum TpiuOffset : std::uint32_t {
    sspsr = 0x000,
    cspsr = 0x004,
    acpr = 0x010,
    sppr = 0x0f0,
    ffsr = 0x300,
    ffcr = 0x304
};
enum Protocol : std::uint32_t { parallel = 0, manchester = 1, nrz = 2 };
constexpr std::uint32_t trace_ioen = bit(5);

enum ItmOffset : std::uint32_t { ter = 0xe00, tpr = 0xe40, tcr = 0xe80, lar = 0xfb0, lsr = 0xfb4 };
constexpr unsigned ports = 32;
constexpr std::uint32_t key = 0xc5ac'ce55, itmena = bit(0), tcr_mask = 0x007f'031f;
}  // namespace

// --- TPIU ---

Tpiu::Tpiu(Services& services, const Rcc& rcc, const Debug& debug, const Dbgmcu& dbgmcu)
    : Peripheral(services, always_there("TPIU", 0xe004'0000, word)),
      state(services),
      rcc_(rcc),
      debug_(debug),
      dbgmcu_(dbgmcu) {}

bool Tpiu::carries() const {
    const std::uint32_t control = dbgmcu_.state.cr;
    const bool on_one_pin = (control & trace_ioen) != 0 && field(control, 6, 2) == 0;
    return debug_.tracing() && on_one_pin && (state.sppr == manchester || state.sppr == nrz);
}

Time Tpiu::byte_time() const {
    const std::int64_t periods = state.sppr == manchester ? 20 : 10;  // start, eight, stop; two halves each
    return time_of(periods * (std::int64_t{state.acpr} + 1), rcc_.hclk_hz());
}

std::uint32_t Tpiu::read(std::uint32_t offset) {
    switch (offset) {
        case sspsr:
            return 0xb;  // 1, 2 and 4 bits
        case cspsr:
            return state.cspsr;
        case acpr:
            return state.acpr;
        case sppr:
            return state.sppr;
        case ffsr:
            return 8;  // the formatter cannot be stopped
        case ffcr:
            return state.ffcr;
        default:
            return 0;
    }
}

void Tpiu::write(std::uint32_t offset, std::uint32_t value, std::uint32_t) {
    services_.side_effect = true;
    if (!debug_.tracing()) return services_.warn("TPIU: written while DEMCR.TRCENA is 0 (C1.6.5)");
    switch (offset) {
        case cspsr:
            state.cspsr = value;
            return;
        case acpr:
            state.acpr = value & 0x1fff;
            return;
        case sppr:
            state.sppr = value & 3;
            return;
        case ffcr:
            state.ffcr = (value & 2) | 0x100;
            return;
        default:
            return;
    }
}

// --- ITM ---

Itm::Itm(Services& services, const Debug& debug, const Tpiu& tpiu)
    : Peripheral(services, always_there("ITM", 0xe000'0000, any_width)),
      state(services),
      debug_(debug),
      tpiu_(tpiu),
      sent_(services, [this] { state.sending = false; }) {}

void Itm::power_lost() {
    state = {};
    sent_.cancel();
}

bool Itm::enabled(unsigned port) const {
    return debug_.tracing() && (state.tcr & itmena) != 0 && (state.ter >> port & 1) != 0;
}

std::uint32_t Itm::read(std::uint32_t offset) {
    if (offset < 4 * ports) return enabled(offset / 4) && !state.sending ? 1 : 0;  // FIFOREADY
    switch (offset) {
        case ter:
            return state.ter;
        case tpr:
            return state.tpr;
        case tcr:
            return state.tcr;
        case lsr:
            return state.unlocked ? 1 : 3;
        default:
            return 0;
    }
}

void Itm::write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) {
    services_.side_effect = true;
    if (offset < 4 * ports) return stimulate(offset / 4, value, mask);
    if (offset == lar) {
        state.unlocked = value == key;
        return;
    }
    if (!debug_.tracing() || !state.unlocked)
        return services_.warn("ITM: written while DEMCR.TRCENA is 0 or without the key in ITM_LAR (C1.7)");
    switch (offset) {
        case ter:
            state.ter = value;
            return;
        case tpr:
            state.tpr = value & 0xf;
            return;
        case tcr:
            state.tcr = value & tcr_mask;
            return;
        default:
            return;
    }
}

void Itm::stimulate(unsigned port, std::uint32_t value, std::uint32_t mask) {
    if (!enabled(port)) return;  // C1.7.3: as if it had not been
    if (state.sending)
        return services_.warn(fmt::format("ITM_STIM{}: written while FIFOREADY is 0, the data is lost (C1.7.3)", port));
    const auto size = static_cast<unsigned>(std::popcount(mask)) / 8;
    const std::uint32_t data = (value & mask) >> std::countr_zero(mask);
    // C1.7: a header, then the data. Without a pin the stream drains unseen.
    state.sending = true;
    sent_.set(services_.now() + static_cast<std::int64_t>(1 + size) * tpiu_.byte_time());
    if (sent && tpiu_.carries()) sent(port, data, size);
}

}  // namespace sim::chip
