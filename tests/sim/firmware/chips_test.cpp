// SPDX-License-Identifier: ISC
// Chips that are not what the data sheet says: sizes, cells, protection, clones, slow ones, ones whose watchdog runs
// from reset on. Each ends in a whole application or an honest DFU status.
#include <gtest/gtest.h>

#include "tests/sim/support/bench.hpp"

namespace sim::test {
namespace {

using flasher::DfuState;
using flasher::DfuStatus;

/// Sends an image and its manifestation; returns what the device says in the end. Nothing when it
/// has left for the application.
std::optional<flasher::DfuReport> try_download(Bench& bench, const Application& application) {
    auto report = bench.dfu.send_image(application.bytes, bench.target.transfer_size);
    if (!report || report->status != DfuStatus::ok) return report;
    return bench.dfu.settle();
}

/// Downloads an application with the board in DFU mode; it then runs after a reset.
void expect_update(Bench& bench, const Application& application) {
    EXPECT_EQ(bench.client().download(application.bytes), flasher::Ending::left);
    EXPECT_TRUE(bench.boots(application));
}

std::array<std::uint8_t, 16> options(std::uint8_t user, std::uint32_t write_protection) {
    std::array<std::uint8_t, 16> bytes{};
    const std::uint8_t values[8] = {0xA5,
                                    user,
                                    0xFF,
                                    0xFF,
                                    static_cast<std::uint8_t>(write_protection),
                                    static_cast<std::uint8_t>(write_protection >> 8),
                                    static_cast<std::uint8_t>(write_protection >> 16),
                                    static_cast<std::uint8_t>(write_protection >> 24)};
    for (std::size_t i = 0; i < 8; ++i) {
        bytes[2 * i] = values[i];
        bytes[2 * i + 1] = static_cast<std::uint8_t>(~values[i]);
    }
    return bytes;
}

MachineOptions slow_flash() {
    MachineOptions made;
    made.flash_timing = maximum_flash;
    return made;
}

TEST(ChipsTest, ASizeRegisterOf64OnA128KilobytePartIsNotBelievedByABluePill) {
    Board board = target("bluepill").make_board();
    board.chip = stm32f103c8_with_128;
    Bench bench(target("bluepill"), board);
    const auto full = make_application(bench.target, bench.target.capacity(), 3);
    bench.enter_dfu();
    expect_update(bench, full);
    EXPECT_TRUE(bench.watch.trespasses().empty());
}

TEST(ChipsTest, AChipWithHalfOfTheFlashThatTheBuildBelievesInIsInstalledAndUpdated) {
    Board board = target("bluepill").make_board();
    board.chip = stm32f103c8;  // 64 KiB, where the build counts on 128
    Bench bench(target("bluepill"), board);
    const auto first = make_application(bench.target, 56 * 1024, 3), second = make_application(bench.target, 20'000, 4);
    bench.enter_dfu();
    expect_update(bench, first);
    bench.enter_dfu_again();
    expect_update(bench, second);
}

/// Boards whose build counts on more flash than the chip has: by what it was made for, or by what the chip itself says.
TEST(ChipsTest, NothingIsReadOrWrittenPastTheFlashThatThereIs) {
    for (const char* name : {"bluepill", "maplemini", "stlink"}) {
        SCOPED_TRACE(name);
        Board board = target(name).make_board();
        board.chip = with_flash_size(stm32f103cb, 64);
        board.chip.size_register = 128;
        Target smaller = target(name);
        smaller.application_end = 0x0801'0000;
        Bench bench(smaller, board);
        const auto full = make_application(smaller, smaller.capacity(), 3);
        auto longer = full;
        longer.bytes.push_back(0);
        bench.install(full);
        bench.enter_dfu();
        const auto resets = bench.machine.counters().resets;
        for (const std::size_t block : {2048U, 1500U, 64U}) {
            SCOPED_TRACE(block);
            const auto report = bench.dfu.send_image(longer.bytes, block);
            ASSERT_TRUE(report);
            EXPECT_EQ(report->state, DfuState::dfu_error);
            EXPECT_EQ(report->status, DfuStatus::err_address);
            ASSERT_EQ(bench.dfu.clear_status(), TransferEnd::ok);
        }
        for (const std::uint16_t block : {std::uint16_t{2048}, std::uint16_t{1500}}) {
            std::vector<std::uint8_t> read;
            for (std::uint16_t number = 0;; ++number) {
                const auto got = bench.dfu.upload(number, block);
                ASSERT_EQ(got.end, TransferEnd::ok);
                read.insert(read.end(), got.bytes.begin(), got.bytes.end());
                if (got.bytes.size() < block) break;
            }
            EXPECT_EQ(read, full.bytes);
            EXPECT_EQ(bench.dfu.get_state(), DfuState::dfu_idle);
        }
        bench.client().download(full.bytes);
        EXPECT_TRUE(bench.boots(full));
        EXPECT_EQ(bench.machine.counters().complaints, 0U);
        EXPECT_EQ(bench.machine.counters().resets, resets + 1) << "only to start the application";
        EXPECT_TRUE(bench.watch.trespasses().empty());
    }
}

TEST(ChipsTest, ASizeThatLeavesNoRoomRefusesEveryImageAndUploadsNothing) {
    for (const std::uint16_t size : {std::uint16_t{0}, std::uint16_t{1}, std::uint16_t{7}, std::uint16_t{8}}) {
        SCOPED_TRACE(size);
        Board board = target("maplemini").make_board();
        board.chip.size_register = size;
        Bench bench(target("maplemini"), board);
        bench.enter_dfu();
        const auto small = make_application(bench.target, 500, 3);
        const auto report = try_download(bench, small);
        ASSERT_TRUE(report);
        EXPECT_EQ(report->state, DfuState::dfu_error);
        EXPECT_EQ(report->status, DfuStatus::err_address);
        ASSERT_EQ(bench.dfu.clear_status(), TransferEnd::ok);
        const auto got = bench.dfu.upload(0, 64);
        EXPECT_EQ(got.end, TransferEnd::ok);
        EXPECT_TRUE(got.bytes.empty());
        EXPECT_EQ(bench.dfu.get_state(), DfuState::dfu_idle);
        EXPECT_TRUE(bench.watch.operations().empty());
        EXPECT_EQ(bench.power_cycle(), Fate::bootloader);
        EXPECT_EQ(bench.machine.counters().complaints, 0U);
    }
}

TEST(ChipsTest, ASizeThatCannotBeIsBelievedAsFarAsItCan) {
    for (const std::uint16_t size : {std::uint16_t{129}, std::uint16_t{0x8000}, std::uint16_t{0xFFFF}}) {
        SCOPED_TRACE(size);
        Board board = target("maplemini").make_board();
        board.chip = with_flash_size(board.chip, 128);
        board.chip.size_register = size;
        Target at_most = target("maplemini");
        at_most.application_end = 0x0802'0000;
        Bench bench(at_most, board);
        bench.enter_dfu();
        const auto full = make_application(at_most, at_most.capacity(), 4);
        bench.client().download(full.bytes);
        EXPECT_TRUE(bench.boots(full));
        bench.enter_dfu_again();
        auto longer = full;
        longer.bytes.push_back(1);
        const auto report = try_download(bench, longer);
        ASSERT_TRUE(report);
        EXPECT_EQ(report->status, DfuStatus::err_address);
        EXPECT_TRUE(bench.watch.trespasses().empty());
    }
}

class CellsTest : public testing::TestWithParam<const char*> {
  protected:
    std::uint32_t address_of(std::size_t offset) const {
        return bench.target.application + static_cast<std::uint32_t>(offset);
    }
    void expect_status(DfuStatus status, const Application& application) {
        bench.enter_dfu();
        const auto report = try_download(bench, application);
        ASSERT_TRUE(report);
        EXPECT_EQ(report->state, DfuState::dfu_error);
        EXPECT_EQ(report->status, status) << flasher::name_of(report->status);
        EXPECT_EQ(bench.machine.counters().complaints, 0U);
        EXPECT_TRUE(bench.watch.trespasses().empty());
        EXPECT_TRUE(bench.bootloader_is_whole());
    }

    /// Another board than the usual one is updated as that is, and no rule is broken.
    void expect_update_on(const Board& board) {
        Bench other(bench.target, board);
        other.install(old);
        other.enter_dfu();
        expect_update(other, next);
        EXPECT_EQ(other.machine.counters().complaints, 0U);
        EXPECT_TRUE(other.watch.trespasses().empty());
    }

    Bench bench{target(GetParam())};
    const Application old = make_application(bench.target, 6000, 1);
    Application next = make_application(bench.target, 6000, 2);
};

TEST_P(CellsTest, ABitThatStaysZeroIsAnEraseThatFailed) {
    for (const std::size_t offset : {3000U, 400U}) {
        SCOPED_TRACE(offset);
        Bench fresh(bench.target);
        fresh.install(old);
        next.bytes[offset] |= 0x04;
        fresh.machine.stick_bits(address_of(offset & ~1U), offset % 2 ? 0x0400 : 0x0004, Level::low);
        fresh.enter_dfu();
        const auto report = try_download(fresh, next);
        ASSERT_TRUE(report);
        EXPECT_EQ(report->status, DfuStatus::err_erase) << flasher::name_of(report->status);
        // Also when it is in page 0 of a high-memory chip, which is what the chip starts from.
        EXPECT_EQ(fresh.power_cycle(), Fate::bootloader);
    }
}

TEST_P(CellsTest, ABitThatStaysOneIsAHalfWordThatDidNotTake) {
    bench.install(old);
    next.bytes[3000] &= 0xFB;
    bench.machine.stick_bits(address_of(3000), 0x0004, Level::high);
    expect_status(DfuStatus::err_prog, next);
    EXPECT_EQ(bench.power_cycle(), Fate::bootloader);
}

TEST_P(CellsTest, AWriteProtectedPageIsSaid) {
    bench.install(old);
    // Units of 4 KiB; the second of the application holds no vectors and no commit record.
    const std::uint32_t unit = (bench.target.application - 0x0800'0000) / 4096 + 1;
    bench.machine.set_option_bytes(options(0xFF, ~(1U << unit)));
    expect_status(DfuStatus::err_write, next);
    EXPECT_EQ(bench.power_cycle(), Fate::bootloader);
}

TEST_P(CellsTest, AnErrorOfTheSameSessionDoesNotExplainTheNext) {
    bench.install(old);
    const std::uint32_t unit = (bench.target.application - 0x0800'0000) / 4096 + 1;
    bench.machine.set_option_bytes(options(0xFF, ~(1U << unit)));
    bench.machine.stick_bits(address_of(3000), 0x0004, Level::high);
    next.bytes[3000] |= 0x04;
    expect_status(DfuStatus::err_write, next);
    // All of it in front of the protected unit, with a half-word that does not take.
    Application shorter = make_application(bench.target, 3500, 3);
    shorter.bytes[3000] &= 0xFB;
    ASSERT_EQ(bench.dfu.clear_status(), TransferEnd::ok);
    const auto report = try_download(bench, shorter);
    ASSERT_TRUE(report);
    EXPECT_EQ(report->status, DfuStatus::err_prog) << flasher::name_of(report->status);
}

TEST_P(CellsTest, AProtectedCommitRecordLeavesTheOldApplication) {
    bench.install(old);
    const std::uint32_t record = bench.target.high_memory ? bench.target.record() : bench.target.application;
    bench.machine.set_option_bytes(options(0xFF, ~(1U << ((record - 0x0800'0000) / 4096))));
    expect_status(DfuStatus::err_write, next);
    EXPECT_TRUE(bench.watch.operations().empty());
    EXPECT_TRUE(bench.boots(old));
}

TEST_P(CellsTest, ACloneThatTakesNoZeroesErasesInstead) {
    Board board = bench.target.make_board();
    board.chip.clone_ignores_zero = true;
    Bench clone(bench.target, board);
    clone.install(old);
    clone.enter_dfu();
    expect_update(clone, next);
    clone.enter_dfu_again();
    expect_update(clone, old);
    EXPECT_TRUE(clone.watch.trespasses().empty());
}

TEST_P(CellsTest, ABusyFlagThatComesLateIsWaitedForWhereTheCoreDoesNotStall) {
    Board board = bench.target.make_board();
    board.chip.stalls_while_busy = false;  // BSY misses the first read after STRT on every chip (ES096 section 2.2.8)
    expect_update_on(board);
}

TEST_P(CellsTest, ALockThatIsNotShownIsOpenedAllTheSame) {
    Board board = bench.target.make_board();
    board.chip.shows_lock = false;
    expect_update_on(board);
}

TEST_P(CellsTest, ASlowCrystalIsWaitedForAndADeadOneDoneWithout) {
    for (const auto& [start, hz] : {std::pair{95 * millisecond, 72'000'000U}, std::pair{200 * millisecond, 48'000'000U},
                                    std::pair{never, 48'000'000U}}) {
        SCOPED_TRACE(hz);
        Board board = bench.target.make_board();
        board.wiring.hse_start = start;
        Bench slow(bench.target, board);
        slow.enter_dfu();
        EXPECT_EQ(slow.machine.hclk_hz(), hz);
        slow.client().download(next.bytes);
        EXPECT_TRUE(slow.boots(next));
    }
}

TEST_P(CellsTest, TheSlowestFlashOfTheDataSheetIsFastEnough) {
    Bench slow(bench.target, slow_flash());
    slow.install(old);
    slow.enter_dfu();
    expect_update(slow, next);
}

TEST_P(CellsTest, AWatchdogThatRunsFromResetOnIsFedAndLeftRunning) {
    Bench fed(bench.target, slow_flash());
    const auto full = make_application(bench.target, bench.target.capacity(), 4);
    fed.machine.set_option_bytes(options(0xFE, 0xFFFF'FFFF));  // WDG_SW = 0: hardware watchdog
    fed.start_dfu();
    fed.enumerate();
    const auto resets = fed.machine.counters().resets;
    const auto report = fed.dfu.send_image(full.bytes, bench.target.transfer_size);
    ASSERT_TRUE(report);
    EXPECT_EQ(report->status, DfuStatus::ok);
    EXPECT_EQ(fed.machine.counters().resets, resets);
    fed.dfu.settle();
    EXPECT_TRUE(fed.boots(full));
    // The application does not feed it: 4096 * 4 / 40 kHz = 410 ms (RM0008 table 96).
    fed.machine.run_for(600 * millisecond);
    EXPECT_EQ(fed.machine.last_reset(), ResetCause::independent_watchdog);
}

/// A bit that flips, a probe that slips: whatever makes the bootloader leave its code ends in a reset, and in DFU
/// again.
TEST_P(CellsTest, AFaultInsideOfTheBootloaderIsAReset) {
    bench.enter_dfu();
    const auto resets = bench.machine.counters().resets;
    constexpr std::uint32_t DHCSR = 0xE000'EDF0, DCRSR = 0xE000'EDF4, DCRDR = 0xE000'EDF8;
    constexpr std::uint32_t key = 0xA05F'0000, halt = 2, debug = 1, program_counter = 15, write = 1 << 16;
    ASSERT_TRUE(bench.machine.probe_write(DHCSR, 4, key | halt | debug));
    bench.host.advance(100 * microsecond);
    ASSERT_TRUE(bench.machine.probe_write(DCRDR, 4, 0x0900'0000));
    ASSERT_TRUE(bench.machine.probe_write(DCRSR, 4, write | program_counter));
    ASSERT_TRUE(bench.machine.probe_write(DHCSR, 4, key));
    bench.host.advance(300 * millisecond);
    EXPECT_EQ(bench.machine.counters().resets, resets + 1);
    EXPECT_EQ(bench.machine.last_reset(), ResetCause::software);
    bench.enumerate();
    bench.client().download(next.bytes);
    EXPECT_TRUE(bench.boots(next));
}

INSTANTIATE_TEST_SUITE_P(Layouts, CellsTest, testing::Values("bluepill", "bluepill-high-128"),
                         [](const auto& named) { return identifier(named.param); });

TEST(ChipsTest, AFlashThatAWrongKeyHasLockedIsAnErrorNotASuccess) {
    // An application that offers a wrong key, which locks the flash until reset and faults (PM0075 section 2.2.2), and
    // whose fault handler jumps to the bootloader without a reset.
    Bench bench(target("bluepill"));
    Application locks = make_application(bench.target, 200, 1);
    const std::uint16_t code[] = {
        0x4803,          // ldr r0, [pc, #12]    FLASH_KEYR
        0x6000,          // str r0, [r0]
        0xE7FE,          // b .
        0x4803,          // handler: ldr r0, [pc, #12]    the bootloader's vectors
        0x6801,          // ldr r1, [r0]
        0xF381, 0x8808,  // msr msp, r1
        0xE003,          // b behind the constants
        0x2004, 0x4002,  // FLASH_KEYR
        0x0000, 0x0800,
        0x6840,  // ldr r0, [r0, #4]
        0x4700,  // bx r0
    };
    for (std::size_t i = 0; i < std::size(code); ++i) {
        locks.bytes[0x40 + 2 * i] = static_cast<std::uint8_t>(code[i]);
        locks.bytes[0x41 + 2 * i] = static_cast<std::uint8_t>(code[i] >> 8);
    }
    const std::uint32_t handler = locks.reset + 6 + 1;
    for (std::size_t i = 0; i < 4; ++i)
        locks.bytes[12 + i] = static_cast<std::uint8_t>(handler >> (8 * i));
    bench.install(locks);
    bench.machine.power_on();
    bool faulted = false;
    bench.machine.on_execute(handler, [&](Time) {
        faulted = true;
        bench.machine.set_backup_register(bench.target.command_register, bench.target.command);
    });
    bench.host.advance(100 * millisecond);
    ASSERT_TRUE(faulted);
    bench.enumerate();
    const auto next = make_application(bench.target, 3000, 2);
    const auto report = try_download(bench, next);
    ASSERT_TRUE(report);
    EXPECT_EQ(report->state, DfuState::dfu_error);
    EXPECT_TRUE(bench.watch.operations().empty());
    // A reset takes the lock away.
    bench.enter_dfu_again();
    expect_update(bench, next);
}

}  // namespace
}  // namespace sim::test
