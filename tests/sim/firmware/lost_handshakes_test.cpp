// SPDX-License-Identifier: ISC
// One lost handshake costs a retry, never a download: whichever packet's acknowledgement gets lost on its way, in
// either direction, a host that sends the packet again (USB 2.0 section 8.6.4) goes on as if nothing had been.
#include <gtest/gtest.h>

#include "tests/sim/support/bench.hpp"
#include "tests/sim/support/forwarding_port.hpp"

namespace sim::test {
namespace {

/// Between host and device: of the transaction with a given number, the handshake is lost. What the device
/// acknowledged, the host does not hear of (and tries again); what the host acknowledges, the device does not.
class LossyPort : public ForwardingPort {
  public:
    explicit LossyPort(UsbPort& port) : ForwardingPort(port) {}

    void lose(std::size_t transaction) { lost_ = transaction; }
    [[nodiscard]] std::size_t transactions() const { return count_; }
    [[nodiscard]] bool has_lost() const { return count_ > lost_; }

    Handshake setup(std::uint8_t address, std::uint8_t endpoint, std::span<const std::uint8_t> bytes,
                    bool data1) override {
        again_ = false;
        const auto answer = ForwardingPort::setup(address, endpoint, bytes, data1);
        return answer == Handshake::ack && falls() ? Handshake::none : answer;
    }
    Handshake out(std::uint8_t address, std::uint8_t endpoint, bool data1,
                  std::span<const std::uint8_t> bytes) override {
        again_ = false;
        const auto answer = ForwardingPort::out(address, endpoint, data1, bytes);
        return answer == Handshake::ack && falls() ? Handshake::none : answer;
    }
    InAnswer in(std::uint8_t address, std::uint8_t endpoint, bool acknowledge) override {
        if (again_) {
            // The packet comes a second time; the host acknowledges it, and asks for the next.
            again_ = false;
            const auto repeated = ForwardingPort::in(address, endpoint, true);
            EXPECT_EQ(repeated.handshake, Handshake::ack);
            return {Handshake::nak, false, {}};
        }
        // Whether the device sends anything is known when it has; a packet that it keeps can be asked for once more.
        auto answer = ForwardingPort::in(address, endpoint, false);
        if (answer.handshake != Handshake::ack) return answer;
        again_ = falls();
        return again_ || !acknowledge ? answer : ForwardingPort::in(address, endpoint, true);
    }

  private:
    /// Counts what is acknowledged, or would be.
    bool falls() { return count_++ == lost_; }

    bool again_ = false;  ///< The host's ACK of the last packet was lost.
    std::size_t count_ = 0;
    std::size_t lost_ = static_cast<std::size_t>(-1);
};

class LostHandshakesTest : public testing::TestWithParam<const char*> {
  protected:
    void SetUp() override {
        bench.install(old);
        bench.enter_dfu();
        machine_start = bench.machine.snapshot();
        host_start = bench.host.state();
    }
    /// From the same start: does `session` with the handshake of that transaction lost. Says whether there was one.
    template <class Session>
    bool without(std::size_t transaction, const Session& session) {
        bench.machine.restore(*machine_start);
        bench.watch.clear();
        LossyPort port(bench.machine.usb());
        UsbHost host(port, bench.machine, bench.host.timing());
        host.set_state(host_start);
        port.lose(transaction);
        DfuRequests dfu(host);
        session(host, dfu);
        bench.host.set_state(host.state());
        return port.has_lost();
    }

