// SPDX-License-Identifier: ISC
// A host that does anything: malformed SETUPs, data stages cut short or too long, early status stages, wrong toggles,
// lost acknowledgements, resets and suspends in the middle of it, mixed with requests that make sense. Whatever it did,
// the device can then be enumerated and flashed, and nothing outside of the application's region was touched.
//
// Each case is drawn from its number. DAPBOOT_HOSTILE_SECONDS=600 goes on for so long, from a number of the day;
// DAPBOOT_HOSTILE_SEED=n begins with case n.
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sim/support/bench.hpp"

namespace sim::test {
namespace {

using Bytes = std::vector<std::uint8_t>;

class HostileHost {
  public:
    HostileHost(Bench& bench, const Application& image, std::uint32_t seed)
        : bench_(bench), host_(bench.host), image_(image), random_(seed) {}

    void act() {
        switch (below(16)) {
            case 0:
            case 1:
            case 2:
                return send_piece();
            case 3:
            case 4:
                return ask();
            case 5:
                return malformed_setup();
            case 6:
            case 7:
                return packets(below(6));
            case 8:
                return sensible();
            case 9:
            case 10:
                static_cast<void>(bench_.dfu.settle());
                return;
            case 11:
                static_cast<void>(bench_.dfu.dnload_end(block_++));
                return;
            case 12:
                static_cast<void>(host_.reset_port(below(30) * millisecond));
                return address_again();
            case 13:
                host_.suspend();
                host_.advance(below(20) * millisecond);
                return host_.resume();
            case 14:
                return overrun();
            default:
                return host_.advance(below(1000) * below(100) * microsecond);
        }
    }

  private:
    std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(random_()) % limit; }
    bool chance(std::uint32_t in) { return below(in) == 0; }
    template <class T, std::size_t size>
    T one_of(const T (&values)[size]) {
        return values[below(size)];
    }
    Bytes noise(std::size_t size) {
        Bytes made(size);
        for (auto& byte : made)
            byte = static_cast<std::uint8_t>(random_());
        return made;
    }
    static Bytes setup_bytes(unsigned type, unsigned request, unsigned value, unsigned index, unsigned length) {
        return {static_cast<std::uint8_t>(type),   static_cast<std::uint8_t>(request),
                static_cast<std::uint8_t>(value),  static_cast<std::uint8_t>(value >> 8),
                static_cast<std::uint8_t>(index),  static_cast<std::uint8_t>(index >> 8),
                static_cast<std::uint8_t>(length), static_cast<std::uint8_t>(length >> 8)};
    }
    void setup(const Bytes& bytes) {
        host_.raw_setup(host_.address(), 0, bytes);
        if (!chance(4)) host_.advance(below(300) * microsecond);
    }

    /// A block of the image, most of the time as it should be sent.
    void send_piece() {
        constexpr std::uint32_t sizes[] = {128, 192, 512, 1000, 1024, 1024, 2048};
        if (chance(6)) block_ = 0;
        if (block_ == 0) at_ = 0;
        const std::size_t size = std::min<std::size_t>(one_of(sizes), image_.bytes.size() - at_);
        setup(setup_bytes(0x21, 1, block_, 0, static_cast<unsigned>(size)));
        if (!send_data(std::span(image_.bytes).subspan(at_, size))) return;
        status_in();
        if (chance(20)) return;
        ++block_;
        at_ += size;
        if (at_ == image_.bytes.size()) at_ = 0;
        if (!chance(8)) static_cast<void>(bench_.dfu.settle());
    }
    /// In packets, the last one short. False when it has been cut short.
    bool send_data(std::span<const std::uint8_t> data) {
        bool data1 = true;
        for (std::size_t sent = 0; sent < data.size(); sent += 64) {
            if (chance(80)) return false;
            const auto packet = data.subspan(sent, std::min<std::size_t>(64, data.size() - sent));
            const bool wrong = chance(120);
            for (int tries = 0; tries < 20; ++tries) {
                if (host_.raw_out(host_.address(), 0, data1 != wrong, packet) != Handshake::nak) break;
            }
            data1 = !data1;
        }
        return true;
    }
    /// A block with more data than it has announced.
    void overrun() {
        bench_.dfu.clear_status();
        const std::uint32_t announced = 1 + below(2048);
        setup(setup_bytes(0x21, 1, 0, 0, announced));
        send_data(noise(announced + below(6000)));
        status_in();
    }
    void status_in() {
        for (int tries = 0; tries < 20; ++tries) {
            if (host_.raw_in(host_.address(), 0, !chance(20)).handshake != Handshake::nak) return;
        }
    }
    /// Any request, with a data stage that fits it or not.
    void ask() {
        constexpr unsigned types[] = {0x00, 0x01, 0x02, 0x80, 0x81, 0x82, 0x21, 0xA1, 0x40, 0xC0};
        constexpr unsigned lengths[] = {0, 1, 2, 6, 18, 63, 64, 65, 255, 1024, 2048, 2049, 65535};
        const unsigned type = chance(8) ? below(256) : one_of(types);
        const unsigned request = chance(4) ? below(256) : below(13);
        const unsigned value = chance(2) ? below(8) << 8 | below(4) : below(65536);
        setup(setup_bytes(type, request, value, chance(4) ? below(65536) : below(8), one_of(lengths)));
        packets(below(8));
    }
    void malformed_setup() {
        constexpr std::size_t sizes[] = {0, 1, 7, 8, 9, 16, 63, 64};
        const auto address = static_cast<std::uint8_t>(chance(3) ? below(128) : host_.address());
        const auto endpoint = static_cast<std::uint8_t>(chance(2) ? below(16) : 0);
        host_.raw_setup(address, endpoint, noise(one_of(sizes)), chance(2));
    }
    /// In either direction, of any size, with any toggle.
    void packets(std::uint32_t count) {
        for (; count > 0; --count) {
            const auto endpoint = static_cast<std::uint8_t>(chance(10) ? below(16) : 0);
            if (chance(2))
                host_.raw_out(host_.address(), endpoint, chance(2), noise(chance(3) ? 0 : below(65)));
            else
                host_.raw_in(host_.address(), endpoint, !chance(5));
            if (chance(2)) host_.advance(below(100) * microsecond);
        }
    }
    void sensible() {
        switch (below(5)) {
            case 0:
                static_cast<void>(
                    bench_.dfu.upload(static_cast<std::uint16_t>(below(4)), static_cast<std::uint16_t>(below(3000))));
                return;
            case 1:
                bench_.dfu.abort();
                return;
            case 2:
                bench_.dfu.clear_status();
                return;
            case 3:
                static_cast<void>(bench_.dfu.get_state());
                return;
            default:
                if (chance(6)) bench_.dfu.detach();
        }
    }
    /// After a bus reset the device answers at 0, until it is told otherwise.
    void address_again() {
        host_.talk_to(0, 64);
        if (chance(3)) return;
        host_.advance(20 * millisecond);
        const std::uint8_t address = static_cast<std::uint8_t>(1 + below(127));
        setup(setup_bytes(0, 5, address, 0, 0));
        status_in();
        host_.advance(3 * millisecond);
        host_.talk_to(address, 64);
        setup(setup_bytes(0, 9, 1, 0, 0));
        status_in();
        block_ = 0;
    }

