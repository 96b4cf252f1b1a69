// SPDX-License-Identifier: ISC
// Sessions. Read flash() first.
#include "flasher/session.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace flasher {
namespace {

void tell(const Observer& observer, Step step, std::size_t done = 0, std::size_t total = 0) {
    if (observer) observer({.step = step, .done = done, .total = total});
}

void end_if_interrupted(const FlashOptions& options, const char* state) {
    if (options.interrupted && options.interrupted()) throw Interrupted(fmt::format("interrupted: {}", state));
}

constexpr const char* half_written =
    "the device stays in its bootloader and starts no half application; run the same command again";
// What an upload is called when it follows a download.
constexpr const char* reading_back = "reading back what was written";
constexpr const char* unchanged = "nothing on the device was changed";

void refuse_foreign_suffix(const Image& image, const DeviceInfo& info) {
    const auto& device = info.device;
    if (!image.suffix || image.suffix->matches(device.idVendor, device.idProduct)) return;
    throw RefusedImage(
        fmt::format("the file's DFU suffix says that it is for {:04x}:{:04x}, and the device is "
                    "{:04x}:{:04x}; choose the file for this device",
                    image.suffix->idVendor, image.suffix->idProduct, device.idVendor, device.idProduct));
}

/// Reads as many bytes as `expected` has, and compares. `address_of` the first byte, where known.
void compare(DfuClient& client, Bytes expected, std::optional<std::uint32_t> base, const FlashOptions& options,
             const Observer& observer) {
    const auto held = client.upload(expected.size(), [&](const Progress& progress) {
        end_if_interrupted(options, "the image was written whole, and only its reading back was cut short");
        tell(observer, Step::verifying, std::min(progress.done, expected.size()), expected.size());
    });
    if (held.size() < expected.size())
        throw VerifyError(
            fmt::format("reading back ended after {} of {} bytes; the device has less room than the image", held.size(),
                        expected.size()));
    const auto [there, sent] = std::ranges::mismatch(held, expected);
    if (there == held.end()) return;
    const auto offset = static_cast<std::size_t>(there - held.begin());
    const auto differing = static_cast<std::size_t>(std::ranges::count_if(
        expected, [&, i = std::size_t{0}](std::uint8_t byte) mutable { return byte != held[i++]; }));
    throw VerifyError(fmt::format(
        "the flash differs from the image in {} of {} bytes, first at {:#010x} ({:#04x} instead of {:#04x})", differing,
        expected.size(), base.value_or(0) + offset, *there, *sent));
}

}  // namespace

std::string_view name_of(Step step) {
    switch (step) {
        case Step::measuring:
            return "measuring";
        case Step::writing:
            return "writing";
        case Step::manifesting:
            return "finishing";
        case Step::verifying:
            return "verifying";
        case Step::reading:
            return "reading";
        case Step::starting:
            return "starting";
    }
    return "";
}

Image judged(const Image& image, const DeviceInfo& info, const Target& target, const FlashOptions& options) {
    if (options.force) return image;
    refuse_foreign_suffix(image, info);
    const auto region = target.region();
    if (!region) {
        if (image.base || options.target.base) return image;
        throw RefusedImage(
            "nobody knows where this bootloader puts an image, and the file does not say for where it is; look it up "
            "and say it, such as --base 0x08005000");
    }
    if (options.application_part && image.base && *image.base < region->flash_start) {
        auto part = part_from(image, region->flash_start);
        if (!part)
            throw RefusedImage(
                fmt::format("the file holds no application at {:#010x}; choose another", region->flash_start));
        return judged(*part, info, target, options);
    }
    if (const auto complaint = check_runnable(image, *region)) {
        const bool merged = !options.application_part && part_from(image, region->flash_start).has_value();
        throw RefusedImage(*complaint + (merged ? " with --application-part" : ""));
    }
    return image;
}

