// SPDX-License-Identifier: ISC
// What a person wires to a board that has no bootloader yet: a USB-serial adapter at its USART1, with RTS at BOOT0 and
// DTR at reset, and an ST-Link at its debug pins.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "sim/debug/stlink.hpp"
#include "sim/serve/page/board_thread.hpp"
#include "sim/serve/serial_line.hpp"

namespace sim::serve::page {

/// Any thread may call these; each waits until the board's thread has done it.
class Adapters {
  public:
    using Bytes = std::vector<std::uint8_t>;
    /// Gets what the chip sends, from the board's thread, and must not wait for the board.
    using Receiver = std::function<void(const Bytes&)>;

    /// The board outlives its adapters.
    explicit Adapters(BoardThread& board);
    ~Adapters();
    Adapters(const Adapters&) = delete;
    Adapters& operator=(const Adapters&) = delete;

    /// Opening the line starts the loader in the chip's system memory, closing it the program in flash.
    void open_serial(std::uint32_t baud, Receiver receiver);
    /// False: so much is waiting already that a real adapter would not take it.
    [[nodiscard]] bool write_serial(std::span<const std::uint8_t> bytes);
    void close_serial();

    /// A transfer to the probe.
    void send_to_probe(std::span<const std::uint8_t> bytes);
    /// What a transfer of at most `room` bytes from the probe brings; nothing while it has no answer.
    [[nodiscard]] std::optional<Bytes> receive_from_probe(std::size_t room);
    void close_probe();

  private:
    class PageEnd;

    BoardThread& board_;
    // The board's thread alone touches these.
    PageEnd* end_ = nullptr;  ///< Owned by the line.
    std::unique_ptr<SerialLine> line_;
    std::unique_ptr<debug::StLink> probe_;
};

}  // namespace sim::serve::page
