// SPDX-License-Identifier: ISC
// The little of JSON (RFC 8259) that the socket's messages need: one flat object of strings without escapes, unsigned
// numbers, true and false, and arrays of numbers.
#include "sim/serve/page/board_request.hpp"

#include <fmt/format.h>

namespace sim::serve {
namespace {

class Reader {
  public:
    explicit Reader(std::string_view text) : text_(text) {}

    /// Skips blanks, and takes `wanted` if it is next.
    bool take(char wanted) {
        while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos)
            ++at_;
        if (at_ >= text_.size() || text_[at_] != wanted) return false;
        ++at_;
        return true;
    }

    void expect(char wanted) {
        if (!take(wanted)) fail(fmt::format("'{}' is missing", wanted));
    }

    std::string_view string() {
        expect('"');
        const auto end = text_.find_first_of("\"\\", at_);
        if (end == std::string_view::npos || text_[end] == '\\')
            fail("a string has no end, or an escape that no field needs");
        const auto value = text_.substr(at_, end - at_);
        at_ = end + 1;
        return value;
    }

    std::uint32_t number(std::uint32_t limit) {
        (void)take('\0');
        std::uint64_t value = 0;
        const std::size_t start = at_;
        for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
            value = value * 10 + static_cast<unsigned>(text_[at_] - '0');
            if (value > limit) fail(fmt::format("a number is above {}", limit));
        }
        if (at_ == start) fail("a number is missing");
        return static_cast<std::uint32_t>(value);
    }

    bool boolean() {
        (void)take('\0');
        for (const bool value : {true, false}) {
            const std::string_view word = value ? "true" : "false";
            if (text_.substr(at_).starts_with(word)) {
                at_ += word.size();
                return value;
            }
        }
        fail("neither true nor false");
    }

    void end() {
        (void)take('\0');
        if (at_ != text_.size()) fail("text goes on behind the object");
    }

    [[noreturn]] void fail(const std::string& what) const {
        throw RequestError(fmt::format("at character {}: {}", at_, what));
    }

  private:
    std::string_view text_;
    std::size_t at_ = 0;
};

int digit(char character) {
    if (character >= '0' && character <= '9') return character - '0';
    if (character >= 'a' && character <= 'f') return character - 'a' + 10;
    return -1;
}

std::vector<std::uint8_t> bytes_of(std::string_view digits, const Reader& reader) {
    if (digits.size() % 2 != 0) reader.fail("data has half a byte");
    std::vector<std::uint8_t> bytes;
    for (std::size_t i = 0; i < digits.size(); i += 2) {
        const int high = digit(digits[i]);
        const int low = digit(digits[i + 1]);
        if (high < 0 || low < 0) reader.fail("data is no lower-case hexadecimal");
        bytes.push_back(static_cast<std::uint8_t>(high << 4 | low));
    }
    if (bytes.size() > 0xFFFF) reader.fail("data is longer than a control transfer");
    return bytes;
}

void read_field(Reader& reader, std::string_view name, BoardRequest& request) {
    if (name == "id") {
        request.id = reader.number(0xFFFF'FFFF);
    } else if (name == "do") {
        request.action = reader.string();
    } else if (name == "length") {
        request.length = reader.number(0xFFFF);
    } else if (name == "data") {
        request.data = bytes_of(reader.string(), reader);
    } else if (name == "value") {
        request.value = reader.boolean();
    } else if (name == "setup") {
        constexpr std::array<std::uint32_t, 4> limits{0xFF, 0xFF, 0xFFFF, 0xFFFF};
        reader.expect('[');
        for (request.setup_fields = 0; request.setup_fields < limits.size(); ++request.setup_fields) {
            if (request.setup_fields > 0) reader.expect(',');
            request.setup[request.setup_fields] = reader.number(limits[request.setup_fields]);
        }
        reader.expect(']');
    } else {
        reader.fail(fmt::format("there is no field \"{}\"", name));
    }
}

}  // namespace

BoardRequest parse_request(std::string_view text) {
    Reader reader(text);
    BoardRequest request;
    reader.expect('{');
    do {
        const auto name = reader.string();
        reader.expect(':');
        read_field(reader, name, request);
    } while (reader.take(','));
    reader.expect('}');
    reader.end();
    return request;
}

std::string answer_text(std::uint32_t id, std::string_view result, const std::vector<std::uint8_t>& data,
                        std::string_view detail) {
    std::string digits;
    for (const auto byte : data)
        digits += fmt::format("{:02x}", byte);
    return fmt::format(R"({{"id":{},"result":"{}","data":"{}","detail":{}}})", id, result, digits, json_string(detail));
}

std::string state_text(std::string_view name, const BoardState& state) {
    std::string device = "null";
    if (state.device)
        device = fmt::format(R"({{"attachment":{},"vendorId":{},"productId":{},"product":{},"serial":{}}})",
                             state.device->attachment, state.device->vendor_id, state.device->product_id,
                             json_string(state.device->product), json_string(state.device->serial));
    return fmt::format(
        R"({{"event":"board","name":{},"powered":{},"boot1":{},"led":{},"time":{:.3f},"device":{},"halted":{}}})",
        json_string(name), state.powered, state.button, state.led, seconds(state.time), device,
        json_string(state.halted));
}

std::string json_string(std::string_view text) {
    std::string result = "\"";
    for (const char character : text) {
        const auto code = static_cast<unsigned char>(character);
        if (character == '"' || character == '\\')
            result += {'\\', character};
        else if (code < 0x20)
            result += fmt::format("\\u{:04x}", code);
        else
            result += character;
    }
    return result + '"';
}

}  // namespace sim::serve
