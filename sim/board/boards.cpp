// SPDX-License-Identifier: ISC
// One table of boards.
#include "sim/board/boards.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

namespace sim {
namespace {

constexpr Pin pa0{'A', 0}, pa9{'A', 9}, pa13{'A', 13}, pa14{'A', 14}, pa15{'A', 15}, pb1{'B', 1}, pb2{'B', 2},
    pb9{'B', 9}, pc11{'C', 11}, pc12{'C', 12}, pc13{'C', 13};

/// An open-drain output that pulls the base of a PNP transistor to ground switches DP's pull-up on.
UsbPullUp switched_low(Pin pin) {
    return {.kind = UsbPullUp::Kind::switched, .pin = pin, .on = Level::low, .needs_push_pull = false};
}

std::vector<Board> make_boards() {
    std::vector<Board> list;

    list.push_back({.id = "stm32f103", .title = "bare STM32F103", .chip = stm32f103cb, .wiring = {}});
    list.back().wiring.name = "stm32f103";

    Board bluepill{.id = "bluepill", .title = "Blue Pill", .chip = stm32f103c8_with_128, .wiring = {}};
    bluepill.wiring.name = "bluepill";
    bluepill.wiring.has_led = true;
    bluepill.wiring.led = pc13;
    bluepill.wiring.led_lit = Level::low;
    bluepill.wiring.has_button = true;
    // BOOT1: a jumper to either rail through 100 kOhm.
    bluepill.wiring.button = {.pin = pb2, .pressed = Level::high, .drives_when_released = true, .ohms = 100'000};
    list.push_back(bluepill);

    Board plus = bluepill;
    plus.id = plus.wiring.name = "bluepillplusstm32";
    plus.title = "Blue Pill Plus (STM32)";
    plus.chip = stm32f103cb;
    plus.wiring.led = pb2;
    plus.wiring.led_lit = Level::high;
    plus.wiring.button = {.pin = pa0, .pressed = Level::high, .drives_when_released = false, .ohms = 0};
    list.push_back(plus);

    plus.id = plus.wiring.name = "bluepillplusgd32";
    plus.title = "Blue Pill Plus (GD32)";
    plus.chip.name = "GD32F103CB";
    plus.chip.page_bytes = 2048;  // what the board's users have always built for
    list.push_back(plus);

    Board maple{.id = "maplemini", .title = "Maple Mini", .chip = stm32f103cb, .wiring = {}};
    maple.wiring.name = "maplemini";
    maple.wiring.has_led = true;
    maple.wiring.led = pb1;
    maple.wiring.led_lit = Level::high;
    maple.wiring.usb_pull_up = switched_low(pb9);
    list.push_back(maple);

    Board stlink{.id = "stlink", .title = "ST-Link dongle", .chip = stm32f103c8_with_128, .wiring = {}};
    stlink.wiring.name = "stlink";
    stlink.wiring.has_led = true;
    stlink.wiring.led = pa9;
    stlink.wiring.led_lit = Level::high;
    list.push_back(stlink);

    // LED, button and pull-up as Zephyr's boards/olimex/stm32_h103 has them.
    Board olimex{.id = "olimexstm32h103", .title = "Olimex STM32-H103", .chip = stm32f103cb, .wiring = {}};
    olimex.wiring.name = "olimexstm32h103";
    olimex.wiring.has_led = true;
    olimex.wiring.led = pc12;
    olimex.wiring.led_lit = Level::low;
    olimex.wiring.has_button = true;
    olimex.wiring.button = {.pin = pa0, .pressed = Level::low, .drives_when_released = false, .ohms = 0};
    // The board's own resistor holds the released button.
    olimex.wiring.pulls = {{.pin = pa0, .to = Level::high, .ohms = 10'000, .farads = 0}};
    olimex.wiring.usb_pull_up = switched_low(pc11);
    list.push_back(olimex);

    Board skr{.id = "bttskrminie3v2", .title = "BTT SKR mini E3 V2", .chip = stm32f103rc, .wiring = {}};
    skr.wiring.name = "bttskrminie3v2";
    skr.wiring.has_led = true;
    skr.wiring.led = pa13;
    skr.wiring.led_lit = Level::high;
    skr.wiring.has_button = true;
    skr.wiring.button = {.pin = pa15, .pressed = Level::low, .drives_when_released = false, .ohms = 0};
    skr.wiring.usb_pull_up = switched_low(pa14);
    list.push_back(skr);
    return list;
}

}  // namespace

const std::vector<Board>& boards() {
    static const std::vector<Board> list = make_boards();
    return list;
}

const Board* find_board(std::string_view id) {
    const auto found = std::ranges::find(boards(), id, &Board::id);
    return found == boards().end() ? nullptr : &*found;
}

ChipVariant with_flash_size(ChipVariant chip, unsigned kib) {
    if (kib != 64 && kib != 128 && kib != 256 && kib != 512)
        throw std::invalid_argument(
            fmt::format("no STM32F103 with {} KiB of flash is modelled; choose 64, 128, 256 or 512", kib));
    const auto& model = kib <= 128 ? stm32f103cb : stm32f103rc;
    chip.flash_bytes = kib * 1024U;
    chip.size_register = static_cast<std::uint16_t>(kib);
    chip.page_bytes = model.page_bytes;
    chip.ram_bytes = model.ram_bytes;
    chip.idcode = model.idcode;
    chip.name = fmt::format("STM32F103 ({} KiB)", kib);
    return chip;
}

}  // namespace sim
