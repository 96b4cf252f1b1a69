// SPDX-License-Identifier: ISC
// Section headers and symbols of an ELF file (System V ABI, chapter 4).
#include "bench/elf_size.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace bench {
namespace {

constexpr std::uint32_t sht_progbits = 1, sht_symtab = 2, sht_nobits = 8, shf_alloc = 2, shf_execinstr = 4;

/// Little-endian numbers out of a file, with its bounds checked.
class Reader {
  public:
    Reader(std::span<const std::uint8_t> bytes, const std::filesystem::path& file) : bytes_(bytes), file_(file) {}

    std::uint32_t half(std::size_t at) const { return byte(at) | byte(at + 1) << 8; }
    std::uint32_t word(std::size_t at) const { return half(at) | half(at + 2) << 16; }

    std::string text(std::size_t at) const {
        std::string found;
        for (; byte(at) != 0; ++at)
            found += static_cast<char>(byte(at));
        return found;
    }

  private:
    std::uint32_t byte(std::size_t at) const {
        if (at >= bytes_.size())
            throw std::runtime_error(
                fmt::format("{}: ends at byte {}, before what its headers promise", file_.string(), bytes_.size()));
        return bytes_[at];
    }
    std::span<const std::uint8_t> bytes_;
    const std::filesystem::path& file_;
};

constexpr std::size_t symbol_bytes = 16;

/// The value of a symbol, from the symbol table whose header lies at `header`; 0 when it is not there.
std::uint32_t symbol(const Reader& read, std::size_t headers, std::size_t entry, std::size_t header,
                     std::string_view name) {
    const std::size_t names = read.word(headers + read.word(header + 24) * entry + 16);
    const std::size_t first = read.word(header + 16), last = first + read.word(header + 20);
    for (std::size_t at = first; at < last; at += symbol_bytes)
        if (read.text(names + read.word(at)) == name) return read.word(at + 4);
    return 0;
}

}  // namespace

ElfSize size_of_elf(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) throw std::runtime_error(fmt::format("{}: cannot be read", file.string()));
    const std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(stream), {}};
    const Reader read(bytes, file);
    constexpr std::uint32_t magic = 0x464C457F;
    if (bytes.size() < 52 || read.word(0) != magic || bytes[4] != 1 || bytes[5] != 1)
        throw std::runtime_error(fmt::format("{}: is no 32-bit little-endian ELF file", file.string()));

    ElfSize size;
    const std::size_t table = read.word(32), entry = read.half(46), count = read.half(48);
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t at = table + i * entry;
        const auto type = read.word(at + 4);
        const auto flags = read.word(at + 8);
        if (type == sht_symtab) size.stack_top = symbol(read, table, entry, at, "stack_top");
        if ((flags & shf_alloc) == 0) continue;
        const auto address = read.word(at + 12), length = read.word(at + 20);
        if (address >> 24 == 0x08 && type == sht_progbits) {
            size.flash += length;
            if ((flags & shf_execinstr) == 0) size.constants += length;
        }
        if (address >> 24 == 0x20 && (type == sht_progbits || type == sht_nobits)) {
            size.ram += length;
            size.ram_end = std::max(size.ram_end, address + length);
        }
    }
    return size;
}

}  // namespace bench
