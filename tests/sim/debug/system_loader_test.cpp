// SPDX-License-Identifier: ISC
// The loader in system memory, byte by byte (AN3155).
#include <deque>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/sim/debug/counting.hpp"

namespace sim::test {
namespace {

using testing::ElementsAre;
using Bytes = std::vector<std::uint8_t>;

constexpr Time millisecond{1'000'000'000};
constexpr std::uint8_t ack = 0x79, nack = 0x1f;

class SystemLoader : public testing::Test {
  protected:
    SystemLoader() {
        machine.on_usart([this](int usart, std::uint8_t byte) {
            EXPECT_EQ(usart, 1);
            answered.push_back(byte);
        });
        machine.set_boot0(Level::high);
        machine.power_on();
    }
    void say(const Bytes& bytes) {
        for (const std::uint8_t byte : bytes)
            machine.receive_serial(byte, 115'200);
    }
    Bytes ask(const Bytes& bytes, Time time = 100 * millisecond) {
        say(bytes);
        machine.run_for(time);
        return std::exchange(answered, {});
    }
    static Bytes with_sum(Bytes bytes) {
        std::uint8_t sum = 0;
        for (const std::uint8_t byte : bytes)
            sum ^= byte;
        bytes.push_back(sum);
        return bytes;
    }
    static Bytes at(std::uint32_t address) {
        return with_sum({static_cast<std::uint8_t>(address >> 24), static_cast<std::uint8_t>(address >> 16),
                         static_cast<std::uint8_t>(address >> 8), static_cast<std::uint8_t>(address)});
    }
    void synchronize() { ASSERT_THAT(ask({0x7f}), ElementsAre(ack)); }
    void command(std::uint8_t code) {
        ASSERT_THAT(ask({code, static_cast<std::uint8_t>(~code)}), ElementsAre(ack)) << +code;
    }
    void write(std::uint32_t address, Bytes data) {
        command(0x31);
        ASSERT_THAT(ask(at(address)), ElementsAre(ack));
        data.insert(data.begin(), static_cast<std::uint8_t>(data.size() - 1));
        ASSERT_THAT(ask(with_sum(data)), ElementsAre(ack));
    }
    Bytes read(std::uint32_t address, std::uint8_t count) {
        command(0x11);
        EXPECT_THAT(ask(at(address)), ElementsAre(ack));
        const auto less = static_cast<std::uint8_t>(count - 1);
        Bytes got = ask({less, static_cast<std::uint8_t>(~less)});
        EXPECT_EQ(got.at(0), ack);
        got.erase(got.begin());
        return got;
    }

    Machine machine;
    Bytes answered;
};

TEST_F(SystemLoader, IsSilentUntilItIsSynchronized) {
    EXPECT_TRUE(machine.in_system_loader());
    EXPECT_TRUE(ask({0x00, 0xff}).empty());
    synchronize();
    EXPECT_THAT(ask({0x7f}), ElementsAre()) << "the first half of a command that there is not";
    EXPECT_THAT(ask({0x7f}), ElementsAre(nack));
}

TEST_F(SystemLoader, TellsItsCommandsVersionAndChip) {
    synchronize();
    EXPECT_THAT(ask({0x00, 0xff}),
                ElementsAre(ack, 11, 0x22, 0x00, 0x01, 0x02, 0x11, 0x21, 0x31, 0x43, 0x63, 0x73, 0x82, 0x92, ack));
    EXPECT_THAT(ask({0x01, 0xfe}), ElementsAre(ack, 0x22, 0, 0, ack));
    EXPECT_THAT(ask({0x02, 0xfd}), ElementsAre(ack, 1, 0x04, 0x10, ack));
    EXPECT_THAT(ask({0x44, 0xbb}), ElementsAre(nack)) << "no extended erase in 2.2";
    EXPECT_THAT(ask({0x00, 0x00}), ElementsAre(nack));
}

TEST_F(SystemLoader, WritesFlashInItsTimeAndReadsItBack) {
    synchronize();
    Bytes data(256);
    for (std::size_t at = 0; at < data.size(); ++at)
        data[at] = static_cast<std::uint8_t>(at * 7);
    command(0x31);
    ASSERT_THAT(ask(at(0x0800'0400)), ElementsAre(ack));
    Bytes sent = data;
    sent.insert(sent.begin(), 255);
    EXPECT_TRUE(ask(with_sum(sent), 6 * millisecond).empty()) << "128 half-words of 52.5 us";
    EXPECT_THAT(ask({}), ElementsAre(ack));
    EXPECT_EQ(read(0x0800'0400, 255), Bytes(data.begin(), data.end() - 1));
}

TEST_F(SystemLoader, AnswersAtTheRateOfTheLine) {
    synchronize();
    say({0x00, 0xff});
    machine.run_for(2 * 11 * Time{1'000'000'000'000 / 115'200} + millisecond / 100);
    EXPECT_EQ(answered.size(), 3u);
}

TEST_F(SystemLoader, ErasesPagesAndAll) {
    machine.load_bytes(0x0800'0000, Bytes(4096, 0x55));
    synchronize();
    command(0x43);
    EXPECT_THAT(ask(with_sum({0x01, 0x01, 0x03})), ElementsAre(ack));
    EXPECT_EQ(machine.flash()[0x3ff], 0x55);
    EXPECT_EQ(machine.flash()[0x400], 0xff);
    EXPECT_EQ(machine.flash()[0x800], 0x55);
    EXPECT_EQ(machine.flash()[0xc00], 0xff);
    command(0x43);
    EXPECT_THAT(ask({0x00, 0x05, 0x00}), ElementsAre(nack)) << "a wrong sum";
    command(0x43);
    EXPECT_THAT(ask({0xff, 0x00}), ElementsAre(ack));
    EXPECT_THAT(machine.flash().first(4096), testing::Each(0xff));
}

TEST_F(SystemLoader, RefusesAddressesThatAreNotThere) {
    synchronize();
    for (const std::uint32_t address : {0x0000'0000u, 0x0801'0000u, 0x2000'0100u, 0x2000'5000u, 0x4000'0000u}) {
        command(0x31);
        EXPECT_THAT(ask(at(address)), ElementsAre(nack)) << address;
    }
    command(0x31);
    EXPECT_THAT(ask({0x08, 0, 0, 0, 0}), ElementsAre(nack)) << "a wrong sum";
    command(0x31);
    ASSERT_THAT(ask(at(0x0800'0000)), ElementsAre(ack));
    EXPECT_THAT(ask(with_sum({0x02, 1, 2, 3})), ElementsAre(nack)) << "not a multiple of four";
    EXPECT_EQ(machine.counters().flash_operations, 0u);
}

TEST_F(SystemLoader, StartsAProgram) {
    Machine other;
    load_counting(other);
    machine.load_bytes(0x0800'0000, Bytes(other.flash().begin(), other.flash().begin() + 0x200));
    synchronize();
    command(0x21);
    EXPECT_THAT(ask(at(0x0800'0000)), ElementsAre(ack));
    EXPECT_FALSE(machine.in_system_loader());
    EXPECT_GT(machine.read_word(counting::stored_at), 1000u);
    EXPECT_EQ(machine.hclk_hz(), 24'000'000u) << "as the loader leaves it";
}

TEST_F(SystemLoader, ProtectsAndUnprotectsReading) {
    machine.load_bytes(0x0800'0000, Bytes(1024, 0x55));
    synchronize();
    EXPECT_THAT(ask({0x82, 0x7d}), ElementsAre(ack, ack));
    synchronize();  // it has been reset
    EXPECT_THAT(ask({0x11, 0xee}), ElementsAre(nack));
    EXPECT_THAT(ask({0x31, 0xce}), ElementsAre(nack));
    EXPECT_THAT(ask({0x01, 0xfe}), ElementsAre(ack, 0x22, 0, 0, ack));
    EXPECT_THAT(ask({0x92, 0x6d}), ElementsAre(ack, ack));
    synchronize();
    EXPECT_EQ(read(0x0800'0000, 4), (Bytes{0xff, 0xff, 0xff, 0xff})) << "unprotecting erases all";
}

TEST_F(SystemLoader, ProtectsAndUnprotectsWriting) {
    synchronize();
    command(0x63);
    EXPECT_THAT(ask(with_sum({0x00, 0x01})), ElementsAre(ack)) << "pages 4 to 7";
    synchronize();
    write(0x0800'1000, {1, 2, 3, 4});
    EXPECT_EQ(machine.flash()[0x1000], 0xff) << "AN3155: no error is reported";
    write(0x0800'0000, {1, 2, 3, 4});
    EXPECT_EQ(machine.flash()[0], 1);
    EXPECT_THAT(ask({0x73, 0x8c}), ElementsAre(ack, ack));
    synchronize();
    write(0x0800'1000, {1, 2, 3, 4});
    EXPECT_EQ(machine.flash()[0x1000], 1);
}

TEST_F(SystemLoader, IsLeftByAResetWithBoot0Low) {
    synchronize();
    load_counting(machine);
    machine.set_boot0(Level::low);
    machine.reset();
    EXPECT_FALSE(machine.in_system_loader());
    EXPECT_TRUE(ask({0x7f}).empty());
    EXPECT_GT(machine.core_register(0), 10u);
}

TEST_F(SystemLoader, GoesOnFromASnapshot) {
    synchronize();
    say({0x31, 0xce});
    const auto taken = machine.snapshot();
    EXPECT_THAT(ask({}), ElementsAre(ack));
    machine.restore(*taken);
    EXPECT_THAT(ask({}), ElementsAre(ack));
    EXPECT_THAT(ask(at(0x0800'0000)), ElementsAre(ack));
}

RC_GTEST_FIXTURE_PROP(SystemLoader, SurvivesNoise, (const Bytes& noise)) {
    say({0x7f});
    for (const std::uint8_t byte : noise) {
        machine.receive_serial(byte, 9600);
        machine.run_for(millisecond);
    }
}

}  // namespace
}  // namespace sim::test
