// SPDX-License-Identifier: ISC
// Where the timers are, their pins, what triggers them, and their DMA channels (RM0008 tables 3, 63, 43 to 46, 82, 86,
// 78).
#include "sim/chip/timer.hpp"

namespace sim::chip {

const TimerKind& tim1() {
    static const TimerKind kind{.place = {.name = "TIM1", .base = 0x4001'2c00, .gate = Gate::apb2, .gate_bit = 11},
                                .number = 1,
                                .advanced = true,
                                .update_interrupt = 25,
                                .compare_interrupt = 27,
                                .break_interrupt = 24,
                                .trigger_interrupt = 26,
                                .remap = {.at = 6, .width = 2},
                                .channels = {{{{{'A', 8}, {'A', 8}, {'A', 8}, {'E', 9}}},
                                              {{{'A', 9}, {'A', 9}, {'A', 9}, {'E', 11}}},
                                              {{{'A', 10}, {'A', 10}, {'A', 10}, {'E', 13}}},
                                              {{{'A', 11}, {'A', 11}, {'A', 11}, {'E', 14}}}}},
                                .complementary = {{{{{'B', 13}, {'A', 7}, {'B', 13}, {'E', 8}}},
                                                   {{{'B', 14}, {'B', 0}, {'B', 14}, {'E', 10}}},
                                                   {{{'B', 15}, {'B', 1}, {'B', 15}, {'E', 12}}}}},
                                .break_input = {{{'B', 12}, {'A', 6}, {'B', 12}, {'E', 15}}},
                                .etr = {{{'A', 12}, {'A', 12}, {'A', 12}, {'E', 7}}},
                                .internal_triggers = {0, 2, 3, 4},
                                .dma = {5, 2, 3, 6, 4, 4, 4}};
    return kind;
}

const TimerKind& tim2() {
    static const TimerKind kind{.place = {.name = "TIM2", .base = 0x4000'0000, .gate = Gate::apb1, .gate_bit = 0},
                                .number = 2,
                                .update_interrupt = 28,
                                .remap = {.at = 8, .width = 2},
                                .channels = {{{{{'A', 0}, {'A', 15}, {'A', 0}, {'A', 15}}},
                                              {{{'A', 1}, {'B', 3}, {'A', 1}, {'B', 3}}},
                                              {{{'A', 2}, {'A', 2}, {'B', 10}, {'B', 10}}},
                                              {{{'A', 3}, {'A', 3}, {'B', 11}, {'B', 11}}}}},
                                .etr = {{{'A', 0}, {'A', 15}, {'A', 0}, {'A', 15}}},
                                .internal_triggers = {1, 0, 3, 4},
                                .dma = {2, 5, 7, 1, 7, 0, 0}};
    return kind;
}

const TimerKind& tim3() {
    static const TimerKind kind{.place = {.name = "TIM3", .base = 0x4000'0400, .gate = Gate::apb1, .gate_bit = 1},
                                .number = 3,
                                .update_interrupt = 29,
                                .remap = {.at = 10, .width = 2},
                                .channels = {{{{{'A', 6}, {'A', 6}, {'B', 4}, {'C', 6}}},
                                              {{{'A', 7}, {'A', 7}, {'B', 5}, {'C', 7}}},
                                              {{{'B', 0}, {'B', 0}, {'B', 0}, {'C', 8}}},
                                              {{{'B', 1}, {'B', 1}, {'B', 1}, {'C', 9}}}}},
                                .etr = {{{'D', 2}, {'D', 2}, {'D', 2}, {'D', 2}}},
                                .internal_triggers = {1, 2, 0, 4},
                                .dma = {3, 6, 0, 2, 3, 0, 6}};
    return kind;
}

const TimerKind& tim4() {
    static const TimerKind kind{.place = {.name = "TIM4", .base = 0x4000'0800, .gate = Gate::apb1, .gate_bit = 2},
                                .number = 4,
                                .update_interrupt = 30,
                                .remap = {.at = 12, .width = 1},
                                .channels = {{{{{'B', 6}, {'D', 12}}},
                                              {{{'B', 7}, {'D', 13}}},
                                              {{{'B', 8}, {'D', 14}}},
                                              {{{'B', 9}, {'D', 15}}}}},
                                .etr = {{{'E', 0}, {'E', 0}}},
                                .internal_triggers = {1, 2, 3, 0},
                                .dma = {7, 1, 4, 5, 0, 0, 0}};
    return kind;
}

}  // namespace sim::chip
