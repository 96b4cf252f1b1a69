// SPDX-License-Identifier: ISC
// A running application that is itself a USB device, as a client sees it: bulk and interrupt transfers, halts and
// toggles, and the way through the bootloader and back.
#include <map>
#include <memory>

#include <gtest/gtest.h>

#include "tests/sim/serve/usbip/server_bench.hpp"

namespace sim::serve::usbip::test {
namespace {

constexpr std::uint32_t in = 1;
constexpr std::uint32_t data_endpoint = 1, notifications = 2;
constexpr std::int32_t stalled = -32, unlinked = -104;

/// An answer; `unlink` tells whose.
struct Answer {
    bool unlink = false;
    std::int32_t status = 0;
    std::uint32_t length = 0;
    Octets data;
};

class UsbipApplicationTest : public testing::Test {
  protected:
    void SetUp() override {
        ASSERT_TRUE(bench.wait_for_devices()) << bench.log;
        ASSERT_EQ(product(), 0x0001);
        import();
    }
    void import() { client = std::make_unique<TestClient>(bench.import("1-1")); }
    std::uint16_t product() const { return bench.boards[0]->device().value_or(EnumeratedDevice{}).device.idProduct; }

    std::uint32_t submit(Command command) {
        command.sequence = ++sequence_;
        if (command.direction == in) reads_[command.sequence] = true;
        client->send(bytes_of(command));
        return command.sequence;
    }
    std::uint32_t read(std::uint32_t endpoint, std::uint32_t length, std::uint32_t interval = 0) {
        return submit({.direction = in, .endpoint = endpoint, .length = length, .interval = interval, .payload = {}});
    }
    std::uint32_t write(std::uint32_t endpoint, const Octets& data) {
        return submit({.endpoint = endpoint, .length = static_cast<std::uint32_t>(data.size()), .payload = data});
    }
    std::uint32_t request(const std::array<std::uint8_t, 8>& setup) {
        if ((setup[0] & 0x80) != 0) return submit(control_in(0, setup));
        return submit({.setup = setup, .payload = {}});
    }
    void take_back(std::uint32_t target) { client->send(unlink(++sequence_, target)); }

    /// The answer to a command, whenever it comes.
    Answer answer_to(std::uint32_t sequence) {
        const bool came = bench.serve_until([&] {
            client->poll();
            sort();
            return answers_.contains(sequence) || !client->open;
        });
        EXPECT_TRUE(came && answers_.contains(sequence)) << bench.log;
        return answers_[sequence];
    }
    bool answered(std::uint32_t sequence) const { return answers_.contains(sequence); }
    std::uint32_t last() const { return sequence_; }

    static Octets pattern(std::size_t size) {
        Octets bytes;
        for (std::size_t at = 0; at < size; ++at)
            bytes.push_back(static_cast<std::uint8_t>(at * 7 + size));
        return bytes;
    }
    Octets echo_of(const Octets& bytes) {
        write(data_endpoint, bytes);
        return answer_to(read(data_endpoint, 128)).data;
    }

    ServerBench bench{1, "usb-serial-bluepill.bin"};
    std::unique_ptr<TestClient> client;

  private:
    void sort() {
        auto& from = client->received;
        while (from.size() >= 48) {
            const auto sequence = word_at(from, 4);
            Answer answer{.unlink = word_at(from, 0) == 4,
                          .status = static_cast<std::int32_t>(word_at(from, 20)),
                          .length = word_at(from, 24),
                          .data = {}};
            const bool carries = !answer.unlink && reads_.contains(sequence);
            const std::size_t size = 48 + (carries ? answer.length : 0);
            if (from.size() < size) return;
            answer.data.assign(from.begin() + 48, from.begin() + static_cast<std::ptrdiff_t>(size));
            from.erase(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(size));
            EXPECT_FALSE(answers_.contains(sequence)) << "two answers to " << sequence;
            answers_[sequence] = answer;
        }
    }

