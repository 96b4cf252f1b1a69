// SPDX-License-Identifier: ISC
// Stands between host and device, and passes everything on. A test that wants a fault of the bus derives from it, and
// says only what is different.
#pragma once

#include "sim/usb/port.hpp"

namespace sim::test {

class ForwardingPort : public UsbPort {
  public:
    explicit ForwardingPort(UsbPort& port) : port_{port} {}

    bool attached() const override { return port_.attached(); }
    std::uint64_t disconnections() const override { return port_.disconnections(); }
    void begin_reset() override { port_.begin_reset(); }
    void end_reset() override { port_.end_reset(); }
    void sof(std::uint16_t frame) override { port_.sof(frame); }
    void begin_resume() override { port_.begin_resume(); }
    void end_resume() override { port_.end_resume(); }
    bool drives_resume() const override { return port_.drives_resume(); }
    void begin_transaction(Token token, std::uint8_t address, std::uint8_t endpoint) override {
        port_.begin_transaction(token, address, endpoint);
    }
    void end_transaction() override { port_.end_transaction(); }
    Handshake setup(std::uint8_t address, std::uint8_t endpoint, std::span<const std::uint8_t> bytes,
                    bool data1) override {
        return port_.setup(address, endpoint, bytes, data1);
    }
    Handshake out(std::uint8_t address, std::uint8_t endpoint, bool data1,
                  std::span<const std::uint8_t> bytes) override {
        return port_.out(address, endpoint, data1, bytes);
    }
    InAnswer in(std::uint8_t address, std::uint8_t endpoint, bool acknowledge) override {
        return port_.in(address, endpoint, acknowledge);
    }

  private:
    UsbPort& port_;
};

}  // namespace sim::test
