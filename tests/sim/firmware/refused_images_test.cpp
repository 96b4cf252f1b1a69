// SPDX-License-Identifier: ISC
// Images that cannot run here. Each is refused with the right status, costs no flash operation, and the installed
// application still boots; then the right image goes through.
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/sim/support/bench.hpp"

namespace sim::test {
namespace {

using flasher::DfuState;
using flasher::DfuStatus;
using Bytes = std::vector<std::uint8_t>;

Bytes text(std::string_view characters) {
    return {characters.begin(), characters.end()};
}

/// An image's vectors set to other words.
Bytes with_vectors(Bytes image, std::uint32_t stack, std::uint32_t reset) {
    for (std::size_t i = 0; i < 4; ++i) {
        image[i] = static_cast<std::uint8_t>(stack >> (8 * i));
        image[4 + i] = static_cast<std::uint8_t>(reset >> (8 * i));
    }
    return image;
}

class RefusedImagesTest : public testing::TestWithParam<const char*> {
  protected:
    void SetUp() override {
        bench.install(installed);
        bench.enter_dfu();
    }

    /// Sends it as dfu-util would, and checks what refusing it must leave behind.
    void expect_refused(const Bytes& image, DfuStatus status, const std::string& what) {
        SCOPED_TRACE(what);
        const std::size_t before = bench.watch.operations().size();
        const auto report = bench.dfu.send_image(image, bench.target.transfer_size);
        ASSERT_TRUE(report);
        EXPECT_EQ(report->status, status) << flasher::name_of(report->status);
        EXPECT_EQ(report->state, DfuState::dfu_error);
        EXPECT_EQ(bench.watch.operations().size(), before);
        EXPECT_TRUE(bench.holds(installed));
        EXPECT_EQ(bench.dfu.clear_status(), TransferEnd::ok);
    }

    void expect_old_boots_then_new_takes() {
        EXPECT_TRUE(bench.boots(installed));
        bench.enter_dfu_again();
        bench.client().download(next.bytes);
        EXPECT_TRUE(bench.boots(next));
        EXPECT_TRUE(bench.watch.trespasses().empty());
        EXPECT_EQ(bench.machine.counters().complaints, 0U);
    }

    Bench bench{target(GetParam())};
    const Application installed = make_application(bench.target, 5000, 1);
    const Application next = make_application(bench.target, 4000, 2);
};

TEST_P(RefusedImagesTest, IntelHexText) {
    Bytes hex = text(":020000040800F2\r\n:102000000050002041200008412000084120000854\r\n");
    while (hex.size() < 5000)
        hex.insert(hex.end(), hex.begin() + 17, hex.begin() + 17 + 40);
    expect_refused(hex, DfuStatus::err_target, "with an address record");
    hex.erase(hex.begin(), hex.begin() + 17);
    expect_refused(hex, DfuStatus::err_target, "without one");
    expect_old_boots_then_new_takes();
}

TEST_P(RefusedImagesTest, LinkedForAnotherAddress) {
    // For the standard layout: linked at 0x08000000. For high memory: at the end of the flash.
    const std::uint32_t elsewhere = bench.target.high_memory ? bench.target.application_end + 0x101 : 0x0800'0141;
    expect_refused(with_vectors(next.bytes, 0x2000'5000, elsewhere), DfuStatus::err_target, "elsewhere");
    expect_refused(with_vectors(next.bytes, 0x2000'5000, bench.target.application_end | 1), DfuStatus::err_target,
                   "first address behind");
    expect_refused(with_vectors(next.bytes, 0x2000'5000, bench.target.application - 1), DfuStatus::err_target,
                   "last address before");
    expect_refused(with_vectors(next.bytes, 0x2000'5000, 0x2000'0101), DfuStatus::err_target, "in RAM");
    expect_old_boots_then_new_takes();
}

TEST_P(RefusedImagesTest, ShorterThanTheVectorsThatAreLookedAt) {
    const std::size_t needed = bench.target.high_memory ? 36 : 8;
    for (std::size_t size = 1; size < needed; ++size)
        expect_refused(Bytes(next.bytes.begin(), next.bytes.begin() + static_cast<long>(size)), DfuStatus::err_target,
                       fmt::format("{} bytes", size));
    expect_old_boots_then_new_takes();
}

TEST_P(RefusedImagesTest, AnImageWithTwoReservedVectorsThatDiffer) {
    if (!bench.target.high_memory) return;  // only this layout hides a word in one, and takes it back from the other
    for (const std::size_t at : {28U, 31U, 32U, 35U}) {
        Bytes image = next.bytes;
        image[at] = 1;
        expect_refused(image, DfuStatus::err_target, fmt::format("byte {}", at));
    }
    expect_old_boots_then_new_takes();
}

INSTANTIATE_TEST_SUITE_P(Layouts, RefusedImagesTest,
                         testing::Values("bluepill", "bluepill-high", "bttskrminie3v2-high-256"),
                         [](const auto& named) { return identifier(named.param); });

/// DFU announces no length, so a size that cannot fit shows only at the block that crosses. What
/// came before it has been written; the device stays in DFU, and takes the right image.
class TooLargeTest : public testing::TestWithParam<const char*> {
  protected:
    Bench bench{target(GetParam())};
};

TEST_P(TooLargeTest, OneByteTooMuchIsRefusedAtTheBlockThatCrosses) {
    const Application installed = make_application(bench.target, 3000, 1);
    bench.install(installed);
    bench.enter_dfu();
    const Application large = make_application(bench.target, bench.target.capacity() + 1, 5);
    const std::size_t size = bench.target.transfer_size;
    const auto report = bench.dfu.send_image(large.bytes, size);
    ASSERT_TRUE(report);
    EXPECT_EQ(report->status, DfuStatus::err_address);
    EXPECT_EQ(report->state, DfuState::dfu_error);
    EXPECT_TRUE(bench.watch.trespasses().empty());
    EXPECT_TRUE(bench.bootloader_is_whole());
    EXPECT_EQ(bench.power_cycle(), Fate::bootloader);

    bench.enter_dfu_again();
    const Application full = make_application(bench.target, bench.target.capacity(), 6);
    bench.client().download(full.bytes);
    EXPECT_TRUE(bench.boots(full));
    EXPECT_TRUE(bench.watch.trespasses().empty());
    EXPECT_TRUE(bench.bootloader_is_whole());
    EXPECT_EQ(bench.machine.counters().complaints, 0U);
}

TEST_P(TooLargeTest, RefusedBeforeAnythingWhenTheRestIsAlreadyThere) {
    // Equal pages are not touched, so an update that only appends past the end touches nothing.
    const Application full = make_application(bench.target, bench.target.capacity(), 6);
    bench.install(full);
    bench.enter_dfu();
    auto longer = full.bytes;
    longer.push_back(0x11);
    const auto report = bench.dfu.send_image(longer, bench.target.transfer_size);
    ASSERT_TRUE(report);
    EXPECT_EQ(report->status, DfuStatus::err_address);
    EXPECT_TRUE(bench.watch.operations().empty());
    EXPECT_TRUE(bench.boots(full));
}

INSTANTIATE_TEST_SUITE_P(Layouts, TooLargeTest,
                         testing::Values("bluepill", "maplemini", "bluepill-high", "bluepill-high-128",
                                         "bttskrminie3v2-high-256"),
                         [](const auto& named) { return identifier(named.param); });

}  // namespace
}  // namespace sim::test
