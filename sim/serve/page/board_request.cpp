// SPDX-License-Identifier: ISC
// Messages from and to JSON.
#include "sim/serve/page/board_request.hpp"

#include <charconv>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace sim::serve::page {
namespace {

using Json = nlohmann::ordered_json;  // messages keep the order of their documentation

template <class Number>
Number number(const Json& value) {
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() > std::numeric_limits<Number>::max())
        throw RequestError(
            fmt::format("{} is not a number from 0 to {}", value.dump(), std::numeric_limits<Number>::max()));
    return value.get<Number>();
}

const std::string& text(const Json& value) {
    if (!value.is_string()) throw RequestError(fmt::format("{} is not a text", value.dump()));
    return value.get_ref<const std::string&>();
}

std::vector<std::uint8_t> bytes(std::string_view digits) {
    if (digits.size() % 2 != 0 || digits.find_first_not_of("0123456789abcdef") != std::string_view::npos)
        throw RequestError("data is not whole bytes of lower-case hexadecimal");
    if (digits.size() > 2 * 0xFFFF) throw RequestError("data is longer than a control transfer");
    std::vector<std::uint8_t> result(digits.size() / 2);
    for (std::size_t i = 0; i < result.size(); ++i)
        std::from_chars(&digits[2 * i], &digits[2 * i] + 2, result[i], 16);
    return result;
}

flasher::SetupPacket setup(const Json& value) {
    if (!value.is_array() || value.size() != 4)
        throw RequestError("setup is not an array of bmRequestType, bRequest, wValue and wIndex");
    return {.bmRequestType = number<std::uint8_t>(value[0]),
            .bRequest = number<std::uint8_t>(value[1]),
            .wValue = number<std::uint16_t>(value[2]),
            .wIndex = number<std::uint16_t>(value[3])};
}

bool boolean(const Json& value) {
    if (!value.is_boolean()) throw RequestError(fmt::format("{} is neither true nor false", value.dump()));
    return value.get<bool>();
}

std::string digits_of(const std::vector<std::uint8_t>& data) {
    std::string digits;
    for (const auto byte : data)
        digits += fmt::format("{:02x}", byte);
    return digits;
}

/// A device's texts may hold anything; JSON may not.
std::string written(const Json& message) {
    return message.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

BoardRequest parse_request(std::string_view message) {
    const auto object = Json::parse(message, nullptr, false);
    if (!object.is_object() || object.empty()) throw RequestError("the message is not a JSON object with fields");
    BoardRequest request;
    for (const auto& [name, value] : object.items()) {
        if (name == "id")
            request.id = number<std::uint32_t>(value);
        else if (name == "do")
            request.action = text(value);
        else if (name == "setup")
            request.setup = setup(value);
        else if (name == "length")
            request.length = number<std::uint16_t>(value);
        else if (name == "data")
            request.data = bytes(text(value));
        else if (name == "value")
            request.value = boolean(value);
        else if (name == "baud")
            request.baud = number<std::uint32_t>(value);
        else
            throw RequestError(fmt::format("there is no field \"{}\"", name));
    }
    return request;
}

std::string answer_text(std::uint32_t id, std::string_view result, const std::vector<std::uint8_t>& data,
                        std::string_view detail) {
    return written({{"id", id}, {"result", result}, {"data", digits_of(data)}, {"detail", detail}});
}

std::string state_text(std::string_view name, const BoardState& state) {
    Json device;
    if (const auto& there = state.device)
        device = {{"attachment", there->attachment},
                  {"vendorId", there->vendor_id},
                  {"productId", there->product_id},
                  {"product", there->product},
                  {"serial", there->serial}};
    return written({{"event", "board"},
                    {"name", name},
                    {"powered", state.powered},
                    {"boot1", state.button},
                    {"led", state.led},
                    {"time", std::round(seconds(state.time) * 1000) / 1000},
                    {"device", device},
                    {"halted", state.halted}});
}

std::string serial_text(const std::vector<std::uint8_t>& data) {
    return written({{"event", "serial"}, {"data", digits_of(data)}});
}

std::string list_text(std::span<const ListedBoard> boards) {
    Json list = Json::array();
    for (const auto& [name, adapters] : boards)
        list.push_back({{"name", name}, {"socket", fmt::format("/board/{}", list.size())}, {"adapters", adapters}});
    return written(list);
}

}  // namespace sim::serve::page
