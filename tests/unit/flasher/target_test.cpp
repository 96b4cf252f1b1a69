// SPDX-License-Identifier: ISC
// Which alternate setting, which base, how much room: of our bootloader, of its ancestor, and of others.
#include "flasher/target.hpp"

#include <gtest/gtest.h>

#include "tests/unit/flasher/fake_device.hpp"

namespace flasher::test {
namespace {

/// A bootloader with an alternate setting for each name.
DeviceInfo bootloader(std::vector<std::string> names, std::string product = "Some bootloader") {
    DeviceInfo info;
    info.product = std::move(product);
    for (std::size_t i = 0; i < names.size(); ++i) {
        auto one = FakeDevice().interface();
        one.bAlternateSetting = static_cast<std::uint8_t>(i);
        info.configuration.interfaces.push_back(one);
    }
    info.interface_names = std::move(names);
    return info;
}

DapbootCapability capability(std::uint32_t base, std::uint32_t end) {
    return {.bcdCapability = 0x0100,
            .layout = DapbootCapability::Layout::standard,
            .page_size = 1024,
            .application_base = base,
            .application_end = end};
}

std::string complaint_of(const DeviceInfo& info, const TargetOptions& options = {},
                         std::optional<std::uint32_t> image_base = {}) {
    try {
        static_cast<void>(choose_target(info, options, image_base));
    } catch (const TargetError& error) {
        return error.what();
    }
    return "";
}

TEST(Target, TheDevicesOwnWordCountsMoreThanItsName) {
    auto info = bootloader({"DAPBoot DFU"}, "DAPBoot DFU Bootloader");
    EXPECT_EQ(choose_target(info, {}).base, 0x0800'2000U);
    EXPECT_EQ(choose_target(info, {}).base_from, Source::product_name);
    EXPECT_FALSE(choose_target(info, {}).room);

    info.dapboot = capability(0x0800'1000, 0x0801'0000);
    const auto target = choose_target(info, {});
    EXPECT_EQ(target.base, 0x0800'1000U);
    EXPECT_EQ(target.base_from, Source::capability);
    EXPECT_EQ(target.room, 0xF000U);
    EXPECT_EQ(target.room_from, Source::capability);
    // And a person's word more than that.
    const auto elsewhere = choose_target(info, {.alternate = {}, .base = 0x0800'4000, .flash_end = 0x0802'0000});
    EXPECT_EQ(elsewhere.base_from, Source::person);
    EXPECT_EQ(elsewhere.room, 0xC000U) << "the end is still the device's";
    EXPECT_FALSE(choose_target(info, {.alternate = {}, .base = 0x0801'0000, .flash_end = {}}).room) << "none there";
    info.dapboot.reset();
    EXPECT_EQ(choose_target(info, {.alternate = {}, .base = 0x0800'4000, .flash_end = 0x0800'4001}).room, 1U);
    EXPECT_FALSE(choose_target(info, {.alternate = {}, .base = 0x0800'4000, .flash_end = 0x0800'4000}).room);
}

TEST(Target, TheAncestorTellsItsLayoutByItsNameAlone) {
    const auto high = bootloader({"DAPBoot DFU"}, "DAPBoot High-Memory DFU Bootloader");
    EXPECT_EQ(choose_target(high, {}).base, 0x0800'0000U);
    EXPECT_TRUE(is_dapboot(high));
    EXPECT_FALSE(is_dapboot(bootloader({""})));
}

TEST(Target, AnAlternateForFlashIsFoundByItsName) {
    // Maple's, and one that names addresses.
    const auto maple = bootloader({"STM32duino bootloader v1.0  ERROR. Upload to RAM not supported.",
                                   "STM32duino bootloader v1.0  Upload to Flash 0x8005000",
                                   "STM32duino bootloader v1.0  Upload to Flash 0x8002000"});
    EXPECT_NE(complaint_of(maple).find("choose one by its number, --alt N"), std::string::npos);
    const auto chosen = choose_target(maple, {}, 0x0800'2000);
    EXPECT_EQ(chosen.interface.bAlternateSetting, 2);
    EXPECT_EQ(chosen.base, 0x0800'2000U);
    EXPECT_EQ(chosen.base_from, Source::alternate_name);
    EXPECT_EQ(choose_target(maple, {.alternate = 1U, .base = {}, .flash_end = {}}).base, 0x0800'5000U);
    EXPECT_NE(complaint_of(maple, {.alternate = 7U, .base = {}, .flash_end = {}}).find("no alternate setting 7"),
              std::string::npos);
    const auto one_for_flash = bootloader({"RAM", "internal flash"});
    EXPECT_EQ(choose_target(one_for_flash, {}).interface.bAlternateSetting, 1);
}

// As on the SKR Mini, whose tools ask for setting 2: those before it refuse.
TEST(Target, OfSeveralAlternatesOfDapbootTheLastSpeaksDfu) {
    const auto skr = bootloader({"DAPBoot DFU", "DAPBoot DFU", "DAPBoot DFU"}, "DAPBoot DFU Bootloader");
    EXPECT_EQ(choose_target(skr, {}).interface.bAlternateSetting, 2);
    EXPECT_EQ(choose_target(skr, {.alternate = 0U, .base = {}, .flash_end = {}}).interface.bAlternateSetting, 0);
    auto maple = bootloader({"RAM, refused", "0x08005000, refused", "flash"}, "Maple");
    maple.dapboot = capability(0x0800'2000, 0x0802'0000);
    EXPECT_EQ(choose_target(maple, {}).interface.bAlternateSetting, 2);
}

TEST(Target, WhatCannotTakeAnImageIsSaidInASentence) {
    DeviceInfo none;
    EXPECT_NE(complaint_of(none).find("has no DFU interface"), std::string::npos);

    auto application = bootloader({"runtime"});
    application.configuration.interfaces[0].bInterfaceProtocol = 1;
    EXPECT_TRUE(has_runtime_dfu(application));
    EXPECT_FALSE(is_bootloader(application));
    EXPECT_NE(complaint_of(application).find("add --runtime"), std::string::npos);

    auto dfuse = bootloader({"@Internal Flash  /0x08000000/064*0001Kg"});
    dfuse.configuration.interfaces[0].functional->version = 0x011A;
    EXPECT_NE(complaint_of(dfuse).find("DfuSe"), std::string::npos);

    auto bare = bootloader({"x"});
    bare.configuration.interfaces[0].functional.reset();
    EXPECT_NE(complaint_of(bare).find("no functional descriptor"), std::string::npos);
}

TEST(Target, RoomIsMeasuredByReadingWhereNobodySaidIt) {
    const auto info = bootloader({"DAPBoot DFU"}, "DAPBoot DFU Bootloader");
    FakeDevice device;
    device.memory = counting_bytes(5000);
    auto target = choose_target(info, {});
    measure(target, info, device);
    EXPECT_EQ(target.room, 5000U);
    EXPECT_EQ(target.room_from, Source::upload);
    EXPECT_EQ(target.region()->flash_length, 5000U);

    // Another bootloader's UPLOAD may hold anything.
    const auto other = bootloader({"flash 0x08003000"});
    auto unknown = choose_target(other, {});
    device.requests.clear();
    measure(unknown, other, device);
    EXPECT_FALSE(unknown.room);
    EXPECT_TRUE(device.requests.empty());
    EXPECT_EQ(unknown.region()->flash_start, 0x0800'3000U);
}

TEST(Target, WithoutABaseThereIsNoRegion) {
    EXPECT_FALSE(choose_target(bootloader({"x"}), {}).region());
}

}  // namespace
}  // namespace flasher::test
