// SPDX-License-Identifier: ISC
// gdb at a running machine: while the core is halted, gdb is served inside of the run and no virtual time passes; while
// it runs, poll() looks for Ctrl-C now and then.
#pragma once

#include <memory>
#include <string>

#include "sim/debug/byte_stream.hpp"
#include "sim/debug/gdb_session.hpp"

namespace sim::debug {

class GdbServer {
  public:
    /// The machine is powered, and outlives the server.
    explicit GdbServer(Machine& machine);
    ~GdbServer();
    GdbServer(const GdbServer&) = delete;
    GdbServer& operator=(const GdbServer&) = delete;

    /// A gdb has come; the core halts for it.
    void connect(std::unique_ptr<ByteStream> stream);
    [[nodiscard]] bool connected() const { return stream_ != nullptr; }
    /// gdb asked for the end of the program.
    [[nodiscard]] bool killed() const { return killed_; }
    /// Is asked while gdb is waited for, so that Ctrl-C at the terminal ends the program.
    void set_stop(const volatile int* stop) { stop_ = stop; }

    /// Between two runs: takes what gdb has sent meanwhile.
    void poll();
    /// The run ended with this error: gdb is told and served. Afterwards the machine may run on, or was asked to reset.
    void crash(const std::string& report);

  private:
    void serve_halted();
    [[nodiscard]] std::optional<GdbEvent> wait_for_event();
    [[nodiscard]] bool answer(const GdbEvent& event);
    [[nodiscard]] bool act(const GdbReply& reply);
    void receive();
    void send(std::string_view payload);
    void disconnect();

    Machine& machine_;
    Debugger debugger_;
    std::unique_ptr<GdbSession> session_;
    std::unique_ptr<ByteStream> stream_;
    GdbPacketReader reader_;
    std::string last_frame_;
    std::string owed_;  ///< Goes out when the core has halted after a reset.
    bool owes_stop_ = false;
    bool killed_ = false;
    const volatile int* stop_ = nullptr;
};

}  // namespace sim::debug
