// SPDX-License-Identifier: ISC
// Cables and hosts: whatever happens on the bus, and at whichever packet, the device can be enumerated and flashed
// again.
#include <gtest/gtest.h>

#include "tests/sim/support/bench.hpp"
#include "tests/sim/support/forwarding_port.hpp"

namespace sim::test {
namespace {

using flasher::DfuState;
using flasher::DfuStatus;

struct Interrupted {};

/// Between host and device; lets a number of transactions pass, then the host is gone in the middle of what it was
/// doing: with the next one, whose answer it does not live to see.
class BreakingPort : public ForwardingPort {
  public:
    BreakingPort(UsbPort& port, std::size_t after) : ForwardingPort(port), left_(after) {}

    Handshake setup(std::uint8_t address, std::uint8_t endpoint, std::span<const std::uint8_t> bytes,
                    bool data1) override {
        return count(ForwardingPort::setup(address, endpoint, bytes, data1));
    }
    Handshake out(std::uint8_t address, std::uint8_t endpoint, bool data1,
                  std::span<const std::uint8_t> bytes) override {
        return count(ForwardingPort::out(address, endpoint, data1, bytes));
    }
    InAnswer in(std::uint8_t address, std::uint8_t endpoint, bool acknowledge) override {
        auto answer = ForwardingPort::in(address, endpoint, acknowledge);
        count(answer.handshake);
        return answer;
    }

  private:
    /// A NAK does not count: the device has not taken that packet yet.
    Handshake count(Handshake answer) {
        if (answer != Handshake::nak && left_-- == 0) throw Interrupted();
        return answer;
    }

    std::size_t left_;
};

class BusEventsTest : public testing::TestWithParam<const char*> {
  protected:
    void SetUp() override {
        bench.install(old);
        bench.enter_dfu();
        machine_start = bench.machine.snapshot();
        host_start = bench.host.state();
        device = bench.transport->device();
        interface = flasher::dfu_interfaces(flasher::parse_configuration(device.configuration_descriptor)).at(0);
    }
    void begin_again() {
        bench.machine.restore(*machine_start);
        bench.host.set_state(host_start);
        bench.watch.clear();
    }

    /// Downloads until `transactions` have passed. False when the download ended before.
    bool download_broken_after(std::size_t transactions) {
        BreakingPort port(bench.machine.usb(), transactions);
        UsbHost host(port, bench.machine, bench.host.timing());
        host.set_state(host_start);
        HostTransport transport(host, device);
        bool broken = false;
        try {
            flasher::DfuClient(transport, interface).download(next.bytes);
        } catch (const Interrupted&) {
            broken = true;
        }
        bench.host.set_state(host.state());
        return broken;
    }

    /// A host that has never seen the device.
    void another_host() {
        UsbHost::State fresh;
        fresh.frame_start = fresh.bus_free = bench.machine.now();
        fresh.disconnections = bench.machine.usb().disconnections();
        bench.host.set_state(fresh);
    }

    /// The bench's host finds a device, flashes it and it runs; or an application that is whole.
    void expect_recovery() {
        const bool left = bench.running(next) && bench.holds(next);
        if (left || (bench.running(old) && bench.holds(old))) return;
        ASSERT_NO_THROW(bench.enumerate());
        EXPECT_EQ(bench.dfu.get_state(), DfuState::dfu_idle);
        bench.client().download(next.bytes);
        EXPECT_TRUE(bench.boots(next));
        EXPECT_TRUE(bench.watch.trespasses().empty());
        EXPECT_EQ(bench.machine.counters().complaints, 0U);
    }

    template <class Event>
    void at_every_packet(const Event& event) {
        std::size_t packets = 0;
        for (;; ++packets) {
            SCOPED_TRACE(testing::Message() << "after " << packets << " transactions");
            begin_again();
            const bool broken = download_broken_after(packets);
            event();
            expect_recovery();
            if (!broken || HasFatalFailure()) break;
        }
        EXPECT_GT(packets, 60U);
    }

