// SPDX-License-Identifier: ISC
// CTRL/STAT, SELECT, and the AHB-AP's CSW, TAR, DRW and banked data.
#include "sim/debug/debug_port.hpp"

namespace sim::debug {
namespace {

constexpr std::uint32_t control_status = 0x4, select = 0x8;
constexpr std::uint32_t sticky_error = 1u << 5, debug_power = 1u << 28, system_power = 1u << 30;
constexpr std::uint32_t kept_control = 0x5000'0f00;  // power requests, mask lane

constexpr std::uint32_t csw = 0x00, tar = 0x04, drw = 0x0c, banked = 0x10, cfg = 0xf4, base = 0xf8, idr = 0xfc;
constexpr std::uint32_t csw_mask = 0xff00'0037, device_enabled = 1u << 6;
constexpr std::uint32_t ahb_ap = 0x1477'0011, rom_table = 0xe00f'f003;
constexpr std::uint32_t increment_wrap = 0xfff;  // TAR of the M3 counts within 4 KiB (its TRM, AHB-AP)
enum Increment : std::uint32_t { off = 0, single = 1, packed = 2 };

}  // namespace

void DebugPort::reset() {
    control_ = select_ = tar_ = 0;
    csw_ = 0x2300'0002;
    sticky_error_ = false;
}

bool DebugPort::ready() const {
    return machine_.powered() && (control_ & debug_power) != 0 && !sticky_error_;
}

std::uint32_t DebugPort::read(std::uint32_t address) const {
    if (address == select) return select_;
    if (address != control_status) return 0;
    // A request for power is granted at once.
    return control_ | (control_ & (debug_power | system_power)) << 1 | (sticky_error_ ? sticky_error : 0);
}

void DebugPort::write(std::uint32_t address, std::uint32_t value) {
    if (address == select) select_ = value;
    if (address != control_status) return;
    control_ = value & kept_control;
    if ((value & sticky_error) != 0) sticky_error_ = false;
}

std::uint32_t DebugPort::read_access_port(std::uint32_t address) {
    if (!ready() || select_ >> 24 != 0) return 0;
    const std::uint32_t offset = (select_ & 0xf0) | address;
    switch (offset) {
        case csw:
            return csw_ | device_enabled;
        case tar:
            return tar_;
        case drw:
            return data(false, 0);
        case cfg:
            return 0;
        case base:
            return rom_table;
        case idr:
            return ahb_ap;
        default:
            if (offset - banked >= 16) return 0;
            return transfer((tar_ & ~0xfu) | (offset - banked), false, 0);
    }
}

void DebugPort::write_access_port(std::uint32_t address, std::uint32_t value) {
    if (!ready() || select_ >> 24 != 0) return;
    const std::uint32_t offset = (select_ & 0xf0) | address;
    if (offset == csw)
        csw_ = value & csw_mask;
    else if (offset == tar)
        tar_ = value;
    else if (offset == drw)
        static_cast<void>(data(true, value));
    else if (offset - banked < 16)
        static_cast<void>(transfer((tar_ & ~0xfu) | (offset - banked), true, value));
}

/// One access of the size in CSW, its data in the lanes that the address says.
std::uint32_t DebugPort::transfer(std::uint32_t address, bool is_write, std::uint32_t value) {
    const unsigned size = 1u << (csw_ & 3);
    const unsigned shift = 8 * (address & 3);
    const std::uint32_t mask = size >= 4 ? ~0u : (1u << (8 * size)) - 1;
    std::uint32_t read = 0;
    const bool aligned = size <= 4 && address % size == 0;
    const bool good = aligned && (is_write ? machine_.probe_write(address, size, value >> shift & mask)
                                           : machine_.probe_read(address, size, read));
    sticky_error_ = sticky_error_ || !good;
    return good ? (read & mask) << shift : 0;
}

std::uint32_t DebugPort::data(bool is_write, std::uint32_t value) {
    const std::uint32_t increment = csw_ >> 4 & 3;
    const unsigned size = 1u << (csw_ & 3);
    const unsigned count = increment == packed && size < 4 ? 4 / size : 1;
    std::uint32_t all = 0;
    for (unsigned done = 0; done < count && !sticky_error_; ++done) {
        all |= transfer(tar_, is_write, value);
        if (increment != off) tar_ = (tar_ & ~increment_wrap) | ((tar_ + size) & increment_wrap);
    }
    return all;
}

}  // namespace sim::debug
