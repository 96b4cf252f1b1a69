// SPDX-License-Identifier: ISC
// A host build of the firmware behind the flasher's Transport: control endpoint, device, interface and update as the
// firmware joins them, on flash and endpoint that are stricter than silicon.
#pragma once

#include "flasher/properties/property.hpp"
#include "flasher/transport.hpp"
#include "tests/support/properties.hpp"
#include "tests/unit/firmware/test_device.hpp"

namespace firmware_test {

/// The flash is busy while a GETSTATUS works, in no time of this machine: its own time is the clock.
template <class L, dfu::Attributes attributes = detaching>
class HostBuild : public flasher::Transport, public property_test::Device {
  public:
    HostBuild() { configure(); }

    flasher::TransferResult control_in(const flasher::SetupPacket& setup, std::span<std::uint8_t> data) override {
        if (dut_.left) return {flasher::Outcome::gone, 0};
        const Transfer transfer = dut_.bus.in(converted(setup));
        std::copy_n(transfer.data.begin(), std::min(transfer.data.size(), data.size()), data.begin());
        return {outcome_of(transfer.result), transfer.data.size()};
    }
    flasher::TransferResult control_out(const flasher::SetupPacket& setup,
                                        std::span<const std::uint8_t> data) override {
        if (dut_.left) return {flasher::Outcome::gone, 0};
        const Transfer transfer = dut_.bus.out(converted(setup), Image(data.begin(), data.end()));
        return {outcome_of(transfer.result), data.size()};
    }
    void sleep(std::chrono::milliseconds duration) override { slept_ += duration; }
    flasher::Outcome bus_reset() override {
        if (dut_.left) return flasher::Outcome::gone;
        dut_.bus.reset();
        configure();
        return flasher::Outcome::ok;
    }
    bool wait_until_gone(std::chrono::milliseconds limit) override {
        slept_ += limit;
        return dut_.leaves();
    }
    bool reopen(std::chrono::milliseconds) override { return !dut_.left; }

    [[nodiscard]] flasher::properties::Subject subject() override {
        return {
            .transport = *this,
            .application_base = L::place.application_base,
            .application_end = L::place.application_base + static_cast<std::uint32_t>(dut_.flash.capacity()),
            .page_size = L::place.page,
            .initial_stack = L::place.ram_end,
            .record = L::place.high_memory ? L::place.record : L::place.application_base,
            .high_memory = L::place.high_memory,
            .enter_dfu =
                [this] {
                    begin_session();
                    return true;
                },
            .now =
                [this] {
                    const auto flash_time = static_cast<std::int64_t>(earlier_us_ + dut_.flash.elapsed_us());
                    return std::chrono::microseconds(flash_time) + slept_;
                },
            .touches = [this] { return touches(); },
        };
    }

  private:
    static usb::Setup converted(const flasher::SetupPacket& setup) {
        return {setup.bmRequestType, setup.bRequest, setup.wValue, setup.wIndex, setup.wLength};
    }
    static flasher::Outcome outcome_of(Result result) {
        switch (result) {
            case Result::ok:
                return flasher::Outcome::ok;
            case Result::stall:
                return flasher::Outcome::stall;
            case Result::timeout:
                return flasher::Outcome::timeout;
            case Result::protocol:
                break;
        }
        return flasher::Outcome::fault;
    }
    void configure() {
        EXPECT_EQ(dut_.bus.out({0x00, 5, 42, 0, 0}).result, Result::ok);
        EXPECT_EQ(dut_.bus.out({0x00, 9, 1, 0, 0}).result, Result::ok);
    }
    /// Power off and on again, and asked for DFU.
    void begin_session() {
        earlier_us_ += dut_.flash.elapsed_us();
        dut_.start();
        seen_ = 0;
        configure();
    }
    std::vector<flasher::properties::Touch> touches() {
        std::vector<flasher::properties::Touch> list;
        const auto& operations = dut_.flash.operations();
        for (; seen_ < operations.size(); ++seen_)
            list.push_back(
                {.erase = operations[seen_].kind == Operation::Kind::erase, .address = operations[seen_].address});
        return list;
    }

    TestDevice<L, attributes> dut_;
    std::chrono::microseconds slept_{0};
    double earlier_us_ = 0;
    std::size_t seen_ = 0;
};

}  // namespace firmware_test
