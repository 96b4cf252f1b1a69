// SPDX-License-Identifier: ISC
// A USB-serial adapter at a board's USART1, for tools on this machine (a pseudo-terminal) or on another (TCP).
//
// Neither carries parity: the kernel takes it away from a pseudo-terminal, and refuses a program that insists. So each
// byte is taken as sent with the even parity that the chip's loader wants. Neither has modem lines; what an adapter
// does by itself stands for them: it raises DTR and RTS as it is opened, and lowers them as it is closed.
#pragma once

#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "sim/serve/attachment.hpp"
#include "sim/serve/served_board.hpp"
#include "sim/serve/usbip/socket.hpp"

namespace sim::serve {

/// Where the line ends.
class SerialEnd {
  public:
    virtual ~SerialEnd() = default;
    /// Somebody has it open.
    [[nodiscard]] virtual bool open() = 0;
    [[nodiscard]] virtual std::size_t read(std::span<std::uint8_t> room) = 0;
    [[nodiscard]] virtual std::size_t write(std::span<const std::uint8_t> bytes) = 0;
    [[nodiscard]] virtual std::uint32_t baud() const = 0;
    [[nodiscard]] virtual int descriptor() const = 0;
    /// For people: what to open.
    [[nodiscard]] virtual std::string name() const = 0;
};

/// `where` is ADDRESS:PORT, or a path at which a link to the pseudo-terminal is made. Throws std::runtime_error that
/// names it, std::invalid_argument.
[[nodiscard]] std::unique_ptr<SerialEnd> make_serial_end(const std::string& where);

class SerialLine : public Attachment {
  public:
    using Log = std::function<void(const std::string&)>;

    /// With `automatic` RTS is wired to BOOT0 and DTR to reset: opening the line starts the loader, closing it the
    /// program in flash. The board outlives the line.
    SerialLine(ServedBoard& board, std::unique_ptr<SerialEnd> end, bool automatic, Log log);
    ~SerialLine() override;

    void add_to(std::vector<pollfd>& polled) const override;
    void serve() override;

  private:
    void notice(bool open);

    ServedBoard& board_;
    std::unique_ptr<SerialEnd> end_;
    bool automatic_;
    Log log_;
    bool open_ = false;
    std::deque<std::uint8_t> to_tool_;
};

}  // namespace sim::serve
