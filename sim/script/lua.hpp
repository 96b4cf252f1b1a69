// SPDX-License-Identifier: ISC
// Lua 5.4 in a box: a script sees the functions that it is given and the parts of Lua's library that touch nothing but
// values. It opens no file, starts no program, and ends when it runs for too long.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "sim/chip/wiring.hpp"
#include "sim/time.hpp"

struct lua_State;

namespace sim::script {

/// A script ended before its last line. what() begins with "FILE:LINE:".
class ScriptError : public std::runtime_error {
  public:
    enum class Kind : std::uint8_t {
        syntax,    ///< It is no Lua.
        failed,    ///< Something that it expected did not come, or it used a function wrongly.
        firmware,  ///< The program on the board did what the chip cannot go on from.
    };
    ScriptError(Kind kind, const std::string& what) : std::runtime_error(what), kind_(kind) {}
    [[nodiscard]] Kind kind() const { return kind_; }

  private:
    Kind kind_;
};

/// A text in quotes, with what is not printable as \xx; cut where it is long.
[[nodiscard]] std::string text_in_quotes(const std::string& text);

class Lua;
/// What crosses between the script and us.
using Value = std::variant<double, std::int64_t, std::string>;

/// A function of the script, kept to be called later.
class Callback {
  public:
    Callback(std::weak_ptr<Lua*> lua, int reference) : lua_(std::move(lua)), reference_(reference) {}
    /// Calls it with numbers and texts. An error does not leave this call: Lua::check() throws it when the run that it
    /// interrupted is over. The integer that it returned, where it returned one. Does nothing when the script is over.
    std::optional<std::int64_t> operator()(const std::vector<Value>& values) const;

  private:
    std::weak_ptr<Lua*> lua_;
    int reference_;
};

/// What a function of ours was called with, and what it answers. Positions count from 1. A value of the wrong kind
/// throws std::invalid_argument.
class Call {
  public:
    Call(Lua& lua, lua_State* state, std::string name) : lua_(lua), state_(state), name_(std::move(name)) {}

    [[nodiscard]] int count() const;  ///< Of its arguments.
    /// There is a value, and it is not nil.
    [[nodiscard]] bool has(int position) const;
    [[nodiscard]] double number(int position) const;
    [[nodiscard]] std::int64_t integer(int position, std::int64_t least, std::int64_t most) const;
    [[nodiscard]] bool truth(int position) const;  ///< As Lua sees it: all but nil and false.
    [[nodiscard]] std::string text(int position) const;
    [[nodiscard]] std::string text_or(int position, const char* otherwise) const;
    /// Seconds, 0 to a day.
    [[nodiscard]] Time time(int position) const;
    [[nodiscard]] Time time_or(int position, Time otherwise) const;
    [[nodiscard]] Pin pin(int position) const;      ///< Such as "PC13".
    [[nodiscard]] Level level(int position) const;  ///< "high" or "low".
    [[nodiscard]] Callback callback(int position) const;
    /// Lua's own opinion of whether two values are the same.
    [[nodiscard]] bool equal(int left, int right) const;
    /// The value for people, a text in quotes.
    [[nodiscard]] std::string shown(int position) const;
    /// The value as Lua's print() has it.
    [[nodiscard]] std::string printed(int position) const;

    int nothing() { return 0; }
    int answer(const Value& value);
    int answer_truth(bool value);
    /// A table of named values, or of numbered ones.
    int answer_table(const std::vector<std::pair<std::string, Value>>& fields);
    int answer_list(const std::vector<std::string>& list);

  private:
    [[noreturn]] void wrong(int position, std::string_view wanted) const;
    Lua& lua_;
    lua_State* state_;
    std::string name_;
};

struct Limits {
    std::uint64_t instructions = 500'000'000;  ///< Of Lua's machine: some seconds.
    std::size_t memory = 256U << 20;
};

class Lua {
  public:
    explicit Lua(const Limits& limits = {});
    ~Lua();
    Lua(const Lua&) = delete;
    Lua& operator=(const Lua&) = delete;

    /// A function by its name, such as "wait" or "usb.attach". What it throws ends the script; a MachineError as the
    /// firmware's fault.
    void add(const std::string& name, std::function<int(Call&)> body);
    void add_number(const std::string& name, double value);
    void add_text(const std::string& name, const std::string& value);
    /// Runs a script. `file` is its name in messages. Throws ScriptError.
    void run(const std::string& source, const std::string& file);
    /// Throws what a callback failed with.
    void check();

  private:
    friend class Callback;
    friend class Call;
    struct Function {
        Lua* lua;
        std::string name;
        std::function<int(Call&)> body;
    };
    static int call(lua_State* state);
    void count();
    static void* allocate(void* limits, void* block, std::size_t old_size, std::size_t new_size);
    void open_libraries();
    void push_table_of(const std::string& name, std::string& last);

    Limits limits_;
    std::uint64_t instructions_ = 0;
    std::size_t memory_ = 0;
    std::vector<std::unique_ptr<Function>> functions_;
    bool firmware_failed_ = false;
    std::string callback_error_;
    const std::shared_ptr<Lua*> self_ = std::make_shared<Lua*>(this);
    lua_State* state_;
};

/// Puts a value on Lua's stack.
void push(lua_State* state, const Value& value);

}  // namespace sim::script