    std::uint32_t sequence_ = 0;
    std::map<std::uint32_t, bool> reads_;
    std::map<std::uint32_t, Answer> answers_;
};

TEST_F(UsbipApplicationTest, EchoesOverBulkEndpoints) {
    for (const std::size_t size : {1U, 3U, 63U, 64U}) {
        const auto sent = pattern(size);
        const auto written = answer_to(write(data_endpoint, sent));
        EXPECT_EQ(written.status, 0);
        EXPECT_EQ(written.length, size);
        const auto back = answer_to(read(data_endpoint, 512));
        EXPECT_EQ(back.status, 0);
        EXPECT_EQ(back.data, sent) << "a full packet is ended, too";
    }
}

TEST_F(UsbipApplicationTest, KeepsReadsWaitingAndFillsThemInOrder) {
    std::array<std::uint32_t, 32> reads{};  // as a driver of serial ports does
    for (auto& one : reads)
        one = read(data_endpoint, 128);
    const auto sent = pattern(1000);
    EXPECT_EQ(answer_to(write(data_endpoint, sent)).length, 1000U);
    Octets back;
    for (const auto one : reads) {
        if (back.size() == sent.size()) break;
        const auto some = answer_to(one);
        EXPECT_EQ(some.status, 0);
        back.insert(back.end(), some.data.begin(), some.data.end());
    }
    EXPECT_EQ(back, sent);
}

TEST_F(UsbipApplicationTest, LetsAnInterruptTransferWaitUntilItIsTakenBack) {
    const auto waiting = read(notifications, 8, 8);
    const auto second = read(notifications, 8, 8);
    const auto bulk = read(data_endpoint, 64);
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(answer_to(request({0x80, 0, 0, 0, 0, 0, 2, 0})).status, 0);
    EXPECT_FALSE(answered(waiting));
    take_back(waiting);
    const auto taken = answer_to(last());
    EXPECT_TRUE(taken.unlink);
    EXPECT_EQ(taken.status, unlinked);
    take_back(bulk);
    EXPECT_EQ(answer_to(last()).status, unlinked);
    EXPECT_EQ(echo_of(pattern(5)), pattern(5)) << "what was taken back has eaten nothing";
    EXPECT_FALSE(answered(waiting));
    EXPECT_FALSE(answered(second));
    EXPECT_FALSE(answered(bulk));
}

TEST_F(UsbipApplicationTest, StallsAHaltedEndpointAndStartsAnewWithToggles) {
    ASSERT_EQ(echo_of(pattern(1)), pattern(1));  // both directions are at DATA1 now
    EXPECT_EQ(answer_to(request({0x02, 3, 0, 0, 0x01, 0, 0, 0})).status, 0);
    EXPECT_EQ(answer_to(write(data_endpoint, pattern(2))).status, stalled);
    EXPECT_EQ(answer_to(request({0x02, 1, 0, 0, 0x01, 0, 0, 0})).status, 0);
    EXPECT_EQ(echo_of(pattern(3)), pattern(3)) << "OUT from DATA0";
    EXPECT_EQ(answer_to(request({0x02, 3, 0, 0, 0x81, 0, 0, 0})).status, 0);
    EXPECT_EQ(answer_to(read(data_endpoint, 64)).status, stalled);
    EXPECT_EQ(answer_to(request({0x02, 1, 0, 0, 0x81, 0, 0, 0})).status, 0);
    EXPECT_EQ(echo_of(pattern(4)), pattern(4)) << "IN from DATA0";
    EXPECT_EQ(answer_to(request({0x00, 9, 1, 0, 0, 0, 0, 0})).status, 0);
    EXPECT_EQ(echo_of(pattern(5)), pattern(5)) << "both, after SET_CONFIGURATION";
}

TEST_F(UsbipApplicationTest, IsReplacedByTheBootloaderAndComesBack) {
    constexpr std::array<std::uint8_t, 8> get_dfu_state{0xa1, 5, 0, 0, 0, 0, 1, 0};
    read(notifications, 8, 8);
    read(data_endpoint, 128);
    EXPECT_EQ(answer_to(request({0x21, 0, 0xe8, 3, 2, 0, 0, 0})).status, 0) << "DETACH";
    ASSERT_TRUE(bench.wait_for_end(*client)) << "the client learns that the device has gone";
    ASSERT_TRUE(bench.wait_for_devices()) << bench.log;
    EXPECT_EQ(product(), 0xDB42);
    import();
    EXPECT_EQ(answer_to(request(get_dfu_state)).data, Octets{2}) << "dfuIDLE";
    EXPECT_EQ(answer_to(request({0x21, 0, 0, 0, 0, 0, 0, 0})).status, 0);
    ASSERT_TRUE(bench.wait_for_end(*client));
    ASSERT_TRUE(bench.wait_for_devices()) << bench.log;
    EXPECT_EQ(product(), 0x0001);
    import();
    EXPECT_EQ(echo_of(pattern(64)), pattern(64));
}

}  // namespace
}  // namespace sim::serve::usbip::test