    Bench& bench_;
    UsbHost& host_;
    const Application& image_;
    std::mt19937 random_;
    std::uint16_t block_ = 0;
    std::size_t at_ = 0;
};

/// How many cases, and from which on.
class Cases {
  public:
    Cases() {
        const char* const seconds = std::getenv("DAPBOOT_HOSTILE_SECONDS");
        if (seconds != nullptr) {
            until_ = std::chrono::steady_clock::now() + std::chrono::seconds(std::atoi(seconds));
            next_ = std::random_device()();
        }
        if (const char* const seed = std::getenv("DAPBOOT_HOSTILE_SEED"))
            next_ = static_cast<std::uint32_t>(std::strtoul(seed, nullptr, 10));
        first_ = next_;
    }
    bool more() const {
        if (until_ != std::chrono::steady_clock::time_point{}) return std::chrono::steady_clock::now() < until_;
        return next_ - first_ < default_count;
    }
    std::uint32_t draw() { return next_++; }
    std::uint32_t count() const { return next_ - first_; }

  private:
    static constexpr std::uint32_t default_count = 250;
    std::chrono::steady_clock::time_point until_{};
    std::uint32_t next_ = 1, first_ = 1;
};

class HostileHostTest : public testing::TestWithParam<const char*> {};

TEST_P(HostileHostTest, LeavesADeviceThatEnumeratesAndFlashes) {
    constexpr int acts = 60;
    const Target& on = target(GetParam());
    // A chip with as much RAM as the bootloader may use: what overruns its buffer meets a fault.
    Board board = on.make_board();
    board.chip.ram_bytes = on.ram_limit();
    // The bootloader's fault handler starts over, so that a fault could pass for good behaviour.
    std::vector<std::string> faults;
    MachineOptions options;
    options.log = [&](const std::string& sentence) { faults.push_back(sentence); };
    Bench bench(on, board, options);
    const auto old = make_application(bench.target, 2600, 1);
    const auto image = make_application(bench.target, 3700, 2);
    const auto last = make_application(bench.target, 1500, 3);
    bench.install(old);
    bench.enter_dfu();
    const auto machine_start = bench.machine.snapshot();
    const auto host_start = bench.host.state();
    std::uint64_t flash_operations = 0;
    std::uint32_t left = 0;
    Cases cases;
    while (cases.more()) {
        const std::uint32_t seed = cases.draw();
        SCOPED_TRACE(testing::Message() << "case " << seed);
        bench.machine.restore(*machine_start);
        bench.host.set_state(host_start);
        bench.watch.clear();
        try {
            HostileHost hostile(bench, image, seed);
            for (int i = 0; i < acts; ++i)
                hostile.act();
            flash_operations += bench.watch.operations().size();
            // Where a download was complete, the device leaves by itself.
            bench.host.reset_port();
            bench.host.advance(300 * millisecond);  // it leaves a quarter of a second after the last packet
            if (!bench.target.is_bootloader(bench.machine.core_register(15))) {
                ++left;
                bench.enter_dfu_again();
            } else {
                bench.enumerate();
            }
            EXPECT_EQ(bench.dfu.get_state(), flasher::DfuState::dfu_idle);
            bench.client().download(last.bytes);
            EXPECT_TRUE(bench.boots(last));
        } catch (const std::runtime_error& error) {
            ADD_FAILURE() << error.what();
        }
        EXPECT_TRUE(bench.watch.trespasses().empty());
        EXPECT_THAT(faults, testing::IsEmpty());
        ASSERT_FALSE(HasFailure()) << "again: DAPBOOT_HOSTILE_SEED=" << seed;
    }
    std::cout << cases.count() << " cases, " << flash_operations << " flash operations, " << left
              << " times left for the application\n";
    // Otherwise it would never have come anywhere.
    EXPECT_GT(flash_operations, cases.count());
    EXPECT_GT(left, 0U);
}

INSTANTIATE_TEST_SUITE_P(Layouts, HostileHostTest, testing::Values("bluepill", "bluepill-high", "bttskrminie3v2"),
                         [](const auto& named) { return identifier(named.param); });

}  // namespace
}  // namespace sim::test
