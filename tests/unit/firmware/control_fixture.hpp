// SPDX-License-Identifier: ISC
// The control endpoint with a device function that is told what to answer.
#pragma once

#include <gtest/gtest.h>

#include "tests/unit/firmware/bus.hpp"
#include "usb/control.hpp"

namespace firmware_test {

/// Answers by bRequest, and remembers. Statics, since the endpoint owns its function.
struct Script {
    enum Request : std::uint8_t { send = 1, receive = 2, acknowledge = 3 };

    static inline std::array<std::uint8_t, 1024> source, sink;
    static inline unsigned setups, done, unheard, resets;
    static inline std::function<void()> during_setup;  ///< Happens once.

    static void clear() {
        setups = done = unheard = resets = 0;
        sink.fill(0xEE);
        for (std::size_t i = 0; i < source.size(); ++i)
            source[i] = static_cast<std::uint8_t>(i * 7 + (i >> 8));
    }
    template <class Control>
    void setup(const usb::Setup& setup, Control& control) {
        ++setups;
        if (auto event = std::exchange(during_setup, nullptr)) event();
        if (setup.bRequest == send) control.send(source.data(), setup.wValue);
        if (setup.bRequest == receive) control.receive(sink.data());
        if (setup.bRequest == acknowledge) control.acknowledge();
    }
    void status_done() { ++done; }
    void host_went_on() { ++unheard; }
    void bus_reset() { ++resets; }
};

/// wValue of `send` is how much the device has.
constexpr usb::Setup ask(std::uint16_t has, std::uint16_t wLength) {
    return {0xC0, Script::send, has, 0, wLength};
}
constexpr usb::Setup give(std::uint16_t wLength) {
    return {0x40, Script::receive, 0, 0, wLength};
}
inline constexpr usb::Setup just{0x40, Script::acknowledge, 0, 0, 0};
inline constexpr usb::Setup unknown{0x40, 99, 0, 0, 0};

struct ControlTest : ::testing::Test {
    Endpoint0 endpoint;
    usb::ControlEndpoint<FakeUsb, Script> control{};
    Bus bus{endpoint, [this] { control.poll(); }};

    ControlTest() {
        FakeUsb::endpoint0 = &endpoint;
        Script::clear();
        bus.reset();
    }
    ~ControlTest() override { FakeUsb::endpoint0 = nullptr; }

    void expect_alive() {
        Script::done = 0;
        const Transfer transfer = bus.in(ask(10, 64));
        EXPECT_EQ(transfer.result, Result::ok);
        EXPECT_EQ(transfer.data, source(10));
        EXPECT_EQ(Script::done, 1U);
    }
    static Endpoint0::Packet source(std::size_t length) {
        return {Script::source.begin(), Script::source.begin() + static_cast<std::ptrdiff_t>(length)};
    }
};

}  // namespace firmware_test
