// SPDX-License-Identifier: ISC
// OpenOCD's remote_bitbang at a board's JTAG pins: a character sets the pins, another asks for TDO.
#pragma once

#include <optional>

#include "sim/debug/jtag.hpp"
#include "sim/serve/attachment.hpp"
#include "sim/serve/served_board.hpp"
#include "sim/serve/usbip/socket.hpp"

namespace sim::serve {

class RemoteBitbang : public Attachment {
  public:
    using Log = std::function<void(const std::string&)>;

    /// Listens at once; one tool at a time. The board outlives it. Throws std::runtime_error.
    RemoteBitbang(ServedBoard& board, const usbip::Endpoint& endpoint, Log log);

    [[nodiscard]] std::uint16_t port() const { return listener_.port(); }
    void add_to(std::vector<pollfd>& polled) const override;
    void serve() override;

  private:
    [[nodiscard]] bool obey(char request);
    void end(const std::string& why);

    ServedBoard& board_;
    Log log_;
    usbip::Listener listener_;
    std::optional<usbip::Socket> tool_;
    debug::Jtag jtag_;
    std::string answers_;
};

}  // namespace sim::serve
