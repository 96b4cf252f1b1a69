// SPDX-License-Identifier: ISC
// Power cuts at every operation of an update, before, in the middle of and after it. Afterwards the chip holds the old
// application whole, the new one whole, or none that would be started.
//
// Pages of 128 bytes keep the number of operations small enough to try them all on many images. The shipped binary on a
// virtual chip has its own sweep; this one reaches images that one does not.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/unit/firmware/images.hpp"

namespace firmware_test {
namespace {

using dfu::Status;

using SmallStandard = Layout<standard_placement(128, 128)>;
using SmallHigh = Layout<high_placement(128, 128)>;

template <class L>
struct PowerCutTest : ::testing::Test {
    static constexpr dfu::Placement place = L::place;
    using Update = typename L::Update;

    enum class Found { old_image, new_image, none, broken };
    struct Counts {
        std::size_t cuts = 0, old_image = 0, new_image = 0, none = 0;
    };

    static Status send(const Image& image) {
        Update update;
        return download(update, image, place.transfer_size);
    }
    static Image installed(const Image& like) { return uploaded<Update>(like.size(), place.transfer_size); }

    static Found look(const Image& old_image, const Image& new_image) {
        if (!Update::application_is_whole()) return Found::none;
        if (installed(new_image) == new_image) return Found::new_image;
        if (!old_image.empty() && installed(old_image) == old_image) return Found::old_image;
        return Found::broken;
    }

    /// Cuts an update from `old_image` (empty: none) to `new_image` everywhere. Throws
    /// std::runtime_error at the first outcome that must not be.
    static Counts sweep(ChipFlash& flash, const Image& old_image, const Image& new_image, std::uint32_t seed) {
        if (!old_image.empty() && send(old_image) != Status::OK) fail("cannot install", {});
        flash.power_on();
        const NorFlash start = flash.snapshot();
        if (send(new_image) != Status::OK) fail("cannot update", {});
        const std::vector<Operation> operations = flash.operations();

        Counts counts;
        for (std::size_t number = 0; number < operations.size(); ++number) {
            for (const auto moment : {Cut::Moment::before, Cut::Moment::during, Cut::Moment::after}) {
                const Cut cut{number, moment, seed++};
                flash.restore(start);
                flash.cut = cut;
                bool was_cut = false;
                try {
                    (void)send(new_image);
                } catch (const PowerCut&) {
                    was_cut = true;
                }
                if (!was_cut) fail("the update does not repeat", cut);
                flash.power_on();
                ++counts.cuts;
                switch (look(old_image, new_image)) {
                    case Found::old_image:
                        ++counts.old_image;
                        break;
                    case Found::new_image:
                        ++counts.new_image;
                        break;
                    case Found::none:
                        ++counts.none;
                        break;
                    case Found::broken:
                        fail("half an application would start", cut);
                }
                if (send(new_image) != Status::OK || look({}, new_image) != Found::new_image)
                    fail("cannot be flashed again", cut);
            }
        }
        return counts;
    }

    [[noreturn]] static void fail(const std::string& what, std::optional<Cut> cut) {
        std::string where;
        if (cut) {
            constexpr const char* moments[] = {" before", " during", " after"};
            where = std::string(moments[static_cast<int>(cut->moment)]) + " operation " +
                    std::to_string(cut->operation) + ", seed " + std::to_string(cut->seed);
        }
        throw std::runtime_error(what + where);
    }

