// SPDX-License-Identifier: ISC
// What is refused and what goes wrong: an honest status, nothing lost that could be kept, and a chip that can be
// flashed afterwards.
#include <gtest/gtest.h>

#include "tests/unit/firmware/images.hpp"

namespace firmware_test {
namespace {

using dfu::Status;

template <class L>
struct UpdateFaultsTest : ::testing::Test {
    static constexpr dfu::Placement place = L::place;
    using Update = typename L::Update;
    ChipFlash flash{place};
    const Image old_image = make_image(place, 4 * place.page, 1);
    const Image new_image = make_image(place, 5 * place.page + 7, 2);

    void SetUp() override {
        ASSERT_EQ(send(old_image), Status::OK);
        flash.power_on();
    }
    Status send(const Image& image, std::size_t block = place.transfer_size) {
        Update update;
        return download(update, image, block);
    }
    Image installed(std::size_t size) { return uploaded<Update>(size, place.transfer_size); }
    void expect_recovery() {
        flash.power_on();
        EXPECT_EQ(send(new_image), Status::OK);
        EXPECT_TRUE(Update::application_is_whole());
        EXPECT_EQ(installed(new_image.size()), new_image);
    }
    void expect_untouched() {
        EXPECT_TRUE(flash.operations().empty());
        EXPECT_TRUE(Update::application_is_whole());
        EXPECT_EQ(installed(old_image.size()), old_image);
    }
    static std::uint32_t page_address(unsigned number) { return place.application_base + number * place.page; }
};
using Layouts = ::testing::Types<Standard, High>;
TYPED_TEST_SUITE(UpdateFaultsTest, Layouts);

TYPED_TEST(UpdateFaultsTest, ReservedVectorsInUseAreRefusedWhereTheyWouldBeLost) {
    Image image = this->new_image;
    image[28] = 1;
    EXPECT_EQ(this->send(image), this->place.high_memory ? Status::errTARGET : Status::OK);
    if (this->place.high_memory) this->expect_untouched();
}

TYPED_TEST(UpdateFaultsTest, TooLongLeavesEverythingBehindTheEndAlone) {
    const std::uint32_t behind = this->place.high_memory ? this->place.bootloader_base : this->flash.end();
    const Image bootloader = this->flash.bytes(behind, this->flash.end() - behind);
    const Image below = this->flash.bytes(NorFlash::base, this->place.application_base - NorFlash::base);
    for (const std::size_t block : {std::size_t{64}, std::size_t{1000}, std::size_t{1024}}) {
        const Image image = make_image(this->place, this->flash.capacity() + 1, 3);
        EXPECT_EQ(this->send(image, block), Status::errADDRESS) << block;
        EXPECT_FALSE(TestFixture::Update::application_is_whole());
    }
    EXPECT_EQ(this->flash.bytes(behind, bootloader.size()), bootloader);
    EXPECT_EQ(this->flash.bytes(NorFlash::base, below.size()), below);
    this->expect_recovery();
}

TYPED_TEST(UpdateFaultsTest, AProtectedPageIsErrWRITE) {
    this->flash.protected_pages.insert(this->page_address(2));
    EXPECT_EQ(this->send(this->new_image), Status::errWRITE);
    EXPECT_FALSE(TestFixture::Update::application_is_whole());
    this->flash.protected_pages.clear();
    this->expect_recovery();
}

TYPED_TEST(UpdateFaultsTest, AProtectedCommitRecordKeepsTheOldApplication) {
    this->flash.protected_pages.insert(this->place.high_memory ? this->place.record : this->page_address(0));
    EXPECT_EQ(this->send(this->new_image), Status::errWRITE);
    EXPECT_TRUE(TestFixture::Update::application_is_whole());
    EXPECT_EQ(this->installed(this->old_image.size()), this->old_image);
    this->flash.protected_pages.clear();
    this->expect_recovery();
}

TYPED_TEST(UpdateFaultsTest, ABitStuckAtZeroIsErrERASE) {
    Image image = this->new_image;
    image[2 * this->place.page + 100] = 0xFF;
    this->flash.stuck_at_zero[this->page_address(2) + 100] = 0x0010;
    EXPECT_EQ(this->send(image), Status::errERASE);
    EXPECT_FALSE(TestFixture::Update::application_is_whole());
    this->flash.stuck_at_zero.clear();
    this->expect_recovery();
}

TYPED_TEST(UpdateFaultsTest, ABitStuckAtOneIsErrPROG) {
    Image image = this->new_image;
    image[2 * this->place.page + 100] = 0x00;
    this->flash.stuck_at_one[this->page_address(2) + 100] = 0x0010;
    EXPECT_EQ(this->send(image), Status::errPROG);
    EXPECT_FALSE(TestFixture::Update::application_is_whole());
    this->flash.stuck_at_one.clear();
    this->expect_recovery();
}

TYPED_TEST(UpdateFaultsTest, ALockThatAWrongKeyHasSetIsNoSuccess) {
    this->flash.keys_refused = true;
    const Status status = this->send(this->new_image);
    EXPECT_TRUE(status == Status::errPROG || status == Status::errERASE) << static_cast<int>(status);
    EXPECT_TRUE(TestFixture::Update::application_is_whole()) << "nothing has been changed";
    EXPECT_EQ(this->installed(this->old_image.size()), this->old_image);
    this->flash.keys_refused = false;
    this->expect_recovery();
}

TYPED_TEST(UpdateFaultsTest, ACloneThatTakesNoZeroesOverDataIsUpdatedAllTheSame) {
    this->flash.ignores_zeroes = true;
    EXPECT_EQ(this->send(this->new_image), Status::OK);
    EXPECT_TRUE(TestFixture::Update::application_is_whole());
    EXPECT_EQ(this->installed(this->new_image.size()), this->new_image);
}

/// The first thing that really changes on a clone is the page that says the application is whole.
TYPED_TEST(UpdateFaultsTest, ACloneIsInvalidatedBeforeAnotherPageIsTouched) {
    this->flash.ignores_zeroes = true;
    for (std::size_t cut = 0; cut < 10; ++cut) {
        const NorFlash before = this->flash.snapshot();
        this->flash.power_on();
        this->flash.cut = Cut{cut, Cut::Moment::after, 0};
        EXPECT_THROW(this->send(this->new_image), PowerCut);
        EXPECT_TRUE(!TestFixture::Update::application_is_whole() ||
                    this->installed(this->old_image.size()) == this->old_image)
            << cut;
        this->flash.restore(before);
    }
}

TYPED_TEST(UpdateFaultsTest, ANonsensicalFlashSizeNeverTouchesTheBootloader) {
    for (const std::uint32_t end : {NorFlash::base, NorFlash::base + 8, this->place.application_base}) {
        FakeFlash::end = end;
        this->flash.power_on();
        EXPECT_NE(this->send(this->new_image), Status::OK) << end;
        EXPECT_TRUE(this->flash.operations().empty()) << end;
    }
    FakeFlash::end = this->flash.application_end();
    this->expect_untouched();
}

}  // namespace
}  // namespace firmware_test
