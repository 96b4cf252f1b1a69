// SPDX-License-Identifier: ISC
// Whole downloads: what they touch, how long they say they take, and how a session ends.
#include <algorithm>
#include <array>
#include <set>

#include "flasher/properties/examination.hpp"
#include "flasher/properties/lists.hpp"

namespace flasher::properties {
namespace {

using std::chrono::milliseconds;

/// Pages in which anything was erased or programmed since the last call.
std::set<std::uint32_t> touched_pages(Examination& device) {
    std::set<std::uint32_t> pages;
    for (const Touch& touch : device.subject.touches())
        pages.insert(touch.address / device.subject.page_size * device.subject.page_size);
    return pages;
}

void expect_touched(Examination& device, const std::set<std::uint32_t>& expected) {
    const auto pages = touched_pages(device);
    device.expect(pages == expected, "the pages at [{:#x}] are touched, not those at [{:#x}]", fmt::join(pages, " "),
                  fmt::join(expected, " "));
}

/// Installs an image, and begins a session that knows nothing of it.
void install(Examination& device, const Image& image) {
    device.download(image);
    device.start_over();
    if (device.subject.touches) static_cast<void>(device.subject.touches());
}

void same_again(Examination& device) {
    const Image image = device.image(7001, 2);
    install(device, image);
    device.download(image);
    expect_touched(device, {});
    device.expect_installed(image);
}

void one_byte(Examination& device) {
    Image image = device.image(7001, 2);
    install(device, image);
    image[5000] ^= 0x21;
    device.download(image);
    const auto base = device.subject.application_base;
    expect_touched(device,
                   {(base + 5000) / device.subject.page_size * device.subject.page_size, device.subject.record});
    device.expect_installed(image);
}

void one_byte_of_the_first_page(Examination& device) {
    Image image = device.image(7001, 2);
    install(device, image);
    image[200] ^= 0x21;
    device.download(image);
    expect_touched(device, {device.subject.application_base, device.subject.record});
    device.expect_installed(image);
}

void shrinks_and_grows(Examination& device) {
    for (const std::size_t size : {1000U, 5000U, 64U, 7001U, 2049U}) {
        device.where(fmt::format("an image of {} bytes: ", size));
        const Image image = device.image(size, static_cast<std::uint32_t>(size));
        device.download(image);
        device.expect_installed(image);
    }
}

/// A second request at once is answered when the flash is done: so long must be what was announced. A transfer or two
/// are in what is measured.
void poll_timeout(Examination& device) {
    install(device, device.image(7001, 1));
    const Image image = device.image(7001, 2);
    const std::size_t size = device.transfer_size();
    std::size_t waits = 0;
    for (std::size_t block = 0, at = 0; at < image.size(); ++block, at += size) {
        device.where(fmt::format("block {}: ", block));
        device.expect(
            device.dnload(block, std::span(image).subspan(at, std::min(size, image.size() - at))) == Outcome::ok,
            "it is not taken");
        const auto begin = device.subject.now();
        const auto report = device.get_status();
        if (report.state != DfuState::dfu_dnbusy) {
            device.expect(report.poll_timeout.count() == 0, "bwPollTimeout is {} ms in {}", report.poll_timeout.count(),
                          flasher::name_of(report.state));
            continue;
        }
        ++waits;
        device.expect_state(DfuState::dfu_dnload_sync);
        const auto took = std::chrono::duration_cast<milliseconds>(device.subject.now() - begin);
        const auto announced = report.poll_timeout, slack = device.subject.slack;
        device.expect(announced + milliseconds(3) + slack >= took, "{} ms are announced, and it takes {} ms",
                      announced.count(), took.count());
        device.expect(took + milliseconds(3) + slack >= announced, "{} ms are announced, and it takes only {} ms",
                      announced.count(), took.count());
        device.expect(device.settle().state == DfuState::dfu_dnload_idle, "it is not written");
    }
    device.where({});
    device.expect(waits > 1, "only {} blocks were written at once", waits);
}

void errors_recover(Examination& device) {
    const Image image = device.image(5003, 2);
    device.send(0, std::span(image).first(1024));
    device.expect(device.dfu_out(DfuRequest::clrstatus) == Outcome::stall, "CLRSTATUS is taken in dfuDNLOAD-IDLE");
    device.expect_refused(DfuStatus::err_stalledpkt);
    device.download(image);
    device.expect_installed(image);
}

void reset_in_the_middle(Examination& device) {
    const Image image = device.image(5003, 4);
    device.send(0, std::span(image).first(1024));
    device.expect(device.subject.transport.bus_reset() == Outcome::ok,
                  "the device does not come back from a USB reset");
    device.expect_state(DfuState::dfu_idle);
    device.download(image);
    device.expect_installed(image);
}

/// dfuIDLE, so that hosts that ask once more are content; what was sent is read back, and no byte more; then silence,
/// and the device leaves or stays as its descriptor says.
void ends(Examination& device) {
    const Image image = device.image(3001, 5);
    device.download(image);
    device.expect_state(DfuState::dfu_idle);
    const Image bytes = device.read_back(device.capacity());
    device.expect(bytes == image, "{} bytes were sent, and {} other ones are read back", image.size(), bytes.size());
    const bool gone = device.subject.transport.wait_until_gone(milliseconds(1500));
    device.expect(gone == device.attributes().will_detach, "the device {}, against bitWillDetach",
                  gone ? "leaves" : "stays");
    device.start_over();
    device.expect_installed(image);
}

constexpr std::array list{
    Property{"TheSameImageAgainTouchesNothing", "SAFETY.md", Overwrites::application, Needs::reentry | Needs::watch,
             same_again},
    Property{"OneByteTouchesItsPageAndTheRecord", "SAFETY.md", Overwrites::application, Needs::reentry | Needs::watch,
             one_byte},
    Property{"OneByteOfTheVectorPageTouchesNoOther", "SAFETY.md", Overwrites::application,
             Needs::reentry | Needs::watch, one_byte_of_the_first_page},
    Property{"ImagesMayShrinkAndGrow", "DFU 1.1 section 6.1", Overwrites::application, Needs::nothing,
             shrinks_and_grows},
    Property{"PollTimeoutIsTrue", "DFU 1.1 section 6.1.2", Overwrites::application, Needs::reentry | Needs::clock,
             poll_timeout},
    Property{"ADownloadFollowsAnError", "DFU 1.1 section 6.1.4", Overwrites::application, Needs::nothing,
             errors_recover},
    Property{"AResetInTheMiddleLeadsToIdle", "DFU 1.1 section 7", Overwrites::application, Needs::nothing,
             reset_in_the_middle},
    Property{"ADownloadEndsInIdleAndTheDeviceLeaves", "DFU 1.1 section 7", Overwrites::application, Needs::reentry,
             ends},
};

}  // namespace

std::span<const Property> sessions() {
    return list;
}

}  // namespace flasher::properties
