// SPDX-License-Identifier: ISC
// Intel HEX: ":LLAAAATT<data>CC" lines; the record types 00 to 05 of Intel's specification of 1988.
#include <fmt/format.h>

#include "flasher/segments.hpp"

namespace flasher {
namespace {

enum class RecordType : std::uint8_t {
    data = 0,
    end_of_file = 1,
    extended_segment_address = 2,
    start_segment_address = 3,
    extended_linear_address = 4,
    start_linear_address = 5,
};

[[noreturn]] void fail(std::size_t line, const std::string& what) {
    throw ImageError(fmt::format("line {} of the Intel HEX text {}", line, what));
}

std::uint8_t nibble(std::uint8_t c, std::size_t line) {
    if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
    if (c >= 'A' && c <= 'F') return static_cast<std::uint8_t>(c - 'A' + 10);
    if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
    fail(line, fmt::format("has the character {:#04x} where a hex digit belongs", c));
}

/// Length, address (2), type, data, checksum of one line; checked against each other.
std::vector<std::uint8_t> decode(Bytes text, std::size_t line) {
    if (text[0] != ':') fail(line, "does not start with a colon");
    if (text.size() % 2 == 0) fail(line, "has half a byte at its end");
    std::vector<std::uint8_t> record;
    std::uint8_t sum = 0;
    for (std::size_t i = 1; i < text.size(); i += 2) {
        record.push_back(static_cast<std::uint8_t>(nibble(text[i], line) << 4 | nibble(text[i + 1], line)));
        sum = static_cast<std::uint8_t>(sum + record.back());
    }
    if (record.size() < 5) fail(line, "is too short for a record");
    if (record.size() != record[0] + 5U)
        fail(line, fmt::format("claims {} data bytes and holds {}", record[0], record.size() - 5));
    if (sum != 0) fail(line, "has a wrong checksum: the file is damaged");
    return record;
}

class Reader {
  public:
    void take(Bytes text, std::size_t line) {
        if (ended_) fail(line, "follows the end-of-file record");
        const auto record = decode(text, line);
        const auto data = Bytes(record).subspan(4, record[0]);
        const auto offset = static_cast<std::uint32_t>(record[1] << 8 | record[2]);
        switch (static_cast<RecordType>(record[3])) {
            case RecordType::data:
                add(offset, data, line);
                break;
            case RecordType::end_of_file:
                require(data, 0, line);
                ended_ = true;
                break;
            case RecordType::extended_segment_address:
                require(data, 2, line);
                base_ = static_cast<std::uint32_t>(data[0] << 8 | data[1]) << 4;
                break;
            case RecordType::extended_linear_address:
                require(data, 2, line);
                base_ = static_cast<std::uint32_t>(data[0] << 8 | data[1]) << 16;
                break;
            // Where a program would be started by a loader; a Cortex-M starts at its vector table.
            case RecordType::start_segment_address:
            case RecordType::start_linear_address:
                require(data, 4, line);
                break;
            default:
                fail(line, fmt::format("has the unknown record type {}", record[3]));
        }
    }

    [[nodiscard]] Image finish() && {
        if (!ended_) throw ImageError("the Intel HEX text has no end-of-file record: the file is cut short");
        return join(std::move(segments_), ImageFormat::intel_hex);
    }

  private:
    static void require(Bytes data, std::size_t length, std::size_t line) {
        if (data.size() != length) fail(line, fmt::format("has {} data bytes instead of {}", data.size(), length));
    }

    void add(std::uint32_t offset, Bytes data, std::size_t line) {
        // What lies behind offset FFFF differs between the two address modes; no linker writes it.
        if (offset + data.size() > 0x1'0000) fail(line, "crosses a 64 KiB border");
        const std::uint32_t address = base_ + offset;
        const bool follows =
            !segments_.empty() && std::uint64_t{segments_.back().address} + segments_.back().bytes.size() == address;
        if (!follows) segments_.push_back({.address = address, .bytes = {}});
        segments_.back().bytes.insert(segments_.back().bytes.end(), data.begin(), data.end());
    }

    std::vector<Segment> segments_;
    std::uint32_t base_ = 0;
    bool ended_ = false;
};

bool is_blank(std::uint8_t c) {
    return c == ' ' || c == '\t' || c == '\r';
}

}  // namespace

Image parse_intel_hex(Bytes file) {
    Reader reader;
    std::size_t line = 1;
    for (std::size_t start = 0; start < file.size(); ++line) {
        std::size_t end = start;
        while (end < file.size() && file[end] != '\n')
            ++end;
        auto text = file.subspan(start, end - start);
        while (!text.empty() && is_blank(text.back()))
            text = text.first(text.size() - 1);
        while (!text.empty() && is_blank(text.front()))
            text = text.subspan(1);
        if (!text.empty()) reader.take(text, line);
        start = end + 1;
    }
    return std::move(reader).finish();
}

}  // namespace flasher
