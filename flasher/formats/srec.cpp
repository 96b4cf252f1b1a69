// SPDX-License-Identifier: ISC
// Motorola S-records: "STLL<address><data>CC" lines. S1, S2 and S3 carry data behind 16, 24 and 32 bits of address, S5
// and S6 count them, S7, S8 and S9 end the file with a start address.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "flasher/formats/segments.hpp"
#include "flasher/formats/text.hpp"

namespace flasher {
namespace {

constexpr const char* format_name = "S-record";

[[noreturn]] void fail(std::size_t line, const std::string& what) {
    fail_line(format_name, line, what);
}

/// Bytes of the address, by the digit behind the S.
constexpr std::array<std::size_t, 10> address_bytes{2, 2, 3, 4, 0, 2, 3, 4, 3, 2};

/// Count, address, data, checksum of one line; checked against each other.
std::vector<std::uint8_t> decode(Bytes text, std::size_t line) {
    if (text.size() < 2 || text[0] != 'S' || text[1] < '0' || text[1] > '9' || text[1] == '4')
        fail(line, "does not start with S and the digit of a record's type");
    auto record = decode_digits(text.subspan(2), format_name, line);
    const auto addresses = address_bytes[text[1] - std::size_t{'0'}];
    if (record.size() < addresses + 2) fail(line, "is too short for a record");
    if (record.size() != record[0] + 1U)
        fail(line, fmt::format("claims {} bytes and holds {}", record[0], record.size() - 1));
    std::uint8_t sum = 0;
    for (const auto byte : record)
        sum = static_cast<std::uint8_t>(sum + byte);
    if (sum != 0xFF) fail(line, "has a wrong checksum: the file is damaged");
    return record;
}

void write_record(std::string& text, char type, std::uint32_t address, Bytes data) {
    const auto addresses = address_bytes[static_cast<std::size_t>(type - '0')];
    std::vector<std::uint8_t> record{static_cast<std::uint8_t>(addresses + data.size() + 1)};
    for (std::size_t i = addresses; i > 0; --i)
        record.push_back(static_cast<std::uint8_t>(address >> 8 * (i - 1)));
    record.insert(record.end(), data.begin(), data.end());
    std::uint8_t sum = 0;
    text += 'S';
    text += type;
    for (const auto byte : record) {
        append_digits(text, byte);
        sum = static_cast<std::uint8_t>(sum + byte);
    }
    append_digits(text, static_cast<std::uint8_t>(~sum));
    text += "\r\n";
}

}  // namespace

bool is_s_record(Bytes file) {
    const auto line = RecordLines(file).next();
    return line && line->text.size() >= 10 && line->text[0] == 'S' && line->text[1] >= '0' && line->text[1] <= '3' &&
           std::ranges::all_of(line->text.subspan(1, 9), is_hex_digit);
}

Image parse_s_record(Bytes file) {
    std::vector<Segment> segments;
    RecordLines lines(file);
    std::size_t data_records = 0;
    bool ended = false, counted_all = false;
    while (const auto line = lines.next()) {
        counted_all = false;
        if (ended) fail(line->number, "follows the end record: two files in one; choose one of them");
        const auto record = decode(line->text, line->number);
        const char type = static_cast<char>(line->text[1]);
        const auto addresses = address_bytes[static_cast<std::size_t>(type - '0')];
        std::uint32_t address = 0;
        for (std::size_t i = 1; i <= addresses; ++i)
            address = address << 8 | record[i];
        if (type >= '1' && type <= '3') {
            append(segments, address, Bytes(record).subspan(1 + addresses, record.size() - 2 - addresses));
            ++data_records;
        } else if (type == '5' || type == '6') {
            const std::size_t counted = data_records & ((std::size_t{1} << 8 * addresses) - 1);
            if (address != counted)
                fail(line->number,
                     fmt::format("counts {} records and follows {}: the file lost a part", address, data_records));
            counted_all = true;
        } else {
            ended = type >= '7';
        }
    }
    // srec_cat writes no end record where it knows no start address.
    if (!ended && !counted_all)
        throw ImageError(
            "the S-record text has neither an end record (S7, S8 or S9) nor a count at its end: the file is cut short");
    return join(std::move(segments), ImageFormat::s_record);
}

std::vector<std::uint8_t> write_s_record(Bytes image, std::uint32_t base) {
    constexpr std::size_t line_length = 32;
    std::string text;
    write_record(text, '0', 0, {});
    for (std::size_t at = 0; at < image.size(); at += line_length)
        write_record(text, '3', static_cast<std::uint32_t>(base + at),
                     image.subspan(at, std::min(line_length, image.size() - at)));
    write_record(text, '7', base, {});
    return {text.begin(), text.end()};
}

}  // namespace flasher
