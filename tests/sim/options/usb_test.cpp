// SPDX-License-Identifier: ISC
// What the device says of itself and does on the bus.
#include "tests/sim/options/option_build.hpp"

namespace sim::test {
namespace {

using UsbOptions = OptionsTest;

TEST_F(UsbOptions, WithoutUploadItIsNeitherOfferedNorAnswered) {
    use("no-upload").enter_dfu();
    EXPECT_FALSE(attributes().can_upload);
    EXPECT_TRUE(attributes().can_download);
    EXPECT_EQ(bench->dfu.upload(0, 1024).end, TransferEnd::stall);
    EXPECT_EQ(bench->dfu.clear_status(), TransferEnd::ok);
    expect_update_works();
}

TEST_F(UsbOptions, WithoutDownloadItIsNeitherOfferedNorTaken) {
    use("no-download").install(application);
    bench->enter_dfu();
    EXPECT_TRUE(attributes().can_upload);
    EXPECT_FALSE(attributes().can_download);
    EXPECT_EQ(bench->client().upload(application.bytes.size()), application.bytes);
    EXPECT_EQ(bench->dfu.dnload(0, make_application(bench->target, 1'024, 2).bytes), TransferEnd::stall);
    EXPECT_EQ(bench->machine.counters().flash_operations, 0U);
    EXPECT_TRUE(bench->boots(application));
}

TEST_F(UsbOptions, ItCanStayAfterADownload) {
    use("stays").enter_dfu();
    EXPECT_TRUE(attributes().manifestation_tolerant);
    EXPECT_FALSE(attributes().will_detach);
    auto client = bench->client();
    EXPECT_EQ(client.download(application.bytes), flasher::Ending::idle);
    EXPECT_EQ(client.get_state(), flasher::DfuState::dfu_idle);
    EXPECT_FALSE(bench->running(application));
    client.leave();
    bench->host.advance(400 * millisecond);
    EXPECT_TRUE(bench->running(application));
}

TEST_F(UsbOptions, ItCanTakeThePlaceOfAMapleBootloader) {
    Target target = standard_target();
    target.name = "maplemini";
    use("maple", board_named("maplemini"), target).enter_dfu();
    const auto& ids = bench->transport->device().device_descriptor;
    EXPECT_EQ(std::vector(ids.begin() + 8, ids.begin() + 12), (std::vector<std::uint8_t>{0xAF, 0x1E, 0x03, 0x00}));
    const auto settings = info().configuration.interfaces;
    ASSERT_EQ(settings.size(), 3U);
    for (const unsigned elsewhere : {0U, 1U}) {
        ASSERT_TRUE(bench->host.control_out({0x01, 11, static_cast<std::uint16_t>(elsewhere), 0, 0}, {}).ok());
        EXPECT_EQ(bench->dfu.dnload(0, std::span(application.bytes).first(64)), TransferEnd::stall);
        EXPECT_EQ(bench->dfu.get_status()->status, flasher::DfuStatus::err_target);
        EXPECT_EQ(bench->dfu.clear_status(), TransferEnd::ok);
    }
    flasher::DfuClient(*bench->transport, settings[2]).download(application.bytes);
    bench->host.advance(400 * millisecond);
    EXPECT_TRUE(bench->running(application));
    // Each of the words brings the bootloader back, once.
    for (const auto& [number, word] : {std::pair{10, 0x424C}, std::pair{10, 1}, std::pair{1, 0x4F42}}) {
        SCOPED_TRACE(word);
        bench->machine.set_backup_register(number, static_cast<std::uint16_t>(word));
        bench->machine.reset();
        EXPECT_EQ(bench->watch_start(), Fate::bootloader);
        bench->machine.reset();
        EXPECT_EQ(bench->watch_start(), Fate::application);
    }
    bench->machine.set_backup_register(10, 0x424D);
    bench->machine.reset();
    EXPECT_EQ(bench->watch_start(), Fate::application);
}

TEST_F(UsbOptions, ItCanLeaveWhereTheBoardsOwnStays) {
    use("leaves", board_named("bttskrminie3v2")).enter_dfu();
    EXPECT_EQ(info().configuration.interfaces.size(), 1U);
    EXPECT_EQ(bench->client().download(application.bytes), flasher::Ending::left);
    bench->host.advance(400 * millisecond);
    EXPECT_TRUE(bench->running(application));
}

TEST_F(UsbOptions, DfuCanHaveAnAlternateSettingBeforeIt) {
    use("alternate").enter_dfu();
    const auto settings = info().configuration.interfaces;
    ASSERT_EQ(settings.size(), 2U);
    EXPECT_EQ(settings[0].bAlternateSetting, 0);
    EXPECT_EQ(settings[1].bAlternateSetting, 1);
    EXPECT_TRUE(settings[1].functional);
    flasher::DfuClient client(*bench->transport, settings[1]);
    client.download(application.bytes);
    bench->host.advance(400 * millisecond);
    EXPECT_TRUE(bench->running(application));
}

TEST_F(UsbOptions, BlocksCanHaveOtherSizes) {
    for (const unsigned size : {64U, 1'000U}) {
        SCOPED_TRACE(size);
        use("blocks-" + std::to_string(size)).enter_dfu();
        EXPECT_EQ(bench->client().transfer_size(), size);
        EXPECT_EQ(bench->dfu.dnload(0, std::vector<std::uint8_t>(size + 1)), TransferEnd::stall);
        EXPECT_EQ(bench->dfu.clear_status(), TransferEnd::ok);
        expect_update_works(7'777);
    }
}

TEST_F(UsbOptions, TheLandingPageIsTheUsers) {
    use("landing").enter_dfu();
    EXPECT_EQ(info().webusb.value_or(flasher::WebUsbInfo{}).landing_page, "https://example.com/x/");
}

TEST_F(UsbOptions, IdsAndNamesAreTheUsers) {
    use("names").enter_dfu();
    const auto said = info();
    EXPECT_EQ(said.device.idVendor, 0x1234);
    EXPECT_EQ(said.device.idProduct, 0xABCD);
    EXPECT_EQ(said.manufacturer, "Mill and Co");
    EXPECT_EQ(said.product, "Grinder");
    EXPECT_EQ(said.interface_names.at(0), "Korn");
}

}  // namespace
}  // namespace sim::test
