// SPDX-License-Identifier: ISC
// The flash controller's rules (PM0075), the controller driven directly.
#include <bit>
#include <utility>

#include <gtest/gtest.h>

#include "sim/chip/chip.hpp"

namespace sim::chip {
namespace {

constexpr std::uint32_t registers = 0x4002'2000, keyr = 0x04, optkeyr = 0x08, sr = 0x0c, cr = 0x10, ar = 0x14;
constexpr std::uint32_t pg = 1, per = 2, optpg = 0x10, opter = 0x20, strt = 0x40, lock = 0x80, optwre = 0x200;
constexpr std::uint32_t bsy = 1, pgerr = 4, wrprterr = 0x10, eop = 0x20;
constexpr std::uint32_t page = 0x0800'1000;

class FlashRules : public testing::Test {
  protected:
    explicit FlashRules(const ChipVariant& variant = stm32f103c8) : chip_(variant, {}, {}) {
        chip_.powered = true;
        chip_.system_reset(ResetCause::power_on);
    }
    std::uint32_t get(std::uint32_t offset) { return chip_.read(registers + offset, 4); }
    void put(std::uint32_t offset, std::uint32_t value) { chip_.write(registers + offset, 4, value); }
    void unlock() {
        put(keyr, 0x4567'0123);
        put(keyr, 0xcdef'89ab);
    }
    void finish() {
        chip_.services.clock.skip_to(chip_.flash.state.busy_until);
        chip_.run_alarms();
    }
    void program(std::uint32_t address, std::uint16_t value) {
        chip_.flash.store(address, 2, value);
        if (chip_.flash.busy()) finish();
    }
    void erase(std::uint32_t address) {
        put(cr, per);
        put(ar, address);
        put(cr, per | strt);
        if (chip_.flash.busy()) finish();
    }
    Chip chip_;
};

TEST_F(FlashRules, KeysUnlock) {
    EXPECT_EQ(get(cr), lock);
    unlock();
    EXPECT_EQ(get(cr), 0u);
    put(cr, lock);
    EXPECT_EQ(get(cr), lock);
}

TEST_F(FlashRules, KeysForAnOpenLockAreComplainedOf) {
    unlock();
    EXPECT_EQ(chip_.services.complaint_count, 0U);
    put(keyr, 0x4567'0123);
    EXPECT_EQ(chip_.services.complaint_count, 1U);
}

TEST_F(FlashRules, AWrongKeyLocksUntilReset) {
    put(keyr, 0x1234);
    EXPECT_EQ(chip_.services.fault, Fault::bus);
    unlock();
    EXPECT_EQ(get(cr), lock);
    put(cr, pg);
    EXPECT_EQ(get(cr), lock);
    chip_.system_reset(ResetCause::software);
    unlock();
    EXPECT_EQ(get(cr), 0u);
}

TEST_F(FlashRules, ProgramsErasedHalfWordsAndZero) {
    unlock();
    put(cr, pg);
    chip_.flash.store(page, 2, 0xabcd);
    EXPECT_EQ(get(sr) & bsy, bsy);
    finish();
    EXPECT_EQ(get(sr), eop);
    EXPECT_EQ(chip_.services.now(), Time{52'500'000});
    put(sr, eop);
    program(page, 0xabcc);
    EXPECT_EQ(get(sr), pgerr) << "clearing one more bit is not allowed on this family";
    EXPECT_EQ(chip_.flash.half_word(page), 0xabcd);
    put(sr, pgerr);
    program(page, 0);
    EXPECT_EQ(chip_.flash.half_word(page), 0);
}

TEST_F(FlashRules, RefusesOtherWidthsAndUnannouncedWrites) {
    unlock();
    put(cr, pg);
    chip_.flash.store(page, 4, 0);
    EXPECT_EQ(std::exchange(chip_.services.fault, Fault::none), Fault::bus);
    chip_.flash.store(page, 1, 0);
    EXPECT_EQ(std::exchange(chip_.services.fault, Fault::none), Fault::bus);
    put(cr, 0);
    chip_.flash.store(page, 2, 0);
    EXPECT_EQ(std::exchange(chip_.services.fault, Fault::none), Fault::bus);
    EXPECT_EQ(chip_.flash.half_word(page), 0xffff);
}

TEST_F(FlashRules, ErasesOnePage) {
    chip_.flash.array.assign(chip_.flash.array.size(), 0x11);
    unlock();
    erase(page + 10);
    EXPECT_EQ(get(sr), eop);
    EXPECT_EQ(chip_.services.now(), Time{20'000'000'000});
    EXPECT_EQ(chip_.flash.half_word(page - 2), 0x1111);
    EXPECT_EQ(chip_.flash.half_word(page), 0xffff);
    EXPECT_EQ(chip_.flash.half_word(page + 1022), 0xffff);
    EXPECT_EQ(chip_.flash.half_word(page + 1024), 0x1111);
    EXPECT_EQ(chip_.services.complaint_count, 0u);
}

TEST_F(FlashRules, StartingTwoThingsAtOnceIsRefused) {
    unlock();
    put(cr, per | pg | strt);
    EXPECT_FALSE(chip_.flash.busy());
    EXPECT_EQ(chip_.services.complaint_count, 1u);
}

TEST_F(FlashRules, WriteProtectionHoldsAfterReset) {
    unlock();
    put(optkeyr, 0x4567'0123);
    put(optkeyr, 0xcdef'89ab);
    EXPECT_EQ(get(cr), optwre);
    put(cr, optwre | opter);
    put(cr, optwre | opter | strt);
    finish();
    put(cr, optwre | optpg);
    program(option_base, 0x00a5);      // RDP
    program(option_base + 8, 0x00fd);  // WRP0: pages 4 to 7
    EXPECT_EQ(chip_.flash.state.options[1], 0x5a) << "the complement is added";
    EXPECT_FALSE(chip_.flash.write_protected(page)) << "not before a reset";
    chip_.system_reset(ResetCause::software);
    EXPECT_FALSE(chip_.flash.read_protected());
    EXPECT_TRUE(chip_.flash.write_protected(page));
    EXPECT_FALSE(chip_.flash.write_protected(page + 4096));
    unlock();
    put(cr, pg);
    program(page, 1);
    EXPECT_EQ(get(sr), wrprterr);
    put(sr, wrprterr);
    erase(page);
    EXPECT_EQ(get(sr), wrprterr);
}

// PM0075 2.4.1: the first 4 KiB are write-protected then, whatever WRP says; unprotecting erases everything first.
class ProtectedChip : public FlashRules {
  protected:
    ProtectedChip() : FlashRules(variant()) {}
    static ChipVariant variant() {
        ChipVariant chip = stm32f103c8;
        chip.read_protected = true;
        return chip;
    }
};

TEST_F(ProtectedChip, KeepsItsFirstFourPages) {
    EXPECT_TRUE(chip_.flash.read_protected());
    unlock();
    put(cr, pg);
    program(flash_base + 4094, 1);
    EXPECT_EQ(get(sr), wrprterr);
    put(sr, wrprterr);
    program(flash_base + 4096, 1);
    EXPECT_EQ(get(sr), eop);
    erase(flash_base);
    EXPECT_NE(get(sr) & wrprterr, 0u);
    put(optkeyr, 0x4567'0123);
    put(optkeyr, 0xcdef'89ab);
    put(cr, optwre | opter);
    put(cr, optwre | opter | strt);
    finish();
    put(cr, optwre | optpg);
    program(option_base, 0x00a5);
    EXPECT_EQ(chip_.flash.array[4096], 0xff) << "a mass erase comes first";
    EXPECT_TRUE(chip_.flash.read_protected()) << "until the next reset";
    chip_.system_reset(ResetCause::software);
    EXPECT_FALSE(chip_.flash.read_protected());
    EXPECT_FALSE(chip_.flash.write_protected(flash_base));
}

TEST_F(FlashRules, StuckBitsStay) {
    chip_.flash.stick_bits(page, 0x0001, Level::high);
    unlock();
    put(cr, pg);
    program(page, 0xfff0);
    EXPECT_EQ(chip_.flash.half_word(page), 0xfff1);
}

class Cutter : public FlashObserver {
  public:
    PowerCut cut;
    PowerCut before(const FlashOperation& operation) override {
        seen.push_back(operation);
        return cut;
    }
    void after(const FlashOperation&) override { ++completed; }
    std::vector<FlashOperation> seen;
    int completed = 0;
};

TEST_F(FlashRules, PowerCutInTheMiddleOfAnErase) {
    chip_.flash.array.assign(chip_.flash.array.size(), 0);
    Cutter cutter;
    cutter.cut = {PowerCut::When::during, 0.5, 7};
    chip_.flash.observer = &cutter;
    unlock();
    erase(page);
    EXPECT_TRUE(chip_.services.power_cut);
    EXPECT_EQ(cutter.completed, 0);
    ASSERT_EQ(cutter.seen.size(), 1u);
    EXPECT_EQ(cutter.seen[0].address, page);
    int ones = 0;
    for (std::uint32_t at = 0; at < 1024; ++at)
        ones += std::popcount(chip_.flash.array[page - flash_base + at]);
    EXPECT_NEAR(ones, 4096, 200) << "half of the bits";
    EXPECT_EQ(chip_.flash.half_word(page + 1024), 0) << "and none elsewhere";
}

class CloneRules : public FlashRules {
  protected:
    CloneRules()
        : FlashRules([] {
              ChipVariant variant = stm32f103rc;
              variant.clone_ignores_zero = true;
              return variant;
          }()) {}
};

TEST_F(CloneRules, RefusesZeroOverData) {
    unlock();
    put(cr, pg);
    program(page, 0x1234);
    put(sr, eop);
    program(page, 0);
    EXPECT_EQ(get(sr), pgerr);
    EXPECT_EQ(chip_.flash.half_word(page), 0x1234);
    erase(page);
    EXPECT_EQ(chip_.flash.half_word(page), 0xffff);
}

}  // namespace
}  // namespace sim::chip
