// SPDX-License-Identifier: ISC
// Application images for a placement, and how a host sends one through an Update.
#pragma once

#include <random>

#include "tests/unit/firmware/fake_flash.hpp"

namespace firmware_test {

using Image = std::vector<std::uint8_t>;

/// An image that can run: vectors, then `size` - 8 bytes that depend on the seed alone.
inline Image make_image(const dfu::Placement& place, std::size_t size, std::uint32_t seed) {
    Image image = ChipFlash::words({place.ram_end, place.application_base + 0x29});
    std::mt19937 random{seed};
    while (image.size() < size)
        image.push_back(static_cast<std::uint8_t>(random()));
    image.resize(size);
    // The reserved vectors, where the high-memory layout hides its two words.
    if (place.high_memory)
        std::fill(image.begin() + 28, image.begin() + std::min<std::ptrdiff_t>(36, std::ssize(image)), std::uint8_t{0});
    return image;
}

/// Hands one block over, as the DFU interface does with a DFU_DNLOAD.
template <class Update>
dfu::Status give(Update& update, const Image& image, std::size_t at, std::size_t length) {
    update.measure();
    std::uint8_t* room = update.room();
    std::copy_n(image.begin() + static_cast<std::ptrdiff_t>(at), length, room);
    return update.accept(static_cast<std::uint32_t>(length));
}

/// Sends blocks of `block` bytes as dfu-util does, without the USB around it.
/// @return  the first status that is not OK
template <class Update>
dfu::Status download(Update& update, const Image& image, std::size_t block) {
    update.restart();
    for (std::size_t at = 0; at < image.size(); at += block) {
        const std::size_t length = std::min(block, image.size() - at);
        const dfu::Status accepted = give(update, image, at, length);
        if (accepted != dfu::Status::OK) return accepted;
        const dfu::Status written = update.write();
        if (written != dfu::Status::OK) return written;
    }
    update.finish();
    return update.commit();
}

/// The installed image as UPLOAD gives it.
template <class Update>
Image uploaded(std::size_t size, std::size_t block) {
    Update update;
    Image result;
    while (result.size() < size) {
        const std::size_t length = std::min(block, size - result.size());
        const std::uint8_t* data =
            update.read(static_cast<std::uint32_t>(result.size()), static_cast<std::uint32_t>(length));
        result.insert(result.end(), data, data + length);
    }
    return result;
}

}  // namespace firmware_test
