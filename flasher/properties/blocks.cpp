// SPDX-License-Identifier: ISC
// How an image is cut into blocks does not matter, and what is not a proper sequence of blocks does no harm.
#include <algorithm>
#include <array>
#include <numeric>

#include "flasher/properties/examination.hpp"
#include "flasher/properties/lists.hpp"

namespace flasher::properties {
namespace {

constexpr std::size_t block_size = 1024;

std::span<const std::uint8_t> block_of(const Image& image, std::size_t number) {
    return std::span(image).subspan(number * block_size, std::min(block_size, image.size() - number * block_size));
}

void any_size(Examination& device) {
    std::uint32_t seed = 1;
    for (const std::size_t size : {36U, 63U, 64U, 65U, 127U, 500U, 512U, 1000U, 1023U, 1024U, 1025U, 1500U, 2048U}) {
        if (size > device.transfer_size()) break;
        device.where(fmt::format("blocks of {} bytes: ", size));
        const Image image = device.image(5003, ++seed);
        device.download(image, size);
        device.expect_installed(image);
    }
}

void odd_cuts(Examination& device) {
    const std::vector<std::vector<std::size_t>> cuts{
        {1023, 1024, 1024, 1024, 908}, {1024, 1, 1024, 1024, 1024, 906},
        {1024, 1024, 1023, 1024, 908}, {37, 1001, 3, 1, 1, 63, 65, 1024, 1024, 1024, 760},
        {1024, 1024, 1024, 1024, 907}, {999, 999, 999, 999, 999, 8},
    };
    std::uint32_t seed = 20;
    for (const auto& sizes : cuts) {
        device.where(fmt::format("blocks of {} bytes: ", fmt::join(sizes, ", ")));
        const Image image = device.image(std::accumulate(sizes.begin(), sizes.end(), std::size_t{0}), ++seed);
        device.make_idle();
        std::span<const std::uint8_t> rest = image;
        std::size_t block = 0;
        for (const std::size_t size : sizes) {
            device.send(block++, rest.first(size));
            rest = rest.subspan(size);
        }
        device.expect(device.dnload(block, {}) == Outcome::ok, "the zero-length block is not taken");
        device.expect(device.settle().state == DfuState::dfu_idle, "manifestation does not end in dfuIDLE");
        device.expect_installed(image);
    }
}

void every_length(Examination& device) {
    for (std::size_t size = block_size - 5; size < block_size + 6; ++size) {
        device.where(fmt::format("an image of {} bytes: ", size));
        const Image image = device.image(size, static_cast<std::uint32_t>(size));
        device.download(image);
        device.expect_installed(image);
    }
}

void wrong_numbers(Examination& device) {
    const Image image = device.image(5000, 2);
    for (const int wrong : {0, 2, 3, 0xFFFF, 0x0101}) {
        device.where(fmt::format("block {} after block 0: ", wrong));
        device.make_idle();
        device.send(0, block_of(image, 0));
        device.expect(device.dnload(static_cast<std::size_t>(wrong), block_of(image, 1)) == Outcome::stall,
                      "it is not stalled");
        device.expect_refused(DfuStatus::err_address);
    }
    device.where("block 1 first: ");
    device.expect(device.dnload(1, block_of(image, 0)) == Outcome::stall, "it is not stalled");
    device.expect_refused(DfuStatus::err_address);
    device.where("UPLOAD of block 2 after block 0: ");
    device.expect(device.upload(0, 64).ok(), "block 0 is not given");
    device.expect(device.upload(2, 64).outcome == Outcome::stall, "it is not stalled");
    device.expect_refused(DfuStatus::err_address);
}

void too_large(Examination& device) {
    const std::size_t most = device.transfer_size(), longest = device.subject.longest_data_stage;
    if (most >= longest)
        throw NotShown(fmt::format(
            "sends more than {} bytes in one transfer, which this system does not do; over --usbip it is sent",
            longest));
    const Image image = device.image(most + 4096, 3);
    for (const std::size_t size : {most + 1, most + 64, most + 4096}) {
        if (size > longest) continue;
        device.where(fmt::format("a block of {} bytes: ", size));
        device.expect(device.dnload(0, std::span(image).first(size)) == Outcome::stall, "it is not stalled");
        device.expect_refused(DfuStatus::err_address);
    }
    device.where(fmt::format("UPLOAD of {} bytes: ", most + 1));
    device.expect(device.upload(0, most + 1).outcome == Outcome::stall, "it is not stalled");
    device.expect_refused(DfuStatus::err_address);
}

void upload_in_the_middle(Examination& device) {
    device.send(0, device.image(block_size, 2));
    device.expect(device.upload(1, 64).outcome == Outcome::stall, "UPLOAD is not stalled in dfuDNLOAD-IDLE");
    device.expect_refused(DfuStatus::err_stalledpkt);
}

void restarted(Examination& device) {
    const Image other = device.image(6100, 3), image = device.image(5003, 2);
    for (std::size_t blocks = 1; blocks <= 5; ++blocks) {
        device.where(fmt::format("given up after {} blocks: ", blocks));
        device.make_idle();
        for (std::size_t block = 0; block < blocks; ++block)
            device.send(block, block_of(other, block));
        device.expect(device.dfu_out(DfuRequest::abort) == Outcome::ok, "ABORT is not taken");
        device.download(image);
        device.expect_installed(image);
    }
}

void many_blocks(Examination& device) {
    // More than 256 of them: a block number of one byte would wrap.
    const Image image = device.image(std::min<std::size_t>(20'000, device.capacity()), 9);
    device.download(image, 64);
    device.expect_installed(image);
}

void any_upload(Examination& device) {
    const Image image = device.image(5003, 2);
    device.download(image);
    for (const std::size_t size : {1U, 7U, 64U, 100U, 1000U, 1024U}) {
        device.where(fmt::format("UPLOAD in blocks of {} bytes: ", size));
        const std::size_t length = std::min<std::size_t>(300 * size, image.size());
        device.expect_installed(std::span(image).first(length), size);
    }
}

void upload_ends_short(Examination& device) {
    std::size_t block = 0, length = 0;
    for (;; ++block) {
        const auto answer = device.upload(block, 1000);
        device.expect(answer.ok(), "block {} is {}", block, name_of(answer.outcome));
        length += answer.bytes.size();
        if (answer.bytes.size() < 1000) break;
        device.expect_state(DfuState::dfu_upload_idle);
    }
    device.expect(length == device.capacity(), "it gives {} bytes, and the application may have {}", length,
                  device.capacity());
    device.expect_state(DfuState::dfu_idle);
}

constexpr std::array list{
    Property{"BlocksOfAnySizeGiveTheSameImage", "DFU 1.1 section 6.1.1", Overwrites::application, Needs::nothing,
             any_size},
    Property{"OddLengthsInAnyPositionAreHarmless", "DFU 1.1 section 6.1.1", Overwrites::application, Needs::nothing,
             odd_cuts},
    Property{"ImagesAreKeptToTheirLastByte", "DFU 1.1 section 6.1.1", Overwrites::application, Needs::nothing,
             every_length},
    Property{"MoreThan256Blocks", "DFU 1.1 section 6.1.1", Overwrites::application, Needs::nothing, many_blocks},
    Property{"WrongBlockNumbersAreRefused", "DFU 1.1 section 6.1.1", Overwrites::nothing, Needs::nothing,
             wrong_numbers},
    Property{"BlocksPastTheTransferSizeAreRefused", "DFU 1.1 section 6.1.1", Overwrites::nothing, Needs::nothing,
             too_large},
    Property{"UploadInTheMiddleOfADownloadIsRefused", "DFU 1.1 appendix A.2.6", Overwrites::nothing, Needs::nothing,
             upload_in_the_middle},
    Property{"ADownloadRestartedHalfwayEndsWhole", "DFU 1.1 section 6.1.5", Overwrites::application, Needs::nothing,
             restarted},
    Property{"UploadGivesBackWhatWasSent", "DFU 1.1 section 6.2", Overwrites::application, Needs::nothing, any_upload},
    Property{"UploadEndsWithAShortBlock", "DFU 1.1 section 6.2", Overwrites::nothing, Needs::reentry,
             [](Examination& device) {
                 device.start_over();
                 upload_ends_short(device);
             }},
};

}  // namespace

std::span<const Property> blocks() {
    return list;
}

}  // namespace flasher::properties
