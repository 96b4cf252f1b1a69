// SPDX-License-Identifier: ISC
// Lines of the console.
#include "sim/serve/usbip/console.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

#include <fmt/format.h>

namespace sim::serve::usbip {
namespace {

std::vector<std::string_view> words_of(std::string_view line) {
    constexpr std::string_view blanks = " \t\r\n";
    std::vector<std::string_view> words;
    for (;;) {
        const auto begin = line.find_first_not_of(blanks);
        if (begin == std::string_view::npos) return words;
        line.remove_prefix(begin);
        const auto end = std::min(line.find_first_of(blanks), line.size());
        words.push_back(line.substr(0, end));
        line.remove_prefix(end);
    }
}

std::string error(std::string_view what) {
    return fmt::format("error: {}\n", what);
}

std::string describe(const ServedBoard& board) {
    const auto& device = board.device();
    const std::string on_bus =
        device ? fmt::format("{:04x}:{:04x}", device->device.idVendor, device->device.idProduct) : "no device";
    const auto word = [](bool on) { return on ? "on" : "off"; };
    return fmt::format("{}: {}, power {}, button {}, LED {}, {} flash operations{}{}\n", board.bus_id(), on_bus,
                       word(board.powered()), word(board.button_held()), word(board.led_lit()),
                       board.flash_operations(), board.halted().empty() ? "" : ", halted: ", board.halted());
}

std::optional<bool> switched(std::string_view word) {
    if (word == "on") return true;
    if (word == "off") return false;
    return std::nullopt;
}

// A number from 1 up, in decimal digits and nothing else.
std::optional<std::uint32_t> ordinal(std::string_view word) {
    std::uint32_t number = 0;
    const auto [rest, wrong] = std::from_chars(word.data(), word.data() + word.size(), number);
    if (wrong != std::errc{} || rest != word.data() + word.size() || number == 0) return std::nullopt;
    return number;
}

std::string handle(const std::vector<std::string_view>& words, ServedBoard& board) {
    if (words[0] == "reset" && words.size() == 2) {
        board.press_reset();
        return "ok\n";
    }
    if (words[0] == "cut" && words.size() == 3) {
        const auto operation = ordinal(words[2]);
        if (!operation) return error("a flash operation is a number from 1 up, counted from now");
        board.cut_power_at(*operation);
        return "ok\n";
    }
    const auto on = words.size() == 3 ? switched(words[2]) : std::nullopt;
    if (!on) return error(fmt::format("expected {}", console_help));
    if (words[0] == "power") {
        board.set_power(*on);
        return "ok\n";
    }
    if (words[0] == "boot0") {
        board.machine().set_boot0(*on ? Level::high : Level::low);
        return "ok\n";
    }
    if (words[0] != "button") return error(fmt::format("expected {}", console_help));
    if (!board.has_button()) return error("this board has no button");
    board.hold_button(*on);
    return "ok\n";
}

}  // namespace

std::string carry_out(std::string_view line, const Boards& boards) {
    const auto words = words_of(line);
    if (words.empty()) return "";
    if (words[0] == "help" && words.size() == 1) return fmt::format("{}\nok\n", console_help);
    if (words[0] == "list" && words.size() == 1) {
        std::string answer;
        for (const auto& board : boards)
            answer += describe(*board);
        return answer + "ok\n";
    }
    if (words.size() < 2) return error(fmt::format("expected {}", console_help));
    const auto board = std::ranges::find(boards, words[1], &ServedBoard::bus_id);
    if (board == boards.end()) return error("there is no such board; try list");
    return handle(words, **board);
}

}  // namespace sim::serve::usbip