    Bench bench{target(GetParam())};
    const Application old = make_application(bench.target, 2600, 1);
    const Application next = make_application(bench.target, 2500, 2);
    std::shared_ptr<const Machine::Snapshot> machine_start;
    UsbHost::State host_start;
    EnumeratedDevice device;
    flasher::InterfaceDescriptor interface;
};

TEST_P(BusEventsTest, ABusResetAtEveryPacket) {
    at_every_packet([&] {
        bench.host.reset_port(10 * millisecond);
        bench.host.advance(60 * millisecond);
    });
}

TEST_P(BusEventsTest, AHostThatVanishesAtEveryPacketAndComesBack) {
    at_every_packet([&] {
        // No SOF, nothing: the device on a cable that was pulled, with power of its own.
        bench.machine.run_for(600 * millisecond);  // whatever it had to do is done
        another_host();
    });
}

TEST_P(BusEventsTest, ACableThatIsPulledAtEveryPacketAndTakesThePowerWithIt) {
    at_every_packet([&] {
        EXPECT_NE(bench.power_cycle(), Fate::neither);
        another_host();
    });
}

TEST_P(BusEventsTest, ASuspendAtEveryPacket) {
    at_every_packet([&] {
        bench.host.suspend();
        bench.host.advance(40 * millisecond);
        bench.host.resume();
        bench.host.advance(60 * millisecond);
    });
}

TEST_P(BusEventsTest, ASetupInterruptsEveryPacket) {
    std::size_t packets = 0;
    for (;; ++packets) {
        SCOPED_TRACE(testing::Message() << "after " << packets << " transactions");
        begin_again();
        const bool broken = download_broken_after(packets);
        if (!broken) break;
        // Nothing comes of it when the device has just left, and a stall in dfuDNBUSY, which an interrupted GETSTATUS
        // has entered (DFU 1.1 appendix A.2.5). The next one is answered.
        static_cast<void>(bench.dfu.settle());
        bench.host.advance(60 * millisecond);
        if (!bench.running(next)) {
            bench.transport = std::make_unique<HostTransport>(bench.host, device);
            bench.client().download(next.bytes);
        }
        EXPECT_TRUE(bench.boots(next));
        EXPECT_TRUE(bench.watch.trespasses().empty());
        if (HasFailure()) break;
    }
    EXPECT_GT(packets, 60U);
}

TEST_P(BusEventsTest, SuspendAndResumeBetweenAnyTwoBlocks) {
    begin_again();
    const std::span<const std::uint8_t> bytes = next.bytes;
    std::uint16_t block = 0;
    for (std::size_t at = 0; at < bytes.size(); at += 512) {
        bench.host.suspend();
        bench.host.advance(50 * millisecond);
        bench.host.resume();
        const auto report =
            bench.dfu.send_block(block++, bytes.subspan(at, std::min<std::size_t>(512, bytes.size() - at)));
        ASSERT_TRUE(report);
        ASSERT_EQ(report->status, DfuStatus::ok);
    }
    ASSERT_EQ(bench.dfu.dnload_end(block), TransferEnd::ok);
    bench.dfu.settle();
    EXPECT_TRUE(bench.boots(next));
}

TEST_P(BusEventsTest, AResetWithoutADownloadDoesNotLeaveDfu) {
    for (int round = 0; round < 3; ++round)
        ASSERT_EQ(bench.transport->bus_reset(), flasher::Outcome::ok);
    ASSERT_TRUE(bench.dfu.send_block(0, std::span(next.bytes).first(1024)));
    ASSERT_EQ(bench.transport->bus_reset(), flasher::Outcome::ok);
    EXPECT_EQ(bench.dfu.get_state(), DfuState::dfu_idle);
}

TEST_P(BusEventsTest, APacketThatNobodyHasServedSurvivesABusReset) {
    // The core is stalled during an erase, so a SETUP or OUT is taken by the peripheral alone: CTR_RX is set, and the
    // bus reset does not clear it (RM0008 section 23.5.2).
    const std::span<const std::uint8_t> bytes = next.bytes;
    for (const bool with_setup : {true, false}) {
        SCOPED_TRACE(with_setup ? "SETUP" : "OUT");
        begin_again();
        const std::uint8_t address = bench.host.address();
        UsbPort& port = bench.machine.usb();
        if (with_setup) {
            ASSERT_TRUE(bench.dfu.send_block(0, bytes.first(1024)));
            ASSERT_EQ(bench.dfu.dnload(1, bytes.subspan(1024, 1024)), TransferEnd::ok);
            const auto report = bench.dfu.get_status();
            ASSERT_TRUE(report);
            bench.host.advance(millisecond);
            const std::uint8_t getstatus[] = {0xA1, 3, 0, 0, 0, 0, 6, 0};
            port.begin_transaction(Token::setup, address, 0);
            ASSERT_EQ(port.setup(address, 0, getstatus), Handshake::ack);
        } else {
            const std::uint8_t dnload[] = {0x21, 1, 0, 0, 0, 0, 0x00, 0x04};
            ASSERT_EQ(bench.host.raw_setup(address, 0, dnload), Handshake::ack);
            bench.host.advance(millisecond);
            port.begin_transaction(Token::out, address, 0);
            ASSERT_EQ(port.out(address, 0, true, bytes.first(64)), Handshake::ack);
        }
        port.end_transaction();
        // Not a picosecond between the packet and the reset.
        port.begin_reset();
        bench.machine.run_for(10 * millisecond);
        port.end_reset();
        bench.machine.run_for(60 * millisecond);
        expect_recovery();
    }
}

TEST_P(BusEventsTest, AnEarlyStatusStageEndsTheTransfer) {
    const std::uint8_t address = bench.host.address();
    const std::uint8_t getstatus[] = {0xA1, 3, 0, 0, 0, 0, 6, 0};
    ASSERT_EQ(bench.host.raw_setup(address, 0, getstatus), Handshake::ack);
    bench.host.advance(millisecond);
    EXPECT_EQ(bench.host.raw_out(address, 0, true, {}), Handshake::ack);
    EXPECT_EQ(bench.dfu.get_state(), DfuState::dfu_idle);

    // The other way round the device is not ready to confirm what has not come.
    const std::uint8_t dnload[] = {0x21, 1, 0, 0, 0, 0, 0x00, 0x04};
    ASSERT_EQ(bench.host.raw_setup(address, 0, dnload), Handshake::ack);
    bench.host.advance(millisecond);
    EXPECT_NE(bench.host.raw_in(address, 0).handshake, Handshake::ack);
    EXPECT_EQ(bench.dfu.get_state(), DfuState::dfu_idle);
    bench.client().download(next.bytes);
    EXPECT_TRUE(bench.boots(next));
}

TEST_P(BusEventsTest, ALostAcknowledgementIsMadeUpFor) {
    // The host got the data and its ACK was lost: the device sends the same packet again.
    const std::uint8_t address = bench.host.address();
    const std::uint8_t getstatus[] = {0xA1, 3, 0, 0, 0, 0, 6, 0};
    ASSERT_EQ(bench.host.raw_setup(address, 0, getstatus), Handshake::ack);
    bench.host.advance(millisecond);
    const auto first = bench.host.raw_in(address, 0, false);
    const auto second = bench.host.raw_in(address, 0);
    EXPECT_EQ(first.handshake, Handshake::ack);
    EXPECT_EQ(second.handshake, Handshake::ack);
    EXPECT_EQ(first.bytes, second.bytes);
    EXPECT_EQ(first.data1, second.data1);
    bench.host.advance(millisecond);
    EXPECT_EQ(bench.host.raw_out(address, 0, true, {}), Handshake::ack);
    EXPECT_EQ(bench.dfu.get_state(), DfuState::dfu_idle);
}

TEST_P(BusEventsTest, ARepeatedDataPacketIsTakenOnce) {
    // The device's ACK was lost, so the host sends the packet again with the same toggle.
    const std::uint8_t address = bench.host.address();
    const std::span<const std::uint8_t> bytes = next.bytes;
    const std::uint8_t dnload[] = {0x21, 1, 0, 0, 0, 0, 0x80, 0x00};  // block 0, 128 bytes
    ASSERT_EQ(bench.host.raw_setup(address, 0, dnload), Handshake::ack);
    bench.host.advance(millisecond);
    ASSERT_EQ(bench.host.raw_out(address, 0, true, bytes.first(64)), Handshake::ack);
    bench.host.advance(millisecond);
    ASSERT_EQ(bench.host.raw_out(address, 0, true, bytes.first(64)), Handshake::ack);
    bench.host.advance(millisecond);
    ASSERT_EQ(bench.host.raw_out(address, 0, false, bytes.subspan(64, 64)), Handshake::ack);
    bench.host.advance(millisecond);
    EXPECT_EQ(bench.host.raw_in(address, 0).handshake, Handshake::ack);
    std::uint16_t block = 1;
    ASSERT_TRUE(bench.dfu.settle());
    for (std::size_t at = 128; at < bytes.size(); at += 512)
        ASSERT_TRUE(bench.dfu.send_block(block++, bytes.subspan(at, std::min<std::size_t>(512, bytes.size() - at))));
    ASSERT_EQ(bench.dfu.dnload_end(block), TransferEnd::ok);
    bench.dfu.settle();
    EXPECT_TRUE(bench.boots(next));
}

INSTANTIATE_TEST_SUITE_P(Layouts, BusEventsTest, testing::Values("bluepill", "bluepill-high"),
                         [](const auto& named) { return identifier(named.param); });

}  // namespace
}  // namespace sim::test
