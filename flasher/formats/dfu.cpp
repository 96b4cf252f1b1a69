// SPDX-License-Identifier: ISC
// The DFU suffix: 16 bytes behind an image that say for whom it is (DFU 1.1 appendix B).
#include <fmt/format.h>

#include "flasher/checksum.hpp"
#include "flasher/image.hpp"

namespace flasher {
namespace {

constexpr std::size_t suffix_length = 16;
// Offsets in the suffix: bcdDevice 0, idProduct 2, idVendor 4, bcdDFU 6, "UFD" 8, bLength 11, dwCRC 12.
constexpr std::size_t signature_offset = 8, length_offset = 11, crc_offset = 12;

}  // namespace

bool has_dfu_suffix(Bytes file) {
    if (file.size() < suffix_length) return false;
    const auto suffix = file.last(suffix_length);
    return suffix[signature_offset] == 'U' && suffix[signature_offset + 1] == 'F' &&
           suffix[signature_offset + 2] == 'D' && suffix[length_offset] >= suffix_length;
}

Image parse_dfu(Bytes file) {
    if (!has_dfu_suffix(file)) throw ImageError("the file has no DFU suffix");
    const auto suffix = file.last(suffix_length);
    const std::size_t length = suffix[length_offset];
    if (length >= file.size())
        throw ImageError(
            fmt::format("the DFU suffix claims {} bytes of a file of {}, which leaves no image", length, file.size()));
    const auto stated = u32_at(suffix, crc_offset);
    const auto actual = crc32_register(file.first(file.size() - 4));
    if (stated != actual)
        throw ImageError(
            fmt::format("the DFU suffix states a CRC of {:#010x}, the content has {:#010x}: "
                        "the file is damaged; get it again",
                        stated, actual));
    const auto content = file.first(file.size() - length);
    // DfuSe files ("DfuSe", version) carry several targets with addresses: another format with the same suffix.
    if (content.size() >= 5 && std::string_view(reinterpret_cast<const char*>(content.data()), 5) == "DfuSe")
        throw ImageError("the file is a DfuSe container; extract its plain binary first");
    auto image = parse_binary(content);
    image.format = ImageFormat::dfu;
    image.suffix = DfuSuffix{.idVendor = u16_at(suffix, 4),
                             .idProduct = u16_at(suffix, 2),
                             .bcdDevice = u16_at(suffix, 0),
                             .bcdDFU = u16_at(suffix, 6)};
    return image;
}

std::vector<std::uint8_t> with_dfu_suffix(Bytes bytes, const DfuSuffix& suffix) {
    std::vector<std::uint8_t> file(bytes.begin(), bytes.end());
    const auto put = [&](std::uint32_t value, int count) {
        for (int i = 0; i < count; ++i)
            file.push_back(static_cast<std::uint8_t>(value >> 8 * i));
    };
    put(suffix.bcdDevice, 2);
    put(suffix.idProduct, 2);
    put(suffix.idVendor, 2);
    put(suffix.bcdDFU, 2);
    for (const char c : {'U', 'F', 'D'})
        file.push_back(static_cast<std::uint8_t>(c));
    file.push_back(suffix_length);
    put(crc32_register(file), 4);
    return file;
}

}  // namespace flasher
