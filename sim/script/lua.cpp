// SPDX-License-Identifier: ISC
// The box: libraries, limits, and the border that exceptions cross. Lua is the one that Debian compiles as C++: its
// errors are exceptions, too, and destructors run.
#include "sim/script/lua.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#include <fmt/format.h>
#include <lua.hpp>

#include "sim/chip/error.hpp"

namespace sim::script {
namespace {

constexpr int instructions_between_looks = 10'000;

/// What the base library has beyond values: files, code from texts, and ways to catch an error, which would let a
/// script go on after a failure.
constexpr const char* removed[] = {"dofile", "loadfile", "load", "require", "collectgarbage", "pcall", "xpcall"};

}  // namespace

void push(lua_State* state, const Value& value) {
    if (const auto* const real = std::get_if<double>(&value)) lua_pushnumber(state, *real);
    if (const auto* const whole = std::get_if<std::int64_t>(&value)) lua_pushinteger(state, *whole);
    if (const auto* const text = std::get_if<std::string>(&value)) lua_pushlstring(state, text->data(), text->size());
}

Lua::Lua(const Limits& limits) : limits_(limits), state_(lua_newstate(allocate, this)) {
    if (state_ == nullptr) throw std::bad_alloc();
    *static_cast<Lua**>(lua_getextraspace(state_)) = this;
    open_libraries();
    const auto look = [](lua_State* state, lua_Debug*) { (*static_cast<Lua**>(lua_getextraspace(state)))->count(); };
    lua_sethook(state_, look, LUA_MASKCOUNT, instructions_between_looks);
}

Lua::~Lua() {
    lua_close(state_);
}

void Lua::open_libraries() {
    luaL_requiref(state_, LUA_GNAME, luaopen_base, 1);
    luaL_requiref(state_, LUA_TABLIBNAME, luaopen_table, 1);
    luaL_requiref(state_, LUA_STRLIBNAME, luaopen_string, 1);
    luaL_requiref(state_, LUA_MATHLIBNAME, luaopen_math, 1);
    luaL_requiref(state_, LUA_UTF8LIBNAME, luaopen_utf8, 1);
    lua_settop(state_, 0);
    for (const char* const name : removed) {
        lua_pushnil(state_);
        lua_setglobal(state_, name);
    }
}

void* Lua::allocate(void* lua, void* block, std::size_t old_size, std::size_t new_size) {
    auto& self = *static_cast<Lua*>(lua);
    const std::size_t before = block != nullptr ? old_size : 0;
    if (new_size == 0) {
        std::free(block);
        self.memory_ -= before;
        return nullptr;
    }
    if (self.memory_ - before + new_size > self.limits_.memory) return nullptr;
    void* const moved = std::realloc(block, new_size);
    if (moved != nullptr) self.memory_ = self.memory_ - before + new_size;
    return moved;
}

void Lua::count() {
    instructions_ += instructions_between_looks;
    if (instructions_ <= limits_.instructions) return;
    luaL_where(state_, 0);
    lua_pushfstring(state_,
                    "the script has run for %d million instructions without an end; is there a loop that waits for "
                    "nothing?",
                    static_cast<int>(limits_.instructions / 1'000'000));
    lua_concat(state_, 2);
    lua_error(state_);
}

void Lua::push_table_of(const std::string& name, std::string& last) {
    const auto dot = name.find('.');
    lua_pushglobaltable(state_);
    last = dot == std::string::npos ? name : name.substr(dot + 1);
    if (dot == std::string::npos) return;
    if (lua_getfield(state_, -1, name.substr(0, dot).c_str()) == LUA_TTABLE) return;
    lua_pop(state_, 1);
    lua_newtable(state_);
    lua_pushvalue(state_, -1);
    lua_setfield(state_, -3, name.substr(0, dot).c_str());
}

void Lua::add(const std::string& name, std::function<int(Call&)> body) {
    functions_.push_back(std::make_unique<Function>(Function{.lua = this, .name = name, .body = std::move(body)}));
    std::string last;
    push_table_of(name, last);
    lua_pushlightuserdata(state_, functions_.back().get());
    lua_pushcclosure(state_, call, 1);
    lua_setfield(state_, -2, last.c_str());
    lua_settop(state_, 0);
}

void Lua::add_number(const std::string& name, double value) {
    std::string last;
    push_table_of(name, last);
    lua_pushnumber(state_, value);
    lua_setfield(state_, -2, last.c_str());
    lua_settop(state_, 0);
}

void Lua::add_text(const std::string& name, const std::string& value) {
    std::string last;
    push_table_of(name, last);
    lua_pushlstring(state_, value.data(), value.size());
    lua_setfield(state_, -2, last.c_str());
    lua_settop(state_, 0);
}

int Lua::call(lua_State* state) {
    auto& function = *static_cast<Function*>(lua_touserdata(state, lua_upvalueindex(1)));
    std::string why;
    try {
        Call call(*function.lua, state, function.name);
        const int results = function.body(call);
        function.lua->check();
        return results;
    } catch (const MachineError& error) {
        function.lua->firmware_failed_ = true;
        why = error.what();
    } catch (const std::exception& error) {
        why = error.what();
    }
    // Outside of the handler: what Lua throws is no std::exception.
    luaL_where(state, 1);
    lua_pushlstring(state, why.data(), why.size());
    lua_concat(state, 2);
    return lua_error(state);
}

void Lua::run(const std::string& source, const std::string& file) {
    const auto message = [this] {
        const char* const text = lua_tostring(state_, -1);
        std::string all = text != nullptr ? text : "the script ended with an error that is no text";
        lua_settop(state_, 0);
        return all;
    };
    if (luaL_loadbufferx(state_, source.data(), source.size(), ("@" + file).c_str(), "t") != LUA_OK)
        throw ScriptError(ScriptError::Kind::syntax, message());
    if (lua_pcall(state_, 0, 0, 0) == LUA_OK) return;
    throw ScriptError(firmware_failed_ ? ScriptError::Kind::firmware : ScriptError::Kind::failed, message());
}

void Lua::check() {
    if (callback_error_.empty()) return;
    throw std::runtime_error(std::exchange(callback_error_, {}));
}

std::optional<std::int64_t> Callback::operator()(const std::vector<Value>& values) const {
    const auto alive = lua_.lock();
    if (!alive || !(*alive)->callback_error_.empty()) return std::nullopt;
    Lua& lua = **alive;
    lua_State* const state = lua.state_;
    const int top = lua_gettop(state);
    if (lua_checkstack(state, static_cast<int>(values.size()) + 2) == 0) return std::nullopt;
    lua_rawgeti(state, LUA_REGISTRYINDEX, reference_);
    for (const Value& value : values)
        push(state, value);
    std::optional<std::int64_t> result;
    if (lua_pcall(state, static_cast<int>(values.size()), 1, 0) != LUA_OK) {
        const char* const text = lua_tostring(state, -1);
        lua.callback_error_ = fmt::format("in a function that was called back: {}", text != nullptr ? text : "?");
    } else if (lua_isinteger(state, -1) != 0) {
        result = lua_tointeger(state, -1);
    }
    lua_settop(state, top);
    return result;
}

}  // namespace sim::script
