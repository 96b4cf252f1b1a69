// SPDX-License-Identifier: ISC
// bwPollTimeout: what is announced against what the flash really needs, at its typical times.
#include <gtest/gtest.h>

#include "tests/unit/firmware/images.hpp"

namespace firmware_test {
namespace {

using dfu::Status;

/// Announcement and truth of one step.
struct Step {
    double announced_ms, needed_ms;
};

/// Does what the DFU interface does, and takes the time of each step.
template <class L>
std::vector<Step> timed_download(ChipFlash& flash, const Image& image) {
    constexpr auto place = L::place;
    typename L::Update update;
    std::vector<Step> steps;
    const auto timed = [&](bool commit) {
        flash.power_on();
        const double announced = commit ? 0 : update.pending().count;
        const Status status = commit ? update.commit() : update.write();
        EXPECT_EQ(status, Status::OK);
        const double needed = flash.elapsed_us() / 1000;
        // The end is not announced: the host is kept waiting for it, within one request.
        if (commit)
            EXPECT_LT(needed, 300);
        else
            steps.push_back({announced, needed});
    };
    for (std::size_t at = 0; at < image.size(); at += place.transfer_size) {
        const std::size_t length = std::min<std::size_t>(place.transfer_size, image.size() - at);
        EXPECT_EQ(give(update, image, at, length), Status::OK);
        timed(false);
    }
    update.finish();
    timed(true);
    return steps;
}

template <class L>
void expect_truth(ChipFlash& flash, const Image& image, const std::string& what) {
    for (const Step& step : timed_download<L>(flash, image)) {
        // Rounded down, by one in two hundred and to a millisecond: the host asks at its beginning, and is told NAK for
        // the rest of it. The zeroes of the invalidation are not announced: four half-words at most.
        EXPECT_LE(step.announced_ms, step.needed_ms) << what;
        EXPECT_LT(step.needed_ms * 199 / 200, step.announced_ms + 1 + 4 * NorFlash::program_us / 1000) << what;
    }
}

template <class L>
struct UpdateTimeTest : ::testing::Test {
    ChipFlash flash{L::place};
};
using Layouts = ::testing::Types<Standard, High, BigPages, BigBlocks>;
TYPED_TEST_SUITE(UpdateTimeTest, Layouts);

TYPED_TEST(UpdateTimeTest, FirstInstallUpdateAndTheSameAgain) {
    constexpr auto place = TypeParam::place;
    const std::size_t size = 4 * place.page + 100;
    expect_truth<TypeParam>(this->flash, make_image(place, size, 1), "first install");
    expect_truth<TypeParam>(this->flash, make_image(place, size, 2), "every page differs");
    expect_truth<TypeParam>(this->flash, make_image(place, size, 2), "same again");
}

TYPED_TEST(UpdateTimeTest, AChangeInAnySinglePage) {
    constexpr auto place = TypeParam::place;
    for (const std::size_t size : {std::size_t{5} * place.page, std::size_t{4} * place.page + 9}) {
        Image image = make_image(place, size, 1);
        (void)timed_download<TypeParam>(this->flash, image);
        for (std::size_t at = 60; at < size; at += place.page) {
            image[std::min(at, size - 1)] ^= 0xFF;
            expect_truth<TypeParam>(this->flash, image,
                                    std::to_string(size) + " bytes, change at " + std::to_string(at));
        }
        image.back() ^= 0xFF;
        expect_truth<TypeParam>(this->flash, image, "last byte");
    }
}

TYPED_TEST(UpdateTimeTest, ImagesOfOnePage) {
    constexpr auto place = TypeParam::place;
    expect_truth<TypeParam>(this->flash, make_image(place, 300, 1), "first");
    expect_truth<TypeParam>(this->flash, make_image(place, 300, 2), "second");
    expect_truth<TypeParam>(this->flash, make_image(place, 40, 2), "shorter");
}

}  // namespace
}  // namespace firmware_test
