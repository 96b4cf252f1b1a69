// SPDX-License-Identifier: ISC
// The functions that a script has, a group a file; docs/scripting.md lists them.
#pragma once

#include "sim/script/bench.hpp"
#include "sim/script/lua.hpp"

namespace sim::script {

void add_expect_functions(Lua& lua, Bench& bench);
void add_board_functions(Lua& lua, Bench& bench);
void add_pin_functions(Lua& lua, Bench& bench);
void add_serial_functions(Lua& lua, Bench& bench);
void add_usb_functions(Lua& lua, Bench& bench);
void add_dfu_functions(Lua& lua, Bench& bench);

/// Virtual time for messages: "12.345 ms".
[[nodiscard]] std::string text_of(Time time);

}  // namespace sim::script