    Bench bench{target(GetParam())};
    const Application old = make_application(bench.target, 2600, 1);
    const Application next = make_application(bench.target, 2500, 2);
    std::shared_ptr<const Machine::Snapshot> machine_start;
    UsbHost::State host_start;
};

TEST_P(LostHandshakesTest, OfADownload) {
    std::size_t lost = 0;
    for (bool was_there = true; was_there; ++lost) {
        SCOPED_TRACE(testing::Message() << "acknowledgement " << lost);
        was_there = without(lost, [&](UsbHost& host, DfuRequests& dfu) {
            const auto sent = dfu.send_image(next.bytes, 1000);
            ASSERT_TRUE(sent);
            EXPECT_EQ(sent->status, flasher::DfuStatus::ok);
            const auto done = dfu.get_status();
            ASSERT_TRUE(done);
            EXPECT_EQ(done->state, flasher::DfuState::dfu_idle);
            host.advance(400 * millisecond);
            EXPECT_TRUE(bench.running(next) && bench.holds(next));
        });
        if (HasFailure()) return;
    }
    EXPECT_GT(lost, 60U);
}

TEST_P(LostHandshakesTest, OfAnUpload) {
    std::size_t lost = 0;
    for (bool was_there = true; was_there; ++lost) {
        SCOPED_TRACE(testing::Message() << "acknowledgement " << lost);
        was_there = without(lost, [&](UsbHost&, DfuRequests& dfu) {
            std::vector<std::uint8_t> got;
            for (std::uint16_t block = 0; block < 3; ++block) {
                const auto part = dfu.upload(block, 700);
                ASSERT_EQ(part.end, TransferEnd::ok);
                got.insert(got.end(), part.bytes.begin(), part.bytes.end());
            }
            EXPECT_TRUE(std::equal(got.begin(), got.end(), old.bytes.begin()));
            EXPECT_EQ(dfu.abort(), TransferEnd::ok);
        });
        if (HasFailure()) return;
    }
    EXPECT_GT(lost, 30U);
}

TEST_P(LostHandshakesTest, OfAnErrorThatIsCleared) {
    std::size_t lost = 0;
    for (bool was_there = true; was_there; ++lost) {
        SCOPED_TRACE(testing::Message() << "acknowledgement " << lost);
        was_there = without(lost, [&](UsbHost&, DfuRequests& dfu) {
            const auto refused = dfu.send_block(0, std::vector<std::uint8_t>(1000, 0x55));
            ASSERT_TRUE(refused);
            EXPECT_EQ(refused->status, flasher::DfuStatus::err_target);
            EXPECT_EQ(dfu.clear_status(), TransferEnd::ok);
            EXPECT_EQ(dfu.get_state(), flasher::DfuState::dfu_idle);
            ASSERT_TRUE(dfu.send_block(0, std::span(next.bytes).first(1000)));
            EXPECT_EQ(dfu.abort(), TransferEnd::ok);
            EXPECT_EQ(dfu.get_state(), flasher::DfuState::dfu_idle);
        });
        if (HasFailure()) return;
    }
    EXPECT_GT(lost, 30U);
}

TEST_P(LostHandshakesTest, AnInterruptedStatusIsAskedForAgain) {
    const std::uint8_t address = bench.host.address();
    const std::uint8_t getstatus[] = {0xA1, 3, 0, 0, 0, 0, 6, 0};
    ASSERT_TRUE(bench.dfu.send_block(0, std::span(next.bytes).first(1024)));
    ASSERT_EQ(bench.dfu.dnload(1, std::span(next.bytes).subspan(1024, 1024)), TransferEnd::ok);
    for (int times = 0; times < 3; ++times) {
        ASSERT_EQ(bench.host.raw_setup(address, 0, getstatus), Handshake::ack);
        bench.host.advance(millisecond);
    }
    const auto report = bench.dfu.settle();
    ASSERT_TRUE(report);
    EXPECT_EQ(report->state, flasher::DfuState::dfu_dnload_idle);
}

TEST_P(LostHandshakesTest, AbortWhileTheStatusOfABlockWasNotAskedFor) {
    ASSERT_EQ(bench.dfu.dnload(0, std::span(next.bytes).first(1024)), TransferEnd::ok);
    EXPECT_EQ(bench.dfu.get_state(), flasher::DfuState::dfu_dnload_sync);
    EXPECT_EQ(bench.dfu.abort(), TransferEnd::ok);
    EXPECT_EQ(bench.dfu.get_state(), flasher::DfuState::dfu_idle);
    bench.client().download(next.bytes);
    EXPECT_TRUE(bench.boots(next));
}

INSTANTIATE_TEST_SUITE_P(Layouts, LostHandshakesTest, testing::Values("bluepill", "bluepill-high"),
                         [](const auto& named) { return identifier(named.param); });

}  // namespace
}  // namespace sim::test
