// SPDX-License-Identifier: ISC
// Reads the script, fills its box and runs it.
#include "sim/script/script.hpp"

#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "flasher/image.hpp"
#include "sim/script/functions.hpp"

namespace sim::script {

void run_script(const std::filesystem::path& script, Bench& bench,
                const std::map<std::string, std::filesystem::path>& files, const Limits& limits) {
    std::ifstream in(script, std::ios::binary);
    if (!in || std::filesystem::is_directory(script))
        throw flasher::ImageError(fmt::format("{}: cannot be read; name a script in Lua", script.string()));
    const std::string source{std::istreambuf_iterator<char>(in), {}};

    Lua lua(limits);
    for (const auto& [name, seconds] : {std::pair{"s", 1.0}, {"ms", 1e-3}, {"us", 1e-6}, {"ns", 1e-9}})
        lua.add_number(name, seconds);
    for (const auto& [name, path] : files)
        lua.add_text("files." + name, std::filesystem::absolute(path).string());
    add_expect_functions(lua, bench);
    add_board_functions(lua, bench);
    add_pin_functions(lua, bench);
    add_serial_functions(lua, bench);
    add_usb_functions(lua, bench);
    add_dfu_functions(lua, bench);
    lua.run(source, script.filename().string());
}

}  // namespace sim::script
