// SPDX-License-Identifier: ISC
// ELF: what `objcopy -O binary` would extract. 32-bit little-endian ARM executables only (System V ABI, chapter 4).
//
// Sections are preferred over segments: a linker may let the first segment begin at a page border before the first
// section, with the ELF header in between, and those bytes are not part of the program.
//
// Addresses are physical ones: where initialised data waits in flash for the start-up code. Keil's linker leaves them 0
// and means the virtual ones, in one segment that holds code and data as they lie in flash.
#include <algorithm>
#include <initializer_list>
#include <string_view>

#include <fmt/format.h>

#include "flasher/formats/segments.hpp"

namespace flasher {
namespace {

constexpr std::uint16_t machine_arm = 40, type_executable = 2;
constexpr std::uint32_t segment_load = 1, section_nobits = 8, section_alloc = 2;
constexpr std::uint32_t elf_flags_eabi5 = 0x0500'0000;
constexpr std::uint32_t header_size = 52, program_header_size = 32, section_header_size = 40;

struct LoadSegment {
    std::uint32_t offset, address, virtual_address, file_size;
};

struct Section {
    std::uint32_t type, flags, offset, size;
};

/// A table of `count` entries of `size` bytes at `offset`, or a refusal that names it.
Bytes table(Bytes file, std::uint32_t offset, std::size_t count, std::size_t size, std::size_t least,
            const char* what) {
    if (count != 0 && size < least)
        throw ImageError(fmt::format("the ELF file's {} entries have {} bytes instead of {}", what, size, least));
    const auto bytes = slice(file, offset, std::uint64_t{count} * size);
    if (!bytes) throw ImageError(fmt::format("the ELF file's {} table lies beyond its end", what));
    return *bytes;
}

Bytes content(Bytes file, std::uint32_t offset, std::uint32_t size, std::uint32_t address) {
    const auto bytes = slice(file, offset, size);
    if (!bytes)
        throw ImageError(
            fmt::format("the ELF file's part for {:#010x} lies beyond its end: the file is cut short", address));
    return *bytes;
}

std::vector<LoadSegment> load_segments(Bytes file) {
    const std::size_t size = u16_at(file, 42), count = u16_at(file, 44);
    const auto headers = table(file, u32_at(file, 28), count, size, program_header_size, "program header");
    std::vector<LoadSegment> segments;
    for (std::size_t i = 0; i < count; ++i) {
        const auto one = headers.subspan(i * size, size);
        if (u32_at(one, 0) == segment_load && u32_at(one, 16) != 0)
            segments.push_back({.offset = u32_at(one, 4),
                                .address = u32_at(one, 12),
                                .virtual_address = u32_at(one, 8),
                                .file_size = u32_at(one, 16)});
    }
    if (std::ranges::all_of(segments, [](const auto& one) { return one.address == 0; }))
        for (auto& one : segments)
            one.address = one.virtual_address;
    return segments;
}

std::vector<Section> sections_to_load(Bytes file) {
    const std::uint32_t offset = u32_at(file, 32);
    const std::size_t size = u16_at(file, 46), count = u16_at(file, 48);
    if (offset == 0 || count == 0) return {};
    const auto headers = table(file, offset, count, size, section_header_size, "section header");
    std::vector<Section> sections;
    for (std::size_t i = 0; i < count; ++i) {
        const auto one = headers.subspan(i * size, size);
        const Section section{
            .type = u32_at(one, 4), .flags = u32_at(one, 8), .offset = u32_at(one, 16), .size = u32_at(one, 20)};
        if ((section.flags & section_alloc) != 0 && section.type != section_nobits && section.size != 0)
            sections.push_back(section);
    }
    return sections;
}

std::vector<Segment> by_section(Bytes file, const std::vector<LoadSegment>& segments,
                                const std::vector<Section>& sections) {
    std::vector<Segment> parts;
    for (const auto& section : sections) {
        const auto holder = std::ranges::find_if(segments, [&](const LoadSegment& segment) {
            return section.offset >= segment.offset &&
                   std::uint64_t{section.offset} + section.size <= std::uint64_t{segment.offset} + segment.file_size;
        });
        if (holder == segments.end())
            throw ImageError(
                fmt::format("a section of the ELF file at its offset {:#x} is in no loadable segment", section.offset));
        const std::uint32_t address = holder->address + (section.offset - holder->offset);
        const auto bytes = content(file, section.offset, section.size, address);
        parts.push_back({.address = address, .bytes = {bytes.begin(), bytes.end()}});
    }
    return parts;
}

std::vector<Segment> by_segment(Bytes file, const std::vector<LoadSegment>& segments) {
    std::vector<Segment> parts;
    for (const auto& segment : segments) {
        const auto bytes = content(file, segment.offset, segment.file_size, segment.address);
        parts.push_back({.address = segment.address, .bytes = {bytes.begin(), bytes.end()}});
    }
    return parts;
}

// Headers could otherwise name the same bytes again and again, and a small file fill the memory.
void require_bounded(const auto& parts, auto size_of) {
    std::uint64_t total = 0;
    for (const auto& part : parts)
        total += size_of(part);
    if (total > largest_image)
        throw ImageError(fmt::format("the ELF file loads {} bytes; an image is at most {}", total, largest_image));
}

}  // namespace

Image parse_elf(Bytes file) {
    if (file.size() < header_size) throw ImageError("the ELF file is shorter than its header");
    if (file[4] != 1 || file[5] != 1 || u16_at(file, 18) != machine_arm)
        throw ImageError("the ELF file is not for a 32-bit little-endian ARM; build it for the device");
    if (u16_at(file, 16) != type_executable) throw ImageError("the ELF file is not a linked executable; link it first");

    const auto segments = load_segments(file);
    require_bounded(segments, [](const LoadSegment& one) { return one.file_size; });
    const auto sections = sections_to_load(file);
    require_bounded(sections, [](const Section& one) { return one.size; });
    return join(sections.empty() ? by_segment(file, segments) : by_section(file, segments, sections), ImageFormat::elf);
}

// One segment, one section and the table of their names: enough for objcopy, gdb and probes.
std::vector<std::uint8_t> write_elf(Bytes image, std::uint32_t base) {
    static constexpr char name_table[] = "\0.text\0.shstrtab";
    constexpr std::string_view names{name_table, sizeof name_table};
    constexpr std::uint32_t type_program = 1, type_strings = 3, flags_read_execute = 5, section_execute = 4;
    constexpr std::uint32_t content_offset = header_size + program_header_size;
    const auto size = static_cast<std::uint32_t>(image.size());
    const std::uint32_t names_offset = content_offset + size;
    const auto sections_offset = static_cast<std::uint32_t>((names_offset + names.size() + 3) / 4 * 4);

    std::vector<std::uint8_t> file{0x7F, 'E', 'L', 'F', 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    const auto put = [&](std::initializer_list<std::uint32_t> values, std::size_t bytes) {
        for (const auto value : values)
            for (std::size_t i = 0; i < bytes; ++i)
                file.push_back(static_cast<std::uint8_t>(value >> 8 * i));
    };
    put({type_executable, machine_arm}, 2);
    put({1, size >= 8 ? u32_at(image, 4) : base, header_size, sections_offset, elf_flags_eabi5}, 4);
    put({header_size, program_header_size, 1, section_header_size, 3, 2}, 2);
    put({segment_load, content_offset, base, base, size, size, flags_read_execute, 1}, 4);
    file.insert(file.end(), image.begin(), image.end());
    file.insert(file.end(), names.begin(), names.end());
    file.resize(sections_offset);
    put({0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 4);
    put({1, type_program, section_alloc | section_execute, base, content_offset, size, 0, 0, 4, 0}, 4);
    put({7, type_strings, 0, 0, names_offset, static_cast<std::uint32_t>(names.size()), 0, 0, 1, 0}, 4);
    return file;
}

}  // namespace flasher
