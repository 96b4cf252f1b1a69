// SPDX-License-Identifier: ISC
// Values across the border, and what is said of those that do not fit.
#include <cctype>
#include <cmath>

#include <fmt/format.h>
#include <lua.hpp>

#include "sim/script/lua.hpp"

namespace sim::script {

void Call::wrong(int position, std::string_view wanted) const {
    throw std::invalid_argument(fmt::format("argument {} of {} must be {}, and is {}", position, name_, wanted,
                                            has(position) ? shown(position) : "not there"));
}

int Call::count() const {
    return lua_gettop(state_);
}

bool Call::has(int position) const {
    return !lua_isnoneornil(state_, position);
}

double Call::number(int position) const {
    int is_number = 0;
    const double value = lua_tonumberx(state_, position, &is_number);
    if (is_number == 0 || lua_type(state_, position) != LUA_TNUMBER || !std::isfinite(value))
        wrong(position, "a number");
    return value;
}

std::int64_t Call::integer(int position, std::int64_t least, std::int64_t most) const {
    int is_integer = 0;
    const std::int64_t value = lua_tointegerx(state_, position, &is_integer);
    if (is_integer == 0 || lua_type(state_, position) != LUA_TNUMBER || value < least || value > most)
        wrong(position, fmt::format("a whole number from {} to {}", least, most));
    return value;
}

bool Call::truth(int position) const {
    return lua_toboolean(state_, position) != 0;
}

std::string Call::text(int position) const {
    if (lua_type(state_, position) != LUA_TSTRING) wrong(position, "a text");
    std::size_t length = 0;
    const char* const bytes = lua_tolstring(state_, position, &length);
    return {bytes, length};
}

std::string Call::text_or(int position, const char* otherwise) const {
    return has(position) ? text(position) : otherwise;
}

Time Call::time(int position) const {
    constexpr double day = 86'400;
    if (lua_type(state_, position) != LUA_TNUMBER) wrong(position, "a time, such as 5*ms");
    const double value = number(position);
    if (value < 0 || value > day) wrong(position, "a time from 0 to a day, in seconds, such as 5*ms");
    return Time{static_cast<std::int64_t>(std::llround(value * 1e12))};
}

Time Call::time_or(int position, Time otherwise) const {
    return has(position) ? time(position) : otherwise;
}

Pin Call::pin(int position) const {
    const auto is_digit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; };
    const std::string name = lua_type(state_, position) == LUA_TSTRING ? text(position) : "";
    const bool shaped = (name.size() == 3 || name.size() == 4) && name[0] == 'P' && name[1] >= 'A' && name[1] <= 'G' &&
                        is_digit(name[2]) && (name.size() == 3 || is_digit(name[3]));
    const int number = shaped ? std::stoi(name.substr(2)) : 16;
    if (number > 15) wrong(position, "a pin, such as \"PC13\"");
    return {name[1], static_cast<std::uint8_t>(number)};
}

Level Call::level(int position) const {
    const std::string name = lua_type(state_, position) == LUA_TSTRING ? text(position) : "";
    if (name != "high" && name != "low") wrong(position, "\"high\" or \"low\"");
    return name == "high" ? Level::high : Level::low;
}

Callback Call::callback(int position) const {
    if (lua_type(state_, position) != LUA_TFUNCTION) wrong(position, "a function");
    lua_pushvalue(state_, position);
    return {lua_.self_, luaL_ref(state_, LUA_REGISTRYINDEX)};
}

bool Call::equal(int left, int right) const {
    return lua_compare(state_, left, right, LUA_OPEQ) != 0;
}

std::string text_in_quotes(const std::string& text) {
    constexpr std::size_t most = 200;
    std::string shown = "\"";
    for (const char c : text.substr(0, most)) {
        const bool plain = std::isprint(static_cast<unsigned char>(c)) != 0 && c != '"' && c != '\\';
        shown += plain       ? std::string(1, c)
                 : c == '\n' ? "\\n"
                             : fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
    return shown + (text.size() > most ? fmt::format("\" and {} bytes more", text.size() - most) : "\"");
}

std::string Call::printed(int position) const {
    std::string printed = luaL_tolstring(state_, position, nullptr);
    lua_pop(state_, 1);
    return printed;
}

std::string Call::shown(int position) const {
    return lua_type(state_, position) == LUA_TSTRING ? text_in_quotes(text(position)) : printed(position);
}

int Call::answer(const Value& value) {
    push(state_, value);
    return 1;
}

int Call::answer_truth(bool value) {
    lua_pushboolean(state_, value ? 1 : 0);
    return 1;
}

int Call::answer_table(const std::vector<std::pair<std::string, Value>>& fields) {
    lua_createtable(state_, 0, static_cast<int>(fields.size()));
    for (const auto& [name, value] : fields) {
        push(state_, value);
        lua_setfield(state_, -2, name.c_str());
    }
    return 1;
}

int Call::answer_list(const std::vector<std::string>& list) {
    lua_createtable(state_, static_cast<int>(list.size()), 0);
    for (std::size_t at = 0; at < list.size(); ++at) {
        push(state_, list[at]);
        lua_rawseti(state_, -2, static_cast<lua_Integer>(at) + 1);
    }
    return 1;
}

}  // namespace sim::script
