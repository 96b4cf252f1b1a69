// SPDX-License-Identifier: ISC
// A device end that answers as a test has written down, and keeps what it was asked.
#pragma once

#include <deque>
#include <vector>

#include "sim/usb/host.hpp"
#include "tests/sim/usb/fake_port.hpp"

namespace sim::test {

class ScriptedPort : public UsbPort {
  public:
    struct Packet {
        char kind;  ///< 'S'etup, 'O'ut, 'I'n.
        std::uint8_t endpoint;
        bool data1;
        std::vector<std::uint8_t> bytes;

        bool operator==(const Packet&) const = default;
    };

    // What comes next; NAK when the script is at its end.
    std::deque<Handshake> answers;  ///< To SETUP and OUT.
    std::deque<InAnswer> packets;   ///< To IN.
    bool is_attached = true;

    std::vector<Packet> seen;

    bool attached() const override { return is_attached; }
    void begin_reset() override {}
    void end_reset() override {}
    void sof(std::uint16_t) override { ++frames; }
    void begin_resume() override {}
    void end_resume() override {}
    bool drives_resume() const override { return false; }

    Handshake setup(std::uint8_t, std::uint8_t endpoint, std::span<const std::uint8_t> bytes, bool data1) override {
        seen.push_back({'S', endpoint, data1, {bytes.begin(), bytes.end()}});
        return take(answers, Handshake::nak);
    }
    Handshake out(std::uint8_t, std::uint8_t endpoint, bool data1, std::span<const std::uint8_t> bytes) override {
        seen.push_back({'O', endpoint, data1, {bytes.begin(), bytes.end()}});
        return take(answers, Handshake::nak);
    }
    InAnswer in(std::uint8_t, std::uint8_t endpoint, bool) override {
        seen.push_back({'I', endpoint, false, {}});
        return take(packets, InAnswer{Handshake::nak, false, {}});
    }

    unsigned frames = 0;

  private:
    template <class T>
    static T take(std::deque<T>& from, T otherwise) {
        if (from.empty()) return otherwise;
        T first = from.front();
        from.pop_front();
        return first;
    }
};

/// A host with an enabled port.
struct ScriptedBench {
    ScriptedBench() {
        host.wait_for_attach(200 * millisecond);
        host.reset_port();
        host.talk_to(1, 8);
    }

    FakeClock clock;
    ScriptedPort port;
    UsbHost host{port, clock};
};

inline InAnswer packet(bool data1, std::vector<std::uint8_t> bytes) {
    return {Handshake::ack, data1, std::move(bytes)};
}

}  // namespace sim::test
