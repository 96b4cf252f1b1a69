// SPDX-License-Identifier: ISC
// Can this image run there?
#include <fmt/format.h>

#include "flasher/base_estimate.hpp"
#include "flasher/image.hpp"

namespace flasher {
namespace {

constexpr std::uint32_t ram_start = 0x2000'0000;

std::string link_advice(std::uint32_t base) {
    return fmt::format("link it for {:#010x} (the start of FLASH in its linker script)", base);
}

std::optional<std::string> wrong_place(const Image& image, const Region& region) {
    const auto start = region.flash_start;
    if (image.base && *image.base != start) {
        if (part_from(image, start))
            return fmt::format(
                "the file begins at {:#010x} and the device's application at {:#010x}: it holds more than "
                "an application, probably a bootloader, too; send its part from there on",
                *image.base, start);
        return fmt::format("the image is linked for {:#010x}, the device puts it at {:#010x}; {}", *image.base, start,
                           link_advice(start));
    }
    if (image.base) return std::nullopt;
    if (const auto other = clearly_other_base(image.bytes, start))
        return fmt::format(
            "the image is linked for {:#010x}, going by where its pointers lead; the device puts it at "
            "{:#010x}; {}",
            *other, start, link_advice(start));
    return std::nullopt;
}

}  // namespace

std::optional<Image> part_from(const Image& image, std::uint32_t flash_start) {
    if (!image.base || *image.base >= flash_start || flash_start - *image.base >= image.bytes.size())
        return std::nullopt;
    Image part = image;
    part.base = flash_start;
    part.bytes.erase(part.bytes.begin(), part.bytes.begin() + (flash_start - *image.base));
    const auto vectors = part.vectors();
    if (!vectors || vectors->initial_stack >> 24 != ram_start >> 24 || vectors->reset % 2 == 0) return std::nullopt;
    if (vectors->reset < flash_start || vectors->reset - flash_start >= part.bytes.size()) return std::nullopt;
    return part;
}

std::optional<std::string> check_runnable(const Image& image, const Region& region) {
    const std::uint64_t start = region.flash_start, end = start + image.bytes.size();
    if (image.base && *image.base != region.flash_start) return wrong_place(image, region);
    if (image.bytes.size() > region.flash_length)
        return fmt::format("the image has {} bytes, the device has room for {}; make it smaller", image.bytes.size(),
                           region.flash_length);
    const auto vectors = image.vectors();
    if (!vectors)
        return fmt::format("the image has {} bytes, fewer than a vector table; choose an application's image",
                           image.bytes.size());
    const auto [stack, reset] = *vectors;
    if (stack == blank_word)
        return "the image's first word, the initial stack pointer, is blank, as in a high-memory bootloader that has "
               "no "
               "application yet; choose an application's image";
    if (stack <= ram_start || stack - ram_start > region.ram_length || stack % 4 != 0)
        return fmt::format(
            "the image's first word, the initial stack pointer, is {:#010x}, not in RAM "
            "({:#010x} to {:#010x}); choose an application's image",
            stack, ram_start, ram_start + region.ram_length);
    if (const auto complaint = wrong_place(image, region)) return complaint;
    if (reset % 2 == 0 || reset < start || reset >= end)
        return fmt::format(
            "the image's reset vector is {:#010x}, not inside the image ({:#010x} to {:#010x}); "
            "link it for {:#010x}",
            reset, start, end, start);
    return std::nullopt;
}

}  // namespace flasher
