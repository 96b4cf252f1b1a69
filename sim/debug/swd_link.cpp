// SPDX-License-Identifier: ISC
// What a probe sends.
#include "sim/debug/swd_link.hpp"

#include <bit>

namespace sim::debug {
namespace {

constexpr std::uint32_t identification_register = 0x0, abort = 0x0, control_status = 0x4, select = 0x8,
                        result_buffer = 0xc;
constexpr std::uint32_t clear_errors = 0x1e, power_up = 0x5000'0000, powered_up = 0xa000'0000;
constexpr std::uint32_t csw = 0x00, tar = 0x04, drw = 0x0c;
constexpr std::uint32_t csw_with_increment = 0x2300'0010;
constexpr std::uint32_t tar_counts_within = 1024;  // what every AHB-AP does (ADIv5.2 C2.2.2)
constexpr std::uint64_t ones = ~std::uint64_t{0};

bool good(Acknowledgement acknowledgement) {
    return acknowledgement == Acknowledgement::ok;
}
bool odd(std::uint32_t value) {
    return std::popcount(value) % 2 != 0;
}

}  // namespace

void SwdLink::send(std::uint64_t bits, unsigned count) {
    for (unsigned at = 0; at < count; ++at)
        wire_.clock((bits >> at & 1) != 0);
    periods_ += count;
}

std::uint64_t SwdLink::listen(unsigned count) {
    std::uint64_t bits = 0;
    for (unsigned at = 0; at < count; ++at)
        bits |= std::uint64_t{wire_.clock(std::nullopt)} << at;
    periods_ += count;
    return bits;
}

Acknowledgement SwdLink::transfer(bool access_port, bool reads, std::uint32_t address, std::uint32_t& value) {
    const std::uint32_t covered = std::uint32_t{access_port} << 1 | std::uint32_t{reads} << 2 | (address & 0xc) << 1;
    send(0x81 | covered | std::uint32_t{odd(covered)} << 5, 8);
    static_cast<void>(listen(1));
    const auto acknowledgement = static_cast<Acknowledgement>(listen(3));
    if (acknowledgement == Acknowledgement::ok && reads) {
        value = static_cast<std::uint32_t>(listen(33));
        static_cast<void>(listen(1));
    } else {
        static_cast<void>(listen(1));
        if (acknowledgement == Acknowledgement::ok) send(std::uint64_t{value} | std::uint64_t{odd(value)} << 32, 33);
    }
    send(0, 8);
    pass_(periods_);
    periods_ = 0;
    return acknowledgement;
}

Acknowledgement SwdLink::connect() {
    send(ones, 56);
    send(0xe79e, 16);
    send(ones, 56);
    send(0, 8);
    auto last = read_port(identification_register, identification_);
    if (!good(last)) return last;
    std::uint32_t status = 0;
    for (const auto& [address, value] :
         {std::pair{abort, clear_errors}, std::pair{select, std::uint32_t{0}}, std::pair{control_status, power_up}})
        if (good(last)) last = write_port(address, value);
    if (good(last)) last = read_port(control_status, status);
    return good(last) && (status & powered_up) != powered_up ? Acknowledgement::fault : last;
}

Acknowledgement SwdLink::read_port(std::uint32_t address, std::uint32_t& value) {
    return transfer(false, true, address, value);
}

Acknowledgement SwdLink::write_port(std::uint32_t address, std::uint32_t value) {
    return transfer(false, false, address, value);
}

Acknowledgement SwdLink::read_access_port(std::uint32_t address, std::uint32_t& value) {
    auto last = write_port(select, address & 0xf0);
    if (good(last)) last = transfer(true, true, address, value);
    return good(last) ? read_port(result_buffer, value) : last;
}

Acknowledgement SwdLink::write_access_port(std::uint32_t address, std::uint32_t value) {
    const auto last = write_port(select, address & 0xf0);
    return good(last) ? transfer(true, false, address, value) : last;
}

/// A write is only known to be good when a later request is answered.
Acknowledgement SwdLink::settled(Acknowledgement last) {
    std::uint32_t unused = 0;
    if (good(last)) last = read_port(result_buffer, unused);
    if (last == Acknowledgement::fault) static_cast<void>(write_port(abort, clear_errors));
    return last;
}

Acknowledgement SwdLink::read_memory(std::uint32_t address, unsigned width, std::span<std::uint8_t> into) {
    auto last = write_access_port(csw, csw_with_increment | static_cast<std::uint32_t>(std::countr_zero(width)));
    for (std::size_t at = 0; at + width <= into.size() && good(last); at += width) {
        const std::uint32_t from = address + static_cast<std::uint32_t>(at);
        if (at == 0 || from % tar_counts_within == 0) last = write_access_port(tar, from);
        std::uint32_t word = 0;
        if (good(last)) last = read_access_port(drw, word);
        for (unsigned lane = 0; lane < width; ++lane)
            into[at + lane] = static_cast<std::uint8_t>(word >> 8 * ((from + lane) % 4));
    }
    return settled(last);
}

Acknowledgement SwdLink::write_memory(std::uint32_t address, unsigned width, std::span<const std::uint8_t> from) {
    auto last = write_access_port(csw, csw_with_increment | static_cast<std::uint32_t>(std::countr_zero(width)));
    for (std::size_t at = 0; at + width <= from.size() && good(last); at += width) {
        const std::uint32_t to = address + static_cast<std::uint32_t>(at);
        if (at == 0 || to % tar_counts_within == 0) last = write_access_port(tar, to);
        std::uint32_t word = 0;
        for (unsigned lane = 0; lane < width; ++lane)
            word |= std::uint32_t{from[at + lane]} << 8 * ((to + lane) % 4);
        if (good(last)) last = write_access_port(drw, word);
    }
    return settled(last);
}

}  // namespace sim::debug
