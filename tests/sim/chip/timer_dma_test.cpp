// SPDX-License-Identifier: ISC
// Requests of the timers to the DMA (RM0008 table 78, 15.4.4) and bursts through DMAR (15.4.17, 15.4.18).
#include <utility>
#include <vector>

#include "tests/sim/chip/timer_fixture.hpp"

namespace sim::chip {
namespace {

constexpr std::uint32_t dma1 = 0x4002'0000, en = 1, from_memory = bit(4), minc = bit(7), half_words = 0x500;
constexpr std::uint32_t cen = 1, ccr3 = 0x3c, ccr4 = 0x40;

struct TimerDmaTest : Timers {
    TimerDmaTest() { put(rcc + 0x14, 0x15); }
    static std::uint32_t channel(unsigned number) { return dma1 + 8 + 20 * (number - 1); }
    std::uint32_t left(unsigned number) { return get(channel(number) + 4); }
    void feed(unsigned number, std::uint32_t to, const std::vector<std::uint16_t>& values) {
        for (std::size_t at = 0; at < values.size(); ++at) {
            chip_.ram[2 * at] = static_cast<std::uint8_t>(values[at]);
            chip_.ram[2 * at + 1] = static_cast<std::uint8_t>(values[at] >> 8);
        }
        put(channel(number), 0);
        put(channel(number) + 4, static_cast<std::uint32_t>(values.size()));
        put(channel(number) + 8, to);
        put(channel(number) + 12, ram_base);
        put(channel(number), en | from_memory | minc | half_words);
    }
};

TEST_F(TimerDmaTest, EachEventHasItsChannel) {  // table 78
    struct Request {
        std::uint32_t timer;
        unsigned event, channel;  // by its bit in SR and EGR
    };
    for (const auto& [timer, event, number] :
         {Request{tim1_at, 0, 5}, Request{tim1_at, 1, 2}, Request{tim1_at, 2, 3}, Request{tim1_at, 3, 6},
          Request{tim1_at, 4, 4}, Request{tim1_at, 5, 4}, Request{tim1_at, 6, 4}, Request{tim2_at, 0, 2},
          Request{tim2_at, 1, 5}, Request{tim2_at, 2, 7}, Request{tim2_at, 3, 1}, Request{tim2_at, 4, 7},
          Request{tim3_at, 0, 3}, Request{tim3_at, 1, 6}, Request{tim3_at, 3, 2}, Request{tim3_at, 4, 3},
          Request{tim3_at, 6, 6}, Request{tim4_at, 0, 7}, Request{tim4_at, 1, 1}, Request{tim4_at, 2, 4},
          Request{tim4_at, 3, 5}}) {
        for (unsigned other = 1; other <= 7; ++other)
            feed(other, tim4_at + arr, {1, 2});
        put(timer + egr, bit(event));
        pass(10 * us);
        EXPECT_EQ(left(number), 2u) << "DIER does not ask";
        put(timer + dier, bit(event) << 8);
        put(timer + egr, bit(event));
        pass(10 * us);
        for (unsigned other = 1; other <= 7; ++other)
            EXPECT_EQ(left(other), other == number ? 1u : 2u) << std::hex << timer << ' ' << event << ' ' << other;
        put(timer + dier, 0);
    }
}

TEST_F(TimerDmaTest, EachUpdateFetchesTheNextPwmValue) {  // 15.4.4, UDE: LED strips are driven so
    put(gpioa_crl, 0x4444'444b);
    count_to(tim2_at, 99);
    put(tim2_at + ccmr1, 0x68);
    put(tim2_at + ccer, 1);
    put(tim2_at + dier, bit(8));
    feed(2, tim2_at + ccr1, {10, 60, 30});
    put(tim2_at + cr1, cen);
    pass(200 * us);  // the first value is fetched at 100 us and is in use from 200 us
    EXPECT_NEAR(seconds(high_time({'A', 0}, 100 * us)), 10e-6, 1.1e-6);
    EXPECT_NEAR(seconds(high_time({'A', 0}, 100 * us)), 60e-6, 1.1e-6);
    EXPECT_NEAR(seconds(high_time({'A', 0}, 100 * us)), 30e-6, 1.1e-6);
    EXPECT_EQ(left(2), 0u);
    EXPECT_EQ(complaints(), 0u);
}

TEST_F(TimerDmaTest, ACaptureIsTakenAndItsFlagFalls) {  // 15.3.5
    count_to(tim2_at, 0xffff);
    put(tim2_at + ccmr1, 1);
    put(tim2_at + ccer, 1);
    put(tim2_at + dier, bit(9));
    put(channel(5) + 4, 2);
    put(channel(5) + 8, tim2_at + ccr1);
    put(channel(5) + 12, ram_base);
    put(channel(5), en | minc | half_words);
    put(tim2_at + cr1, cen);
    for (int edge = 0; edge < 2; ++edge) {
        pass(50 * us);
        chip_.gpio.drive({'A', 0}, Level::high);
        pass(10 * us);
        chip_.gpio.drive({'A', 0}, Level::low);
    }
    EXPECT_EQ(left(5), 0u);
    EXPECT_EQ(chip_.ram[0], 50);
    EXPECT_EQ(chip_.ram[2], 110);
    EXPECT_EQ(get(tim2_at + sr) & 0x202, 0u);
}

TEST_F(TimerDmaTest, CompareRequestsMayWaitForTheUpdate) {  // 15.4.2, CCDS
    count_to(tim2_at, 99);
    put(tim2_at + ccr1, 40);
    put(tim2_at + dier, bit(9));
    put(tim2_at + cr1, cen);
    feed(5, tim2_at + ccr4, {1, 2, 3});
    pass(50 * us);
    EXPECT_EQ(left(5), 2u);
    put(tim2_at + cr2, bit(3));
    pass(40 * us);
    EXPECT_EQ(left(5), 2u);
    pass(20 * us);
    EXPECT_EQ(left(5), 1u) << "with the update";
    pass(50 * us);
    EXPECT_EQ(left(5), 1u) << "and not with the match";
}

TEST_F(TimerDmaTest, ARequestWaitsForItsChannelUntilItsEnableFalls) {  // 15.4.4
    put(tim2_at + dier, bit(8));
    put(tim2_at + egr, 1);
    feed(2, tim2_at + ccr4, {7});
    pass(10 * us);
    EXPECT_EQ(left(2), 0u);
    put(tim2_at + egr, 1);
    put(tim2_at + dier, 0);
    feed(2, tim2_at + ccr4, {8});
    pass(10 * us);
    EXPECT_EQ(left(2), 1u);
}

TEST_F(TimerDmaTest, ABurstWritesSeveralRegistersAtOneEvent) {  // 15.4.17, 15.4.18
    put(tim2_at + dcr, 2u << 8 | ccr2 / 4);                     // CCR2 to CCR4
    put(tim2_at + dier, bit(8));
    feed(2, tim2_at + dmar, {11, 22, 33, 44, 55, 66});
    put(tim2_at + egr, 1);
    pass(10 * us);
    EXPECT_EQ(left(2), 3u);
    EXPECT_EQ(get(tim2_at + ccr1), 0u);
    EXPECT_EQ(get(tim2_at + ccr2), 11u);
    EXPECT_EQ(get(tim2_at + ccr3), 22u);
    EXPECT_EQ(get(tim2_at + ccr4), 33u);
    put(tim2_at + egr, 1);
    pass(10 * us);
    EXPECT_EQ(left(2), 0u);
    EXPECT_EQ(get(tim2_at + ccr2), 44u) << "from the beginning again";
    EXPECT_EQ(get(tim2_at + ccr4), 66u);
    put(tim2_at + dmar, 99);
    EXPECT_EQ(get(tim2_at + ccr2), 99u) << "a program's own access is one register";
    EXPECT_EQ(complaints(), 0u);
    put(tim2_at + dcr, dcr / 4);
    put(tim2_at + dmar, 1);
    EXPECT_NE(chip_.services.refused.find("TIM2: a burst"), std::string::npos) << chip_.services.refused;
}

}  // namespace
}  // namespace sim::chip
