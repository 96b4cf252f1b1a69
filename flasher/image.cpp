// SPDX-License-Identifier: ISC
// Recognises the format of an image file, and judges whether an image can run.
#include "flasher/image.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

namespace flasher {
namespace {

constexpr std::uint32_t ram_start = 0x2000'0000;

bool is_elf(Bytes file) {
    constexpr std::array<std::uint8_t, 4> magic{0x7F, 'E', 'L', 'F'};
    return file.size() >= magic.size() && std::ranges::equal(file.first(magic.size()), magic);
}

bool is_hex_digit(std::uint8_t c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

// A stack word that reads ":100" is no RAM address, so no plain binary that could run is mistaken for text.
bool is_intel_hex(Bytes file) {
    const auto start =
        std::ranges::find_if(file, [](std::uint8_t c) { return c != '\r' && c != '\n' && c != ' ' && c != '\t'; });
    const auto left = static_cast<std::size_t>(file.end() - start);
    return left >= 11 && *start == ':' && std::all_of(start + 1, start + 11, is_hex_digit);
}

std::vector<std::uint8_t> read_file(const std::filesystem::path& file) {
    // Eight times: Intel HEX with few bytes a record.
    constexpr std::uintmax_t largest_file = largest_image * 8;
    std::error_code error;
    if (!std::filesystem::is_regular_file(file, error))
        throw ImageError(fmt::format("{}: there is no such file", file.string()));
    if (std::filesystem::file_size(file, error) > largest_file)
        throw ImageError(fmt::format("{}: the file is larger than any image can be", file.string()));
    std::ifstream stream(file, std::ios::binary);
    if (!stream) throw ImageError(fmt::format("{}: the file cannot be opened", file.string()));
    std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(stream), {}};
    if (stream.bad()) throw ImageError(fmt::format("{}: reading failed", file.string()));
    return bytes;
}

void require_extension(const std::filesystem::path& file, ImageFormat format) {
    const auto extension = file.extension();
    const auto fail = [&](const char* claimed) {
        throw ImageError(fmt::format("{}: the name says {}, the content is {}; rename the file or build it again",
                                     file.string(), claimed, name_of(format)));
    };
    if ((extension == ".hex" || extension == ".ihex") && format != ImageFormat::intel_hex) fail("Intel HEX");
    if (extension == ".elf" && format != ImageFormat::elf) fail("ELF");
    if (extension == ".dfu" && format != ImageFormat::dfu) fail("DFU");
    if (extension == ".bin" && (format == ImageFormat::elf || format == ImageFormat::intel_hex)) fail("plain binary");
}

}  // namespace

std::string_view name_of(ImageFormat format) {
    switch (format) {
        case ImageFormat::binary:
            return "plain binary";
        case ImageFormat::intel_hex:
            return "Intel HEX";
        case ImageFormat::elf:
            return "ELF";
        case ImageFormat::dfu:
            return "DFU file";
    }
    return "unknown";
}

std::optional<Vectors> Image::vectors() const {
    if (bytes.size() < 8) return std::nullopt;
    return Vectors{.initial_stack = u32_at(bytes, 0), .reset = u32_at(bytes, 4)};
}

Image load_image(const std::filesystem::path& file) {
    const auto bytes = read_file(file);
    try {
        auto image = parse_image(bytes);
        require_extension(file, image.format);
        return image;
    } catch (const ImageError& error) {
        const std::string prefix = file.string() + ": ";
        if (std::string_view(error.what()).starts_with(prefix)) throw;
        throw ImageError(prefix + error.what());
    }
}

Image parse_image(Bytes file) {
    if (is_elf(file)) return parse_elf(file);
    if (has_dfu_suffix(file)) return parse_dfu(file);
    if (is_intel_hex(file)) return parse_intel_hex(file);
    return parse_binary(file);
}

Image parse_binary(Bytes file) {
    if (file.empty()) throw ImageError("the file is empty");
    if (file.size() > largest_image)
        throw ImageError(fmt::format("the image has {} bytes; the limit is {}", file.size(), largest_image));
    return {.format = ImageFormat::binary,
            .bytes = {file.begin(), file.end()},
            .base = std::nullopt,
            .suffix = std::nullopt};
}

std::optional<std::string> check_runnable(const Image& image, const Region& region) {
    if (image.base && *image.base != region.flash_start)
        return fmt::format("the image is linked for {:#010x}, the device puts it at {:#010x}; link it for there",
                           *image.base, region.flash_start);
    if (image.bytes.size() > region.flash_length)
        return fmt::format("the image has {} bytes, the device has room for {}; make it smaller", image.bytes.size(),
                           region.flash_length);
    const auto vectors = image.vectors();
    if (!vectors)
        return fmt::format("the image has {} bytes, fewer than a vector table; choose an application's image",
                           image.bytes.size());
    const auto [stack, reset] = *vectors;
    if (stack <= ram_start || stack - ram_start > region.ram_length || stack % 4 != 0)
        return fmt::format(
            "the image's first word, the initial stack pointer, is {:#010x}, not in RAM "
            "({:#010x} to {:#010x}); choose an application's plain binary",
            stack, ram_start, ram_start + region.ram_length);
    const std::uint64_t end = std::uint64_t{region.flash_start} + image.bytes.size();
    if (reset % 2 == 0 || reset < region.flash_start || reset >= end)
        return fmt::format(
            "the image's reset vector is {:#010x}, not inside the image ({:#010x} to {:#010x}); "
            "link it for {:#010x}",
            reset, region.flash_start, end, region.flash_start);
    return std::nullopt;
}

}  // namespace flasher