    /// A successor of an image: the kinds of change that updates bring.
    static Image successor(const Image& old_image, std::uint32_t seed, unsigned kind, std::size_t size) {
        Image result = old_image;
        switch (kind) {
            case 0:  // nothing in common
                return make_image(place, size, seed);
            case 1:  // one byte
                result[36 + seed % (result.size() - 36)] ^= 0x10;
                return result;
            case 2:  // shorter, longer: the common part is equal
                result.resize(std::max<std::size_t>(size, 36), 0xA5);
                return result;
            case 3: {  // bits are only taken away, as if it could be programmed over the old one
                for (std::size_t i = 36; i < result.size(); i += 1 + seed % 5)
                    result[i] = 0;
                return result;
            }
            default:
                return result;
        }
    }
};
using Layouts = ::testing::Types<SmallStandard, SmallHigh>;
TYPED_TEST_SUITE(PowerCutTest, Layouts);

TYPED_TEST(PowerCutTest, AnyUpdateAnywhere) {
    const bool passed = rc::check("old, new or none", [] {
        constexpr auto where = TestFixture::place;
        ChipFlash flash{where};
        // Four pages at most: enough to have a first, a middle and a last one.
        const auto size = rc::gen::inRange<std::size_t>(37, 4 * where.page + 1);
        const std::uint32_t seed = *rc::gen::arbitrary<std::uint32_t>();
        const bool first_install = *rc::gen::inRange(0, 5) == 0;
        const Image old_image = make_image(where, *size, seed);
        const Image new_image = TestFixture::successor(old_image, seed + 1, *rc::gen::inRange(0U, 5U), *size);
        const auto counts = TestFixture::sweep(flash, first_install ? Image{} : old_image, new_image, seed);
        RC_CLASSIFY(counts.cuts == 0, "nothing to do");
        RC_CLASSIFY(counts.none > 0, "bootloader");
    });
    EXPECT_TRUE(passed);
}

/// A chip whose flash never was blank, such as one that held other firmware.
TYPED_TEST(PowerCutTest, OverForeignContent) {
    constexpr auto where = TestFixture::place;
    ChipFlash flash{where};
    std::mt19937 random{5};
    Image noise(flash.capacity() - where.page);
    for (auto& byte : noise)
        byte = static_cast<std::uint8_t>(random());
    flash.preload(where.application_base + where.page, noise);
    const auto counts = TestFixture::sweep(flash, {}, make_image(where, 500, 1), 1);
    EXPECT_GT(counts.none, 100U);
}

TYPED_TEST(PowerCutTest, AnUpdateThatIsCutAgainAndAgain) {
    const bool passed = rc::check("cut after cut", [] {
        constexpr auto where = TestFixture::place;
        ChipFlash flash{where};
        const Image old_image = make_image(where, 400, 1), new_image = make_image(where, 500, 2);
        RC_ASSERT(TestFixture::send(old_image) == Status::OK);
        for (unsigned attempt = 0; attempt < 6; ++attempt) {
            flash.power_on();
            flash.cut = Cut{*rc::gen::inRange<std::size_t>(0, 300),
                            *rc::gen::element(Cut::Moment::before, Cut::Moment::during, Cut::Moment::after),
                            *rc::gen::arbitrary<std::uint32_t>()};
            try {
                RC_ASSERT(TestFixture::send(new_image) == Status::OK);
            } catch (const PowerCut&) {
            }
            RC_ASSERT(TestFixture::look(old_image, new_image) != TestFixture::Found::broken);
        }
        flash.power_on();
        RC_ASSERT(TestFixture::send(new_image) == Status::OK);
        RC_ASSERT(TestFixture::look({}, new_image) == TestFixture::Found::new_image);
    });
    EXPECT_TRUE(passed);
}

/// On a clone that takes no zeroes over data the record page itself may be left half-erased.
TYPED_TEST(PowerCutTest, AClone) {
    constexpr auto where = TestFixture::place;
    ChipFlash flash{where};
    flash.ignores_zeroes = true;
    const auto counts = TestFixture::sweep(flash, make_image(where, 300, 1), make_image(where, 400, 2), 3);
    EXPECT_GT(counts.none, 100U);
}

/// What the chip needs in order to start at all: the bootloader's reset vector in page 0.
struct StartWindow {
    std::size_t operations = 0;
    double microseconds = 0;
};
StartWindow window_without_start(const Image& old_image, const Image& new_image) {
    constexpr auto place = SmallHigh::place;
    ChipFlash flash{place};
    EXPECT_EQ(PowerCutTest<SmallHigh>::send(old_image), Status::OK);
    flash.power_on();
    const NorFlash start = flash.snapshot();
    const Image vector = flash.bytes(place.bootloader_base + 4, 4);
    EXPECT_EQ(PowerCutTest<SmallHigh>::send(new_image), Status::OK);
    const std::vector<Operation> operations = flash.operations();
    StartWindow window;
    for (std::size_t number = 0; number < operations.size(); ++number) {
        flash.restore(start);
        flash.cut = Cut{number, Cut::Moment::during, static_cast<std::uint32_t>(number)};
        EXPECT_THROW(PowerCutTest<SmallHigh>::send(new_image), PowerCut);
        if (flash.bytes(place.application_base + 4, 4) == vector) continue;
        ++window.operations;
        window.microseconds +=
            operations[number].kind == Operation::Kind::erase ? NorFlash::erase_us : NorFlash::program_us;
    }
    return window;
}

TEST(HighMemory, TheChipAlwaysStartsExceptAroundTheEraseOfPageZero) {
    constexpr auto place = SmallHigh::place;
    const StartWindow window = window_without_start(make_image(place, 500, 1), make_image(place, 500, 2));
    EXPECT_LE(window.operations, 3U) << "one erase and two half-words";
    EXPECT_GE(window.operations, 1U);
    EXPECT_LE(window.microseconds, NorFlash::erase_us + 2 * NorFlash::program_us);
}

TEST(HighMemory, AnUpdateThatLeavesPageZeroAsItIsHasNoSuchWindow) {
    constexpr auto place = SmallHigh::place;
    const Image old_image = make_image(place, 500, 1);
    Image new_image = old_image;
    for (std::size_t i = place.page; i < new_image.size(); ++i)
        new_image[i] ^= 0x3C;
    EXPECT_EQ(window_without_start(old_image, new_image).operations, 0U);
}

}  // namespace
}  // namespace firmware_test
