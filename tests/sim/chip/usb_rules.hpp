// SPDX-License-Identifier: ISC
// A chip whose USB device has been switched on as a driver would, reset by a host, with endpoint 0 open at address 0.
// The test writes the registers and plays the wire.
#pragma once

#include <algorithm>
#include <array>

#include <gtest/gtest.h>

#include "sim/chip/chip.hpp"

namespace sim::chip {
inline constexpr std::uint32_t usb = 0x4000'5c00, memory = 0x4000'6000;
inline constexpr std::uint32_t cntr = 0x40, istr = 0x44, daddr = 0x4c, btable = 0x50;
inline constexpr std::array<std::uint8_t, 8> request{0x80, 6, 0, 1, 0, 0, 18, 0};

class UsbRules : public testing::Test {
  protected:
    explicit UsbRules(const MachineOptions& options = {}) : chip_(stm32f103c8, {}, options) {
        chip_.powered = true;
        chip_.system_reset(ResetCause::power_on);
        chip_.write(0x4002'2000, 4, 0x12);         // two wait states
        chip_.write(0x4002'1000, 4, 0x0001'0083);  // HSE on
        pass(Time{3'000'000'000});
        chip_.write(0x4002'1004, 4, 0x001d'0400);  // PLL: 8 MHz times 9, APB1 halved, USB / 1.5
        chip_.write(0x4002'1000, 4, 0x0101'0083);
        pass(Time{300'000'000});
        chip_.write(0x4002'1004, 4, 0x001d'0402);
        chip_.write(0x4002'101c, 4, 1u << 23);
        put(cntr, 1);
        pass(Time{1'000'000});
        put(cntr, 0x8400);
        put(istr, 0);
        bus_reset();
        put(istr, 0);
        put(btable, 0);
        set_memory(0, 0x40);    // ADDR0_TX
        set_memory(4, 0x80);    // ADDR0_RX
        set_memory(6, 0x8400);  // 64 bytes
        put(0, 0x3220);         // control, RX valid, TX NAK
        put(daddr, 0x80);
    }
    void pass(Time span) {
        const Time until = chip_.services.now() + span;
        while (chip_.services.now() < until) {
            chip_.services.clock.skip_to(std::min(until, chip_.services.alarms.next()));
            chip_.run_alarms();
        }
    }
    void bus_reset() {
        chip_.usb.begin_reset();
        pass(Time{10'000'000'000});
        chip_.usb.end_reset();
    }
    /// A whole transaction: token, data and handshake in one instant.
    template <class Data>
    auto whole(Token token, std::uint8_t address, std::uint8_t endpoint, const Data& data) {
        chip_.usb.begin_transaction(token, address, endpoint);
        auto answer = data();
        chip_.usb.end_transaction();
        return answer;
    }
    Handshake setup(std::uint8_t address, std::uint8_t endpoint, std::span<const std::uint8_t> bytes, bool data1) {
        return whole(Token::setup, address, endpoint, [&] { return chip_.usb.setup(address, endpoint, bytes, data1); });
    }
    Handshake out(std::uint8_t address, std::uint8_t endpoint, bool data1, std::span<const std::uint8_t> bytes) {
        return whole(Token::out, address, endpoint, [&] { return chip_.usb.out(address, endpoint, data1, bytes); });
    }
    InAnswer in(std::uint8_t address, std::uint8_t endpoint, bool host_acknowledges) {
        return whole(Token::in, address, endpoint, [&] { return chip_.usb.in(address, endpoint, host_acknowledges); });
    }
    std::uint32_t get(std::uint32_t offset) { return chip_.read(usb + offset, 2); }
    void put(std::uint32_t offset, std::uint32_t value) { chip_.write(usb + offset, 2, value); }
    void set_memory(std::uint32_t at, std::uint32_t value) { chip_.write(memory + 2 * at, 2, value); }
    std::uint32_t get_memory(std::uint32_t at) { return chip_.read(memory + 2 * at, 2); }
    Chip chip_;
};

}  // namespace sim::chip
