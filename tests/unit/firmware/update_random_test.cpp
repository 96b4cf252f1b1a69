// SPDX-License-Identifier: ISC
// The update, fed in blocks of any size.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/unit/firmware/images.hpp"

namespace firmware_test {
namespace {

using dfu::Status;

template <class L>
struct UpdateRandomTest : ::testing::Test {
    static constexpr dfu::Placement place = L::place;
    using Update = typename L::Update;
};
using Layouts = ::testing::Types<Standard, High, BigPages, BigBlocks>;
TYPED_TEST_SUITE(UpdateRandomTest, Layouts);

/// Blocks of up to wTransferSize in any order.
TYPED_TEST(UpdateRandomTest, AnyPartitionIntoBlocksGivesTheSameFlash) {
    const bool passed = rc::check("any partition of an image gives the same flash", [] {
        constexpr auto where = TestFixture::place;
        ChipFlash chip{where};
        const auto size = *rc::gen::inRange<std::size_t>(36, chip.capacity() + 1);
        const Image image = make_image(where, size, *rc::gen::arbitrary<std::uint32_t>());
        typename TestFixture::Update update;
        for (std::size_t at = 0; at < size;) {
            const std::size_t smallest = at == 0 ? 36 : 1;
            std::size_t length = *rc::gen::oneOf(rc::gen::just<std::size_t>(where.transfer_size),
                                                 rc::gen::inRange<std::size_t>(smallest, where.transfer_size + 1));
            length = std::min(length, size - at);
            RC_ASSERT(give(update, image, at, length) == Status::OK);
            RC_ASSERT(update.write() == Status::OK);
            at += length;
        }
        update.finish();
        RC_ASSERT(update.commit() == Status::OK);
        RC_ASSERT(TestFixture::Update::application_is_whole());
        RC_ASSERT(uploaded<typename TestFixture::Update>(size, where.transfer_size) == image);
    });
    EXPECT_TRUE(passed);
}

}  // namespace
}  // namespace firmware_test
