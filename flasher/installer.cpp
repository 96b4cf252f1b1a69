// SPDX-License-Identifier: ISC
#include "flasher/installer.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace flasher {
namespace {

/// {c2f4b6d1-7e39-4a58-9d06-31e8a5b7f02c} behind the first four vectors, then the fields of InstalledBootloader.
constexpr std::array<std::uint8_t, 16> identity{0xD1, 0xB6, 0xF4, 0xC2, 0x39, 0x7E, 0x58, 0x4A,
                                                0x9D, 0x06, 0x31, 0xE8, 0xA5, 0xB7, 0xF0, 0x2C};
constexpr std::size_t behind_vectors = 16, fields_length = 8;

}  // namespace

std::optional<InstalledBootloader> bootloader_in(const Image& image) {
    const auto found = slice(image.bytes, behind_vectors, identity.size() + fields_length);
    if (!found || !std::ranges::equal(found->first(identity.size()), identity)) return std::nullopt;
    const Bytes fields = found->subspan(identity.size());
    return InstalledBootloader{.bcdDevice = u16_at(fields, 0),
                               .layout = static_cast<DapbootCapability::Layout>(fields[2]),
                               .page_size = fields[3] * 1024U,
                               .application_base = u32_at(fields, 4)};
}

bool has_bootloader(const DeviceInfo& info, const InstalledBootloader& bootloader) {
    return info.dapboot && InstalledBootloader{.bcdDevice = info.device.bcdDevice,
                                               .layout = info.dapboot->layout,
                                               .page_size = info.dapboot->page_size,
                                               .application_base = info.dapboot->application_base} == bootloader;
}

std::string describe(const InstalledBootloader& bootloader) {
    const unsigned bcd = bootloader.bcdDevice;
    return fmt::format("dapboot {:x}.{:x}.{:x}, {} layout, applications from {:#010x}", bcd >> 8U, bcd >> 4U & 0xFU,
                       bcd & 0xFU,
                       bootloader.layout == DapbootCapability::Layout::high_memory ? "high-memory" : "standard",
                       bootloader.application_base);
}

}  // namespace flasher
