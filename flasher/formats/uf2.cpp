// SPDX-License-Identifier: ISC
// UF2 (github.com/microsoft/uf2): blocks of 512 bytes, each with its address and up to 476 bytes of data.
#include <algorithm>

#include <fmt/format.h>

#include "flasher/formats/segments.hpp"

namespace flasher {
namespace {

constexpr std::size_t block_size = 512, header_size = 32, most_data = 476, end_offset = 508;
constexpr std::uint32_t magic_start = 0x0A32'4655, magic_second = 0x9E5D'5157, magic_end = 0x0AB1'6F30;
constexpr std::uint32_t flag_not_main_flash = 0x0001, flag_file_container = 0x1000, flag_family = 0x2000;
constexpr std::uint32_t family_stm32f1 = 0x5EE2'1072;

void require_block(Bytes block, std::size_t number) {
    if (u32_at(block, 0) != magic_start || u32_at(block, 4) != magic_second || u32_at(block, end_offset) != magic_end)
        throw ImageError(
            fmt::format("block {} of the UF2 file has no magic numbers: the file is damaged; get it again", number));
    if (const auto size = u32_at(block, 16); size > most_data)
        throw ImageError(
            fmt::format("block {} of the UF2 file claims {} bytes; {} fit a block", number, size, most_data));
}

}  // namespace

Image parse_uf2(Bytes file) {
    if (file.empty() || file.size() % block_size != 0)
        throw ImageError(fmt::format("the UF2 file has {} bytes, not whole blocks of {}: the file is cut short",
                                     file.size(), block_size));
    std::vector<Segment> segments;
    std::vector<bool> seen(file.size() / block_size);
    std::optional<std::uint32_t> other_family;
    std::size_t announced = 0, taken = 0;
    for (std::size_t number = 0; number < seen.size(); ++number) {
        const auto block = file.subspan(number * block_size, block_size);
        require_block(block, number);
        const auto flags = u32_at(block, 8);
        if ((flags & (flag_not_main_flash | flag_file_container)) != 0) continue;
        // A file may carry the programs of several chips, one after the other, each for its family.
        if (const auto family = u32_at(block, 28); (flags & flag_family) != 0 && family != family_stm32f1) {
            other_family = family;
            continue;
        }
        const auto index = u32_at(block, 20), count = u32_at(block, 24);
        if (index >= count || count > seen.size() || seen[index] || (taken != 0 && count != announced))
            throw ImageError(fmt::format("block {} of the UF2 file calls itself {} of {}: the file is damaged", number,
                                         index, count));
        seen[index] = true;
        append(segments, u32_at(block, 12), block.subspan(header_size, u32_at(block, 16)));
        announced = count;
        ++taken;
    }
    if (segments.empty() && other_family)
        throw ImageError(
            fmt::format("the UF2 file is for another chip (family {:#010x}); choose the one for the "
                        "STM32F1 ({:#010x})",
                        *other_family, family_stm32f1));
    if (taken != announced)
        throw ImageError(fmt::format(
            "the UF2 file holds {} of the {} blocks it tells of: it is cut short; get it again", taken, announced));
    return join(std::move(segments), ImageFormat::uf2);
}

std::vector<std::uint8_t> write_uf2(Bytes image, std::uint32_t base) {
    constexpr std::size_t payload = 256;
    const std::size_t count = (image.size() + payload - 1) / payload;
    std::vector<std::uint8_t> file(count * block_size);
    for (std::size_t number = 0; number < count; ++number) {
        const auto data = image.subspan(number * payload, std::min(payload, image.size() - number * payload));
        std::size_t at = number * block_size;
        const auto put = [&](std::uint32_t word) {
            for (int i = 0; i < 4; ++i)
                file[at++] = static_cast<std::uint8_t>(word >> 8 * i);
        };
        for (const std::uint32_t word :
             {magic_start, magic_second, flag_family, static_cast<std::uint32_t>(base + number * payload),
              static_cast<std::uint32_t>(data.size()), static_cast<std::uint32_t>(number),
              static_cast<std::uint32_t>(count), family_stm32f1})
            put(word);
        std::ranges::copy(data, file.begin() + static_cast<std::ptrdiff_t>(at));
        at = number * block_size + end_offset;
        put(magic_end);
    }
    return file;
}

}  // namespace flasher
