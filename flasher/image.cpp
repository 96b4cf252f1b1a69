// SPDX-License-Identifier: ISC
// Recognises the format of an image file, reads and writes it.
#include "flasher/image.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

namespace flasher {
namespace {

bool is_elf(Bytes file) {
    constexpr std::array<std::uint8_t, 4> magic{0x7F, 'E', 'L', 'F'};
    return file.size() >= magic.size() && std::ranges::equal(file.first(magic.size()), magic);
}

bool is_uf2(Bytes file) {
    return file.size() >= 8 && u32_at(file, 0) == 0x0A32'4655 && u32_at(file, 4) == 0x9E5D'5157;
}

std::vector<std::uint8_t> read_file(const std::filesystem::path& file) {
    // Eight times: Intel HEX with few bytes a record.
    constexpr std::uintmax_t largest_file = largest_image * 8;
    std::error_code error;
    if (std::filesystem::is_directory(file, error)) throw ImageError(fmt::format("{}: is a folder", file.string()));
    if (!std::filesystem::exists(file, error))
        throw ImageError(fmt::format("{}: there is no such file", file.string()));
    if (!std::filesystem::is_regular_file(file, error))
        throw ImageError(fmt::format("{}: is not a file that holds an image", file.string()));
    if (std::filesystem::file_size(file, error) > largest_file)
        throw ImageError(fmt::format("{}: the file is larger than any image can be", file.string()));
    std::ifstream stream(file, std::ios::binary);
    if (!stream) throw ImageError(fmt::format("{}: the file cannot be opened; may you read it?", file.string()));
    std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(stream), {}};
    if (stream.bad()) throw ImageError(fmt::format("{}: reading failed", file.string()));
    return bytes;
}

// Everything else is recognised by what it holds; bytes that could be anything are believed to be a plain binary only
// where the name does not say that they should have been something with a structure.
void require_plain_name(const std::filesystem::path& file) {
    const auto named = format_of_extension(file);
    if (named && *named != ImageFormat::binary)
        throw ImageError(
            fmt::format("the name says {}, and the content is not: the file is damaged, or something else; "
                        "get or build it again",
                        name_of(*named)));
}

}  // namespace

std::string_view name_of(ImageFormat format) {
    switch (format) {
        case ImageFormat::binary:
            return "plain binary";
        case ImageFormat::intel_hex:
            return "Intel HEX";
        case ImageFormat::s_record:
            return "S-records";
        case ImageFormat::elf:
            return "ELF";
        case ImageFormat::uf2:
            return "UF2";
        case ImageFormat::dfu:
            return "DFU file";
    }
    return "unknown";
}

std::optional<ImageFormat> format_of_extension(const std::filesystem::path& file) {
    constexpr std::array<std::pair<std::string_view, ImageFormat>, 15> known{{{".bin", ImageFormat::binary},
                                                                              {".hex", ImageFormat::intel_hex},
                                                                              {".ihex", ImageFormat::intel_hex},
                                                                              {".ihx", ImageFormat::intel_hex},
                                                                              {".srec", ImageFormat::s_record},
                                                                              {".s19", ImageFormat::s_record},
                                                                              {".s28", ImageFormat::s_record},
                                                                              {".s37", ImageFormat::s_record},
                                                                              {".mot", ImageFormat::s_record},
                                                                              {".elf", ImageFormat::elf},
                                                                              {".axf", ImageFormat::elf},
                                                                              {".out", ImageFormat::elf},
                                                                              {".uf2", ImageFormat::uf2},
                                                                              {".dfu", ImageFormat::dfu},
                                                                              {".raw", ImageFormat::binary}}};
    auto extension = file.extension().string();
    std::ranges::transform(extension, extension.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    const auto found = std::ranges::find(known, extension, [](const auto& one) { return one.first; });
    if (found == known.end()) return std::nullopt;
    return found->second;
}

std::optional<Vectors> Image::vectors() const {
    if (bytes.size() < 8) return std::nullopt;
    return Vectors{.initial_stack = u32_at(bytes, 0), .reset = u32_at(bytes, 4)};
}

Image load_image(const std::filesystem::path& file) {
    const auto bytes = read_file(file);
    try {
        auto image = parse_image(bytes);
        if (image.format == ImageFormat::binary) require_plain_name(file);
        return image;
    } catch (const ImageError& error) {
        throw ImageError(fmt::format("{}: {}", file.string(), error.what()));
    }
}

Image parse_image(Bytes file) {
    if (is_elf(file)) return parse_elf(file);
    if (is_uf2(file)) return parse_uf2(file);
    if (is_intel_hex(file)) return parse_intel_hex(file);
    if (is_s_record(file)) return parse_s_record(file);
    auto image = has_dfu_suffix(file) ? parse_dfu(file) : parse_binary(file);
    if (const auto foreign = foreign_content(image.bytes))
        throw ImageError(fmt::format("this is {}; {}", foreign->what, foreign->next_step));
    return image;
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

std::vector<std::uint8_t> write_image(const Image& image, ImageFormat format) {
    const auto base = [&] {
        if (!image.base)
            throw ImageError(
                fmt::format("{} carries addresses, and this image does not know its own; say where it "
                            "belongs, such as --base 0x08002000",
                            name_of(format)));
        if (*image.base + std::uint64_t{image.bytes.size()} > 1ULL << 32)
            throw ImageError(
                fmt::format("{} bytes from {:#010x} go beyond the end of the addresses; choose a lower base",
                            image.bytes.size(), *image.base));
        return *image.base;
    };
    switch (format) {
        case ImageFormat::binary:
            return image.bytes;
        case ImageFormat::intel_hex:
            return write_intel_hex(image.bytes, base());
        case ImageFormat::s_record:
            return write_s_record(image.bytes, base());
        case ImageFormat::elf:
            return write_elf(image.bytes, base());
        case ImageFormat::uf2:
            return write_uf2(image.bytes, base());
        case ImageFormat::dfu:
            return with_dfu_suffix(image.bytes, image.suffix.value_or(DfuSuffix{}));
    }
    throw ImageError("there is no such format");
}

}  // namespace flasher
