// SPDX-License-Identifier: ISC
// What applications do with their vector table, and what a high-memory bootloader, which lives in that table, must
// leave them: FreeRTOS and ThreadX reload MSP from its first word, Zephyr, ChibiOS and NuttX fill the reserved vectors.
#include <gtest/gtest.h>

#include "tests/sim/support/bench.hpp"

namespace sim::test {
namespace {

using flasher::DfuState;
using flasher::DfuStatus;

void put_word(std::vector<std::uint8_t>& bytes, std::size_t at, std::uint32_t word) {
    for (std::size_t i = 0; i < 4; ++i)
        bytes[at + i] = static_cast<std::uint8_t>(word >> (8 * i));
}
std::uint32_t word_at(std::span<const std::uint8_t> bytes, std::size_t at) {
    std::uint32_t word = 0;
    for (std::size_t i = 4; i > 0; --i)
        word = word << 8 | bytes[at + i - 1];
    return word;
}
void fill_reserved(Application& application, std::uint32_t value) {
    for (const std::size_t vector : {7U, 8U, 9U, 10U, 13U})
        put_word(application.bytes, 4 * vector, value);
}

class ApplicationsTest : public testing::TestWithParam<const char*> {
  protected:
    /// Downloads, starts, and reads back in another session.
    static void expect_taken_and_given_back(const Application& application) {
        Bench fresh(target(GetParam()));
        fresh.enter_dfu();
        EXPECT_NO_THROW(fresh.client().download(application.bytes));
        EXPECT_TRUE(fresh.boots(application));
        fresh.enter_dfu_again();
        EXPECT_EQ(fresh.client().upload(application.bytes.size()), application.bytes);
        EXPECT_TRUE(fresh.watch.trespasses().empty());
        EXPECT_TRUE(fresh.bootloader_is_whole());
    }
    Bench bench{target(GetParam())};
};

TEST_P(ApplicationsTest, ASchedulerThatReloadsMspFromTheVectorTableGetsItsOwnStack) {
    Application made = make_application(bench.target, 3000, 1);
    put_word(made.bytes, 0, 0x2000'4F00);
    const std::uint16_t code[] = {
        0x4804, 0x6800, 0x6800,  // ldr r0, =SCB_VTOR; ldr r0, [r0]; ldr r0, [r0], as vPortStartFirstTask does
        0xF380, 0x8808,          // msr msp, r0
        0xB403,                  // push {r0, r1}
        0x4902, 0x6008,          // ldr r1, =mark_address; str r0, [r1]
        0xE7FE, 0xBF00,          // b .
        0xED08, 0xE000,
    };
    const std::size_t at = made.reset - bench.target.application;
    for (std::size_t i = 0; i < std::size(code); ++i) {
        made.bytes[at + 2 * i] = static_cast<std::uint8_t>(code[i]);
        made.bytes[at + 2 * i + 1] = static_cast<std::uint8_t>(code[i] >> 8);
    }
    put_word(made.bytes, at + 24, Application::mark_address);
    bench.enter_dfu();
    bench.client().download(made.bytes);
    EXPECT_EQ(bench.power_cycle(), Fate::application);
    bench.machine.run_for(millisecond);
    EXPECT_EQ(bench.machine.read_word(Application::mark_address), 0x2000'4F00U);
    EXPECT_EQ(bench.machine.core_register(13), 0x2000'4F00U - 8);
    // And the bootloader has a stack of its own, whatever stands there.
    bench.enter_dfu_again();
    EXPECT_EQ(bench.dfu.get_state(), DfuState::dfu_idle);
}

TEST_P(ApplicationsTest, ReservedVectorsThatAreAllTheSameAreTakenAndGivenBack) {
    for (const std::uint32_t value : {0U, bench.target.application + 0x151, 0xFFFF'FFFFU}) {
        SCOPED_TRACE(value);
        Application made = make_application(bench.target, 2100, 3);
        fill_reserved(made, value);
        expect_taken_and_given_back(made);
    }
}

TEST_P(ApplicationsTest, ItsOwnTableIsReadBackWordByWord) {
    Application made = make_application(bench.target, 2100, 3);
    fill_reserved(made, bench.target.application + 0x151);
    bench.enter_dfu();
    bench.client().download(made.bytes);
    bench.enter_dfu_again();
    const auto got = bench.client().upload(0x40);
    for (std::size_t vector = 0; vector < 16; ++vector)
        EXPECT_EQ(word_at(got, 4 * vector), word_at(made.bytes, 4 * vector)) << vector;
}

TEST_P(ApplicationsTest, AStackAtTheVeryEndOfRamIsTaken) {
    Application made = make_application(bench.target, 2100, 3);
    put_word(made.bytes, 0, 0x2000'0000 + bench.board.chip.ram_bytes);
    expect_taken_and_given_back(made);
}

std::array<std::uint8_t, 16> read_protection() {
    return {0x00, 0xFF, 0xFF, 0x00, 0xFF, 0x00, 0xFF, 0x00, 0xFF, 0x00, 0xFF, 0x00, 0xFF, 0x00, 0xFF, 0x00};
}

TEST_P(ApplicationsTest, AReadProtectedChipIsNotReadAndKeepsWhatItCannotReplace) {
    const Application old = make_application(bench.target, 6000, 1), next = make_application(bench.target, 6000, 2);
    bench.install(old);
    bench.machine.set_option_bytes(read_protection());
    bench.enter_dfu();
    EXPECT_EQ(bench.dfu.upload(0, 64).end, TransferEnd::stall);
    auto report = bench.dfu.get_status();
    ASSERT_TRUE(report);
    EXPECT_EQ(report->status, DfuStatus::err_vendor);
    ASSERT_EQ(bench.dfu.clear_status(), TransferEnd::ok);

    report = bench.dfu.send_image(next.bytes, 1024);
    ASSERT_TRUE(report);
    if (report->status == DfuStatus::ok) report = bench.dfu.settle();
    ASSERT_TRUE(report);
    if (!bench.target.high_memory) {
        // Pages 0 to 3 are the bootloader's here.
        EXPECT_EQ(report->status, DfuStatus::ok);
        EXPECT_TRUE(bench.boots(next));
        return;
    }
    EXPECT_EQ(report->status, DfuStatus::err_write);
    EXPECT_TRUE(bench.watch.operations().empty());
    EXPECT_TRUE(bench.boots(old));
}

INSTANTIATE_TEST_SUITE_P(Layouts, ApplicationsTest,
                         testing::Values("bluepill", "bluepill-high", "bttskrminie3v2-high-256"),
                         [](const auto& named) { return identifier(named.param); });

/// Cells that a power cut has left half charged may read right today and wrong tomorrow.
class MistrustTest : public testing::TestWithParam<const char*> {
  protected:
    std::size_t pages(const Application& application) const {
        return (application.bytes.size() + bench.target.page - 1) / bench.target.page;
    }
    /// Power fails at that operation of an update, or of a first installation; the next session brings the same image.
    void cut_and_resume(bool installed, std::size_t operation) const {
        Bench cut(target(GetParam()));
        if (installed) cut.install(old);
        cut.enter_dfu();
        cut.watch.cut_at(operation, {.when = PowerCut::When::after});
        cut.dfu.send_image(next.bytes, 1024);
        static_cast<void>(cut.dfu.settle());
        ASSERT_FALSE(cut.machine.powered());
        cut.watch.clear();
        cut.enter_dfu();
        cut.watch.clear();
        cut.client().download(next.bytes);
        EXPECT_GE(cut.watch.erases(), pages(next));
        EXPECT_TRUE(cut.boots(next));
    }
    Bench bench{target(GetParam())};
    const Application old = make_application(bench.target, 9000, 1);
    const Application next = make_application(bench.target, 9000, 2);
};

TEST_P(MistrustTest, TheSessionThatFindsAnUpdateOpenErasesEveryPageThatItWrites) {
    for (const std::size_t operation : {6U, 40U, 700U, 2000U}) {
        SCOPED_TRACE(operation);
        cut_and_resume(true, operation);
    }
}

TEST_P(MistrustTest, AlsoWhereAFirstInstallationWasCut) {
    cut_and_resume(false, 1500);
}

TEST_P(MistrustTest, OneThatFindsNoneTrusts) {
    bench.install(old);
    Application changed = old;
    changed.bytes[5000] ^= 1;
    bench.enter_dfu();
    bench.client().download(changed.bytes);
    EXPECT_EQ(bench.watch.erases(), 2U);
    EXPECT_TRUE(bench.boots(changed));
}

INSTANTIATE_TEST_SUITE_P(Layouts, MistrustTest,
                         testing::Values("bluepill", "bluepill-high", "bttskrminie3v2", "bttskrminie3v2-high-256"),
                         [](const auto& named) { return identifier(named.param); });

}  // namespace
}  // namespace sim::test
