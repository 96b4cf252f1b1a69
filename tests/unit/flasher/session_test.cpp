// SPDX-License-Identifier: ISC
// A session from beginning to end, with devices that end it in every way.
#include "flasher/session.hpp"

#include <gtest/gtest.h>

#include "tests/unit/flasher/fake_device.hpp"

namespace flasher::test {
namespace {

constexpr std::uint32_t base = 0x0800'2000;

/// An image that can run at `base`.
Image application(std::size_t bytes = 1000) {
    Image image{.format = ImageFormat::binary, .bytes = counting_bytes(bytes), .base = base, .suffix = {}};
    const std::array<std::uint32_t, 2> vectors{0x2000'5000, base + 0x101};
    for (std::size_t i = 0; i < 8; ++i)
        image.bytes[i] = static_cast<std::uint8_t>(vectors[i / 4] >> 8 * (i % 4));
    return image;
}

class SessionTest : public testing::Test {
  protected:
    SessionTest() {
        device.attributes.will_detach = false;
        device.attributes.manifestation_tolerant = true;
    }
    [[nodiscard]] DeviceInfo info() const {
        DeviceInfo one;
        one.device.idVendor = 0x1209;
        one.device.idProduct = 0xDB42;
        one.product = "DAPBoot DFU Bootloader";
        one.configuration.interfaces = {device.interface()};
        one.interface_names = {"DAPBoot DFU"};
        one.dapboot = DapbootCapability{.bcdCapability = 0x0100,
                                        .layout = DapbootCapability::Layout::standard,
                                        .page_size = 1024,
                                        .application_base = base,
                                        .application_end = base + 0x1'E000};
        return one;
    }
    FlashReport flash_it(const Image& image) {
        return flash(device, info(), image, options, [this](const StepProgress& one) {
            if (steps.empty() || steps.back() != one.step) steps.push_back(one.step);
            EXPECT_LE(one.done, one.total == 0 ? one.done : one.total);
        });
    }
    template <class Error>
    std::string error_of(const Image& image) {
        try {
            flash_it(image);
        } catch (const Error& error) {
            return error.what();
        }
        return "";
    }

    FakeDevice device;
    FlashOptions options;
    std::vector<Step> steps;
};

TEST_F(SessionTest, WritesReadsBackAndStarts) {
    const auto image = application();
    const auto report = flash_it(image);
    EXPECT_EQ(device.memory, image.bytes);
    EXPECT_TRUE(report.verified);
    EXPECT_EQ(report.bytes, image.bytes.size());
    EXPECT_EQ(report.ending, Ending::left);
    EXPECT_EQ(device.requests.back(), DfuRequest::detach);
    EXPECT_EQ(steps, (std::vector{Step::measuring, Step::writing, Step::manifesting, Step::verifying, Step::starting}));
}

TEST_F(SessionTest, DoesWhatItIsAskedToLeaveOut) {
    options.verify = false;
    options.leave = false;
    const auto report = flash_it(application());
    EXPECT_FALSE(report.verified);
    EXPECT_EQ(report.why_not_verified, "as asked");
    EXPECT_EQ(report.ending, Ending::idle);
    EXPECT_EQ(std::ranges::count(device.requests, DfuRequest::detach), 0);
    EXPECT_EQ(std::ranges::count(device.requests, DfuRequest::upload), 0);
}

TEST_F(SessionTest, SaysWhyItDidNotReadBack) {
    device.attributes.can_upload = false;
    EXPECT_EQ(flash_it(application()).why_not_verified, "the device offers no reading back");
}

TEST_F(SessionTest, ADeviceThatLeavesByItselfIsNotReadBack) {
    device.attributes = FakeDevice().attributes;
    EXPECT_EQ(flash_it(application()).why_not_verified, "the device left by itself, after comparing every page");
}

TEST_F(SessionTest, TellsTheFirstByteThatDiffers) {
    class Forgetful : public FakeDevice {
      public:
        TransferResult control_in(const SetupPacket& setup, std::span<std::uint8_t> data) override {
            const auto result = FakeDevice::control_in(setup, data);
            if (static_cast<DfuRequest>(setup.bRequest) == DfuRequest::upload && setup.wValue == 3) data[5] ^= 1;
            return result;
        }
    } forgetful;
    forgetful.attributes = device.attributes;
    try {
        flash(forgetful, info(), application(), options);
        FAIL() << "it was content";
    } catch (const VerifyError& error) {
        const std::string what = error.what();
        // Block 3 of 64 bytes, byte 5.
        EXPECT_NE(what.find("in 1 of 1000 bytes, first at 0x080020c5"), std::string::npos) << what;
    }
}

TEST_F(SessionTest, RefusesBeforeAnythingIsSent) {
    auto elsewhere = application();
    elsewhere.base = 0x0800'0000;
    EXPECT_NE(error_of<RefusedImage>(elsewhere).find("linked for 0x08000000"), std::string::npos);
    auto foreign = application();
    foreign.suffix = DfuSuffix{.idVendor = 0x0483, .idProduct = 0xDF11};
    EXPECT_NE(error_of<RefusedImage>(foreign).find("is for 0483:df11, and the device is 1209:db42"), std::string::npos);
    EXPECT_NE(error_of<RefusedImage>(application(0x1'E001)).find("has room for 122880"), std::string::npos);
    EXPECT_TRUE(device.requests.empty());
    options.force = true;
    EXPECT_EQ(error_of<RefusedImage>(foreign), "");
    EXPECT_EQ(device.memory, foreign.bytes);
}

TEST_F(SessionTest, SendsThePartOfAMergedFileThatIsTheApplications) {
    const auto part = application();
    auto merged = part;
    merged.base = 0x0800'0000;
    merged.bytes.insert(merged.bytes.begin(), 0x2000, 0xFF);
    EXPECT_NE(error_of<RefusedImage>(merged).find("--application-part"), std::string::npos);
    options.application_part = true;
    flash_it(merged);
    EXPECT_EQ(device.memory, part.bytes);
}

TEST_F(SessionTest, InterruptedBetweenBlocksItTellsTheState) {
    int asked = 0;
    options.interrupted = [&] { return ++asked == 5; };
    const auto sentence = error_of<Interrupted>(application());
    EXPECT_NE(sentence.find("starts no half application"), std::string::npos) << sentence;
    EXPECT_LT(device.memory.size(), 1000U);
    asked = 4;
    device.memory.clear();
    EXPECT_NE(error_of<Interrupted>(application()).find("nothing on the device was changed"), std::string::npos);
    EXPECT_TRUE(device.memory.empty());
}

TEST_F(SessionTest, ABrokenDownloadSaysInWhichStateTheDeviceIs) {
    const auto state_for = [&](const Misbehaviour& misbehaviour) -> std::string {
        FakeDevice other;
        other.attributes = device.attributes;
        other.misbehaviour = misbehaviour;
        try {
            flash(other, info(), application(), options);
        } catch (const DfuError& error) {
            return state_after(error);
        }
        return "";
    };
    Misbehaviour refuses_first, refuses_later, vanishes, vanishes_written;
    refuses_first.refuse_block = 0;
    refuses_later.refuse_block = 4;
    vanishes.vanish_at_block = 4;
    EXPECT_NE(state_for(refuses_first).find("nothing was changed"), std::string::npos);
    EXPECT_NE(state_for(refuses_later).find("stays in its bootloader"), std::string::npos);
    EXPECT_NE(state_for(vanishes).find("Plug it in again"), std::string::npos);
    device.attributes.can_upload = true;
    device.attributes.will_detach = false;
    vanishes_written.vanish_at_upload = true;
    EXPECT_NE(state_for(vanishes_written).find("The image is on the board whole, only not compared"),
              std::string::npos);
}

TEST_F(SessionTest, AnApplicationWithoutARuntimeInterfaceCannotBeAsked) {
    auto application = info();
    EXPECT_THROW(enter_bootloader(device, application), TargetError);
    EXPECT_TRUE(device.requests.empty());
    application.configuration.interfaces[0].bInterfaceProtocol = 1;
    enter_bootloader(device, application);
    EXPECT_EQ(std::ranges::count(device.requests, DfuRequest::detach), 1);
    EXPECT_EQ(device.bus_resets, 1) << "it does not leave by itself";
}

}  // namespace
}  // namespace flasher::test
