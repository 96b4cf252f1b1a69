// SPDX-License-Identifier: ISC
// An ST-Link V2 at a board's debug pins, as a USB device over USB/IP, at an address of its own: bus id 2-1.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "sim/debug/stlink.hpp"
#include "sim/serve/attachment.hpp"
#include "sim/serve/served_board.hpp"
#include "sim/serve/usbip/connection.hpp"

namespace sim::serve {

class ProbeServer : public Attachment {
  public:
    using Log = std::function<void(const std::string&)>;

    static constexpr const char* bus_id = "2-1";

    /// Listens at once; one client at a time. The board outlives it. Throws std::runtime_error.
    ProbeServer(ServedBoard& board, const usbip::Endpoint& endpoint, Log log);

    [[nodiscard]] std::uint16_t port() const { return listener_.port(); }
    void add_to(std::vector<pollfd>& polled) const override;
    void serve() override;

  private:
    void handle(const usbip::Message& message);
    void submit(const usbip::Submit& submit);
    void control(const usbip::Submit& submit);
    void reply(const usbip::Submit& submit, usbip::TransferStatus status, std::span<const std::uint8_t> data = {});
    void answer_waiting();
    void end(const std::string& why);

    ServedBoard& board_;
    Log log_;
    usbip::Listener listener_;
    debug::StLink probe_;
    std::unique_ptr<usbip::Connection> client_;
    std::deque<usbip::Submit> waiting_;  ///< Transfers from the probe that it has nothing for yet.
    std::uint8_t configuration_ = 0;
};

}  // namespace sim::serve
