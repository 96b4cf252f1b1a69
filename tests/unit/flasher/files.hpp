// SPDX-License-Identifier: ISC
// Files as bytes, and what comes of reading them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "flasher/image.hpp"

namespace flasher::test {

using Data = std::vector<std::uint8_t>;

inline Data text(std::string_view characters) {
    return {characters.begin(), characters.end()};
}

inline std::string message_of(const Data& file) {
    try {
        static_cast<void>(parse_image(file));
    } catch (const ImageError& error) {
        return error.what();
    }
    return "(accepted)";
}

inline void expect_refused(const Data& file, std::string_view words) {
    const auto message = message_of(file);
    EXPECT_NE(message.find(words), std::string::npos) << message;
}

inline Data operator+(Data a, const Data& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

}  // namespace flasher::test
