// SPDX-License-Identifier: ISC
// Image parsers. Every offset is checked against the file before it is used.
#include "sim/board/image_files.hpp"

#include <fstream>
#include <iterator>
#include <span>
#include <stdexcept>

#include <fmt/format.h>

namespace sim {

namespace {

constexpr std::size_t largest_file = 64u << 20;

std::vector<std::uint8_t> read_file(const std::filesystem::path& file) {
    std::error_code error;
    const auto size = std::filesystem::file_size(file, error);
    if (error) throw std::runtime_error(fmt::format("{}: {}", file.string(), error.message()));
    if (size > largest_file)
        throw std::runtime_error(fmt::format("{}: {} bytes are no image for this chip", file.string(), size));
    std::ifstream stream(file, std::ios::binary);
    std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
    if (!stream) throw std::runtime_error(fmt::format("{}: cannot be read", file.string()));
    return bytes;
}

unsigned hex_digit(std::uint8_t character, std::size_t line) {
    if (character >= '0' && character <= '9') return character - unsigned{'0'};
    if (character >= 'A' && character <= 'F') return character - unsigned{'A'} + 10;
    if (character >= 'a' && character <= 'f') return character - unsigned{'a'} + 10;
    throw std::runtime_error(fmt::format("line {}: not a hexadecimal digit", line));
}

/// Bytes of one record, length to checksum, checked.
std::vector<std::uint8_t> hex_record(std::span<const std::uint8_t> text, std::size_t line) {
    if (text.empty() || text[0] != ':') throw std::runtime_error(fmt::format("line {}: does not begin with ':'", line));
    text = text.subspan(1);
    constexpr std::size_t overhead = 5;  // length, address, type, checksum
    if (text.size() % 2 != 0 || text.size() < 2 * overhead)
        throw std::runtime_error(fmt::format("line {}: too short", line));
    std::vector<std::uint8_t> record;
    unsigned sum = 0;
    for (std::size_t at = 0; at < text.size(); at += 2) {
        record.push_back(static_cast<std::uint8_t>(hex_digit(text[at], line) << 4 | hex_digit(text[at + 1], line)));
        sum += record.back();
    }
    if (record.size() != record[0] + overhead) throw std::runtime_error(fmt::format("line {}: wrong length", line));
    if ((sum & 0xff) != 0) throw std::runtime_error(fmt::format("line {}: wrong checksum", line));
    return record;
}

std::uint32_t little(std::span<const std::uint8_t> bytes, std::size_t at, std::size_t size) {
    std::uint32_t value = 0;
    for (std::size_t byte = 0; byte < size; ++byte)
        value |= std::uint32_t{bytes[at + byte]} << (8 * byte);
    return value;
}

}  // namespace

std::vector<ImageSegment> parse_intel_hex(const std::vector<std::uint8_t>& text) {
    std::vector<ImageSegment> segments;
    std::uint32_t upper = 0;
    std::size_t line = 0, at = 0;
    while (at < text.size()) {
        ++line;
        std::size_t end = at;
        while (end < text.size() && text[end] != '\n')
            ++end;
        std::size_t last = end;
        while (last > at && (text[last - 1] == '\r' || text[last - 1] == ' '))
            --last;
        const std::span<const std::uint8_t> content(text.data() + at, last - at);
        at = end + 1;
        if (content.empty()) continue;
        const std::vector<std::uint8_t> record = hex_record(content, line);
        const std::uint32_t address = upper + (std::uint32_t{record[1]} << 8 | record[2]);
        const bool has_two = record[0] == 2;
        switch (record[3]) {
            case 0: {
                const auto first = record.begin() + 4;
                if (segments.empty() || segments.back().address + segments.back().bytes.size() != address) {
                    segments.push_back({address, {}});
                }
                segments.back().bytes.insert(segments.back().bytes.end(), first, record.end() - 1);
                break;
            }
            case 1:
                return segments;
            case 2:
            case 4:
                if (!has_two) throw std::runtime_error(fmt::format("line {}: an address record has two bytes", line));
                upper = (std::uint32_t{record[4]} << 8 | record[5]) << (record[3] == 4 ? 16 : 4);
                break;
            case 3:
            case 5:
                break;  // start address: the vector table says it
            default:
                throw std::runtime_error(fmt::format("line {}: unknown record type {}", line, record[3]));
        }
    }
    throw std::runtime_error("no end record");
}

std::vector<ImageSegment> parse_elf(const std::vector<std::uint8_t>& bytes) {
    constexpr std::size_t header_bytes = 52, entry_bytes = 32;
    constexpr std::uint32_t machine_arm = 40, pt_load = 1;
    const std::span<const std::uint8_t> file(bytes);
    const bool magic = file.size() >= header_bytes && little(file, 0, 4) == 0x464c'457f && file[4] == 1 && file[5] == 1;
    if (!magic) throw std::runtime_error("not a 32-bit little-endian ELF file");
    if (little(file, 18, 2) != machine_arm) throw std::runtime_error("not for ARM");
    const std::uint64_t table = little(file, 28, 4), entry_size = little(file, 42, 2), count = little(file, 44, 2);
    if (entry_size < entry_bytes || table + entry_size * count > file.size()) {
        throw std::runtime_error("program headers reach beyond the end of the file");
    }
    std::vector<ImageSegment> segments;
    for (std::uint64_t number = 0; number < count; ++number) {
        const auto at = static_cast<std::size_t>(table + number * entry_size);
        const std::uint64_t offset = little(file, at + 4, 4), size = little(file, at + 16, 4);
        if (little(file, at, 4) != pt_load || size == 0) continue;
        if (offset + size > file.size()) throw std::runtime_error("a segment reaches beyond the end of the file");
        const auto first = bytes.begin() + static_cast<std::ptrdiff_t>(offset);
        segments.push_back({little(file, at + 12, 4), {first, first + static_cast<std::ptrdiff_t>(size)}});
    }
    if (segments.empty()) throw std::runtime_error("nothing to load");
    return segments;
}

std::vector<ImageSegment> read_image(const std::filesystem::path& file, std::uint32_t bin_address) {
    const std::vector<std::uint8_t> bytes = read_file(file);
    const std::string kind = file.extension().string();
    try {
        if (kind == ".hex") return parse_intel_hex(bytes);
        if (kind == ".elf") return parse_elf(bytes);
    } catch (const std::runtime_error& error) {
        throw std::runtime_error(fmt::format("{}: {}", file.string(), error.what()));
    }
    if (kind != ".bin") throw std::runtime_error(fmt::format("{}: expected .bin, .hex or .elf", file.string()));
    if (bytes.empty()) throw std::runtime_error(fmt::format("{}: is empty", file.string()));
    return {{bin_address, bytes}};
}

}  // namespace sim
