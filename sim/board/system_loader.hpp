// SPDX-License-Identifier: ISC
// The loader in the chip's system memory (AN2606, AN3155), which BOOT0 = 1 starts at reset: a model of what it does on
// USART1, not its code. Version 2.2, as in medium-density F103s: 11 commands, no extended erase.
//
// It answers as documented, takes the time that the line and the flash need, and never times out: where the host falls
// silent in the middle of a command, the rest of it is waited for. Flash is written by the controller's own rules, so
// protection, power cuts and wear are those of the model; errors of the flash are not reported, as AN3155 says.
#pragma once

#include <deque>
#include <vector>

#include "sim/chip/core.hpp"

namespace sim {

/// Everything that decides how it goes on. Plain data.
struct SystemLoaderState {
    /// A step that takes flash time, or follows one.
    struct Work {
        enum class Kind : std::uint8_t {
            erase_page,
            mass_erase,
            program,
            erase_options,
            program_option,
            reply,
            reset,
            go
        };
        Kind kind = Kind::reply;
        std::uint32_t address = 0;
        std::uint16_t value = 0;
    };
    enum class Phase : std::uint8_t { silent, synchronized };
    bool running = false;
    Phase phase = Phase::silent;
    std::uint32_t baud = 115'200;
    std::deque<std::uint8_t> received;
    std::vector<std::uint8_t> command;  ///< What has come of the command under way.
    unsigned acknowledged = 0;          ///< Parts of it that were answered with ACK.
    std::deque<Work> work;
    std::deque<std::uint8_t> sending;
    Time line_free{};  ///< The last byte has left by then.
};

class SystemLoader {
  public:
    SystemLoader(chip::Chip& chip, chip::Core& core) : chip_(chip), core_(core) {}
    SystemLoaderState state;
    std::function<void(std::uint8_t)> sent;

    /// The chip was reset with BOOT0 high.
    void start();
    void stop() { state = {}; }
    [[nodiscard]] bool running() const { return state.running; }
    /// A byte has come, 8 bits and even parity. The rate of the first one, 0x7F, is that of the session.
    void receive(std::uint8_t byte, std::uint32_t baud);
    /// In place of the core's.
    void run_until(Time when);

  private:
    using Work = SystemLoaderState::Work;
    void step();
    void take(std::uint8_t byte);
    void take_command();
    [[nodiscard]] bool part_complete(std::size_t from, std::size_t size) const;
    void read_memory();
    void write_memory();
    void erase();
    void go();
    void write_protect();
    void schedule_options(std::span<const std::uint8_t> eight_bytes);
    void finish(bool good);
    void answer(std::uint8_t byte) { state.sending.push_back(byte); }
    [[nodiscard]] bool take_address();
    [[nodiscard]] std::uint32_t address() const;
    void do_work();
    void perform(const Work& work);
    void operate_flash(const Work& work);
    void jump(std::uint32_t address);

    chip::Chip& chip_;
    chip::Core& core_;
};

}  // namespace sim