FlashReport flash(Transport& transport, const DeviceInfo& info, const Image& image, const FlashOptions& options,
                  const Observer& observer) {
    FlashReport report;
    report.target = choose_target(info, options.target, image.base);
    auto& target = report.target;
    end_if_interrupted(options, unchanged);
    tell(observer, Step::measuring);
    measure(target, info, transport);
    const auto sent = judged(image, info, target, options);
    report.bytes = sent.bytes.size();
    report.installs = bootloader_in(sent);

    const auto& functional = target.interface.functional;
    const bool readable = functional && functional->attributes.can_upload;
    DfuOptions dfu = options.dfu;
    // What is read back must be read before the device leaves by itself.
    if (options.verify && readable) dfu.leave_pause = std::chrono::milliseconds(0);
    DfuClient client(transport, target.interface, dfu);
    report.ending = client.download(sent.bytes, [&](const Progress& progress) {
        const bool writing = progress.phase == Progress::Phase::download;
        if (writing && progress.done < progress.total)
            end_if_interrupted(options, progress.done == 0 ? unchanged : half_written);
        tell(observer, writing ? Step::writing : Step::manifesting, progress.done, progress.total);
    });

    if (!options.verify) {
        report.why_not_verified = "as asked";
    } else if (report.ending != Ending::idle) {
        report.why_not_verified = "the device left by itself, after comparing every page";
    } else if (!readable) {
        report.why_not_verified = "the device offers no reading back";
    } else {
        try {
            compare(client, sent.bytes, target.base, options, observer);
        } catch (const DfuError& error) {
            throw error.during(reading_back);
        }
        report.verified = true;
    }
    if (options.leave && report.ending == Ending::idle) {
        tell(observer, Step::starting, report.bytes, report.bytes);
        client.leave();
        report.ending = Ending::left;
    }
    return report;
}

Target verify(Transport& transport, const DeviceInfo& info, const Image& image, const FlashOptions& options,
              const Observer& observer) {
    auto target = choose_target(info, options.target, image.base);
    const auto expected = judged(image, info, target, options);
    DfuClient client(transport, target.interface, options.dfu);
    compare(client, expected.bytes, target.base, options, observer);
    return target;
}

std::vector<std::uint8_t> read(Transport& transport, const Target& target, std::size_t limit,
                               const FlashOptions& options, const Observer& observer) {
    DfuClient client(transport, target.interface, options.dfu);
    const std::size_t total = target.room ? std::min<std::size_t>(limit, *target.room) : 0;
    return client.upload(limit, [&](const Progress& progress) {
        end_if_interrupted(options, unchanged);
        tell(observer, Step::reading, progress.done, total);
    });
}

void enter_bootloader(Transport& transport, const DeviceInfo& info) {
    const auto& interfaces = info.configuration.interfaces;
    const auto found =
        std::ranges::find_if(interfaces, [](const auto& one) { return one.is_dfu() && !one.is_dfu_mode(); });
    auto functional = found == interfaces.end() ? std::nullopt : found->functional;
    if (!functional)
        throw TargetError(
            fmt::format("\"{}\" offers no way into its bootloader (no DFU run-time interface); press its "
                        "button or set its jumper",
                        info.product));
    auto interface = *found;
    // enter_dfu() needs no transfer size, and applications state 0 there.
    functional->transfer_size = std::max<std::uint16_t>(functional->transfer_size, 64);
    interface.functional = functional;
    DfuClient(transport, interface).enter_dfu();
}

std::string state_after(const DfuError& error) {
    const auto& point = error.point();
    if (error.failure() == Failure::misuse || point.operation == "opening" || point.operation == "open")
        return "Nothing on the device was changed";
    if (point.operation == "upload") return "Reading has changed nothing";
    if (point.operation == reading_back)
        return "The image is on the board whole, only not compared; dapboot verify does that";
    if (point.operation == "download" && point.block == 0 && error.failure() == Failure::refused)
        return "The device refused the image on its first block, so nothing was changed";
    if (error.failure() == Failure::gone)
        return "Plug it in again: it starts its bootloader, as no half application ever runs; then run the same "
               "command "
               "again";
    return "The device stays in its bootloader and starts no half application; run the same command again";
}

}  // namespace flasher
