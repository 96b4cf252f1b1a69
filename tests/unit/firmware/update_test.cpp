// SPDX-License-Identifier: ISC
// The update as a transaction on a healthy flash: what it writes, in which order, and what it leaves alone. Every test
// runs on both layouts.
#include "dfu/update.hpp"

#include <gtest/gtest.h>

#include "tests/unit/firmware/images.hpp"

namespace firmware_test {
namespace {

using dfu::Status;

template <class L>
struct UpdateTest : ::testing::Test {
    static constexpr dfu::Placement place = L::place;
    using Update = typename L::Update;
    ChipFlash flash{place};

    void install(const Image& image) {
        Update update;
        flash.power_on();
        ASSERT_EQ(download(update, image, place.transfer_size), Status::OK);
        ASSERT_TRUE(Update::application_is_whole());
        flash.power_on();
    }
    Status send(const Image& image, std::size_t block = place.transfer_size) {
        Update update;
        flash.power_on();
        return download(update, image, block);
    }
    Image installed(std::size_t size) { return uploaded<Update>(size, place.transfer_size); }
    /// Pages that were erased, without the record page.
    std::set<std::uint32_t> erased_pages() const {
        std::set<std::uint32_t> pages;
        for (const Operation& operation : flash.operations())
            if (operation.kind == Operation::Kind::erase && !(place.high_memory && operation.address == place.record))
                pages.insert(operation.address);
        return pages;
    }
    static std::uint32_t page_address(unsigned number) { return place.application_base + number * place.page; }
};
using Layouts = ::testing::Types<Standard, High, BigPages, BigBlocks>;
TYPED_TEST_SUITE(UpdateTest, Layouts);

TYPED_TEST(UpdateTest, FirstInstallOnABlankChipErasesNoPage) {
    const Image image = make_image(this->place, 3 * this->place.page, 1);
    EXPECT_FALSE(TestFixture::Update::application_is_whole());
    EXPECT_EQ(this->send(image), Status::OK);
    EXPECT_TRUE(TestFixture::Update::application_is_whole());
    EXPECT_EQ(this->installed(image.size()), image);
    EXPECT_TRUE(this->erased_pages().empty());
}

TYPED_TEST(UpdateTest, InstalledVectorsAreThoseOfTheImage) {
    const Image image = make_image(this->place, 600, 1);
    this->install(image);
    const dfu::Vectors vectors = TestFixture::Update::installed_vectors();
    EXPECT_EQ(vectors.initial_stack, this->place.ram_end);
    EXPECT_EQ(vectors.reset, this->place.application_base + 0x29);
}

TYPED_TEST(UpdateTest, BehindAnOddEndThePageIsBlank) {
    const std::size_t size = this->place.page + 333;
    this->install(make_image(this->place, 2 * this->place.page, 5));
    ASSERT_EQ(this->send(make_image(this->place, size, 6)), Status::OK);
    const Image rest = this->flash.bytes(this->page_address(1) + 333, this->place.page - 333);
    EXPECT_EQ(rest, Image(rest.size(), 0xFF));
}

TYPED_TEST(UpdateTest, RestartHalfWayForgetsTheFirstAttempt) {
    const Image first = make_image(this->place, 7 * this->place.page, 9);
    const Image second = make_image(this->place, 4 * this->place.page + 5, 10);
    this->install(make_image(this->place, 6 * this->place.page, 11));
    typename TestFixture::Update update;
    const std::uint32_t block = this->place.page / 2;
    for (unsigned at = 0; at < 3 * this->place.page; at += block) {
        ASSERT_EQ(give(update, first, at, block), Status::OK);
        ASSERT_EQ(update.write(), Status::OK);
    }
    EXPECT_FALSE(TestFixture::Update::application_is_whole()) << "two pages are new";
    ASSERT_EQ(download(update, second, this->place.transfer_size), Status::OK);
    EXPECT_TRUE(TestFixture::Update::application_is_whole());
    EXPECT_EQ(this->installed(second.size()), second);
}

TYPED_TEST(UpdateTest, InvalidatesBeforeAnythingElseAndWithoutAnErase) {
    this->install(make_image(this->place, 4 * this->place.page, 12));
    ASSERT_EQ(this->send(make_image(this->place, 4 * this->place.page, 13)), Status::OK);
    const auto& operations = this->flash.operations();
    const Operation first = operations.at(0);
    const std::uint32_t record = this->place.high_memory ? this->place.record : this->place.application_base + 2;
    EXPECT_EQ(first, (Operation{Operation::Kind::program, record, 0}));
    // All that stands before the first erase are zeroes in the commit record.
    for (const Operation& operation : operations) {
        if (operation.kind == Operation::Kind::erase) break;
        EXPECT_EQ(operation.value, 0);
        EXPECT_LT(operation.address - (record & ~7U), 8U);
    }
}

/// Where RAM goes on behind 64 KiB: of an initial stack at 0x2001xxxx two bits are set, which a cut may part.
constexpr dfu::Placement big_ram_placement() {
    dfu::Placement place = standard_placement(1024, 1024);
    place.ram_end = 0x2001'8000;
    return place;
}

TEST(BigRam, InvalidatesByAHalfWordOfWhichOneBitIsSet) {
    using Big = Layout<big_ram_placement()>;
    for (const std::uint32_t stack : {0x2000'5000U, 0x2001'8000U, 0x2001'0800U}) {
        SCOPED_TRACE(stack);
        ChipFlash flash(Big::place);
        Big::Update update;
        const auto image_for = [&](std::uint32_t seed) {
            Image image = make_image(Big::place, 4 * Big::place.page, seed);
            for (unsigned i = 0; i < 4; ++i)
                image[i] = static_cast<std::uint8_t>(stack >> 8 * i);
            return image;
        };
        ASSERT_EQ(download(update, image_for(12), 1024), Status::OK);
        const std::size_t before = flash.operations().size();
        ASSERT_EQ(download(update, image_for(13), 1024), Status::OK);
        const std::uint32_t half = stack >> 16 == 0x2000 ? 2 : 6;
        EXPECT_EQ(flash.operations().at(before),
                  (Operation{Operation::Kind::program, Big::place.application_base + half, 0}));
    }
}

TYPED_TEST(UpdateTest, CommitsLast) {
    this->install(make_image(this->place, 4 * this->place.page, 14));
    ASSERT_EQ(this->send(make_image(this->place, 4 * this->place.page, 15)), Status::OK);
    const auto& operations = this->flash.operations();
    if (this->place.high_memory) {
        EXPECT_EQ(operations.back(), (Operation{Operation::Kind::erase, this->place.record, 0}));
    } else {
        // The high half of the initial stack makes the application valid.
        EXPECT_EQ(operations.back(), (Operation{Operation::Kind::program, this->place.application_base + 2, 0x2000}));
    }
    // Page 0 of the application is erased after every other page was written.
    std::size_t last_erase = 0, last_elsewhere = 0;
    for (std::size_t i = 0; i < operations.size(); ++i) {
        const bool in_vector_page = operations[i].address - this->place.application_base < this->place.page;
        const bool in_record = this->place.high_memory && operations[i].address == this->place.record;
        if (in_vector_page && operations[i].kind == Operation::Kind::erase) last_erase = i;
        if (!in_vector_page && !in_record) last_elsewhere = i;
    }
    EXPECT_GT(last_erase, last_elsewhere);
}

/// The largest wTransferSize with the smallest page; odd blocks used to hard-fault bootloaders.
TYPED_TEST(UpdateTest, OddBlocksFollowOneAnother) {
    const Image image = make_image(this->place, 4001, 16);
    EXPECT_EQ(this->send(image, 37), Status::OK);
    EXPECT_EQ(this->installed(image.size()), image);
    EXPECT_EQ(this->send(image, 1023), Status::OK);
    EXPECT_TRUE(this->flash.operations().empty());
}

}  // namespace
}  // namespace firmware_test
