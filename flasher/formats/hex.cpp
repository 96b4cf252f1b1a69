// SPDX-License-Identifier: ISC
// Intel HEX: ":LLAAAATT<data>CC" lines; the record types 00 to 05 of Intel's specification of 1988.
#include <algorithm>

#include <fmt/format.h>

#include "flasher/formats/segments.hpp"
#include "flasher/formats/text.hpp"

namespace flasher {
namespace {

constexpr const char* format_name = "Intel HEX";

enum class RecordType : std::uint8_t {
    data = 0,
    end_of_file = 1,
    extended_segment_address = 2,
    start_segment_address = 3,
    extended_linear_address = 4,
    start_linear_address = 5,
};

[[noreturn]] void fail(std::size_t line, const std::string& what) {
    fail_line(format_name, line, what);
}

/// Length, address (2), type, data, checksum of one line; checked against each other.
std::vector<std::uint8_t> decode(Bytes text, std::size_t line) {
    if (text[0] != ':') fail(line, "does not start with a colon");
    auto record = decode_digits(text.subspan(1), format_name, line);
    if (record.size() < 5) fail(line, "is too short for a record");
    if (record.size() != record[0] + 5U)
        fail(line, fmt::format("claims {} data bytes and holds {}", record[0], record.size() - 5));
    std::uint8_t sum = 0;
    for (const auto byte : record)
        sum = static_cast<std::uint8_t>(sum + byte);
    if (sum != 0) fail(line, "has a wrong checksum: the file is damaged");
    return record;
}

class Reader {
  public:
    void take(Bytes text, std::size_t line) {
        if (ended_) fail(line, "follows the end-of-file record: two files in one; choose one of them");
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
        append(segments_, base_ + offset, data);
    }

    std::vector<Segment> segments_;
    std::uint32_t base_ = 0;
    bool ended_ = false;
};

void write_record(std::string& text, RecordType type, std::uint32_t offset, Bytes data) {
    const std::uint8_t head[] = {static_cast<std::uint8_t>(data.size()), static_cast<std::uint8_t>(offset >> 8),
                                 static_cast<std::uint8_t>(offset), static_cast<std::uint8_t>(type)};
    unsigned sum = 0;
    text += ':';
    for (const Bytes part : {Bytes(head), data})
        for (const auto byte : part) {
            append_digits(text, byte);
            sum += byte;
        }
    append_digits(text, static_cast<std::uint8_t>(-sum));
    text += "\r\n";
}

}  // namespace

bool is_intel_hex(Bytes file) {
    // A stack word that reads ":100" is no RAM address, so no plain binary that could run is mistaken for text.
    const auto line = RecordLines(file).next();
    return line && line->text.size() >= 11 && line->text[0] == ':' &&
           std::ranges::all_of(line->text.subspan(1, 10), is_hex_digit);
}

Image parse_intel_hex(Bytes file) {
    Reader reader;
    RecordLines lines(file);
    while (const auto line = lines.next())
        reader.take(line->text, line->number);
    return std::move(reader).finish();
}

std::vector<std::uint8_t> write_intel_hex(Bytes image, std::uint32_t base) {
    constexpr std::size_t line_length = 16, border = 0x1'0000;
    std::string text;
    std::optional<std::uint32_t> upper;
    for (std::size_t at = 0; at < image.size();) {
        const auto address = static_cast<std::uint32_t>(base + at);
        if (upper != address >> 16) {
            upper = address >> 16;
            const std::uint8_t data[] = {static_cast<std::uint8_t>(*upper >> 8), static_cast<std::uint8_t>(*upper)};
            write_record(text, RecordType::extended_linear_address, 0, data);
        }
        const auto length = std::min({line_length, image.size() - at, border - address % border});
        write_record(text, RecordType::data, address & 0xFFFF, image.subspan(at, length));
        at += length;
    }
    write_record(text, RecordType::end_of_file, 0, {});
    return {text.begin(), text.end()};
}

}  // namespace flasher
