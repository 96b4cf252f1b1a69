// SPDX-License-Identifier: ISC
// The image library against the corpus: bases are found, formats are equal to the binary, and what is not an image is
// named.
#include <fstream>
#include <map>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "flasher/base_estimate.hpp"
#include "flasher/image.hpp"

namespace flasher::test {
namespace {

const std::filesystem::path folder = DAPBOOT_IMAGES_DIR;

const nlohmann::json& manifest() {
    static const auto read = [] {
        std::ifstream file(folder / "manifest.json");
        return nlohmann::json::parse(file);
    }();
    return read;
}

std::uint32_t address(const nlohmann::json& text) {
    return static_cast<std::uint32_t>(std::stoul(text.get<std::string>(), nullptr, 16));
}

std::vector<std::uint8_t> content(const std::string& name) {
    std::ifstream file(folder / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Corpus, IsAsLargeAsTheManifestShouldSay) {
    EXPECT_GT(manifest()["images"].size(), 150U);
    EXPECT_GE(manifest()["formats"].size(), 10U);
    EXPECT_GE(manifest()["foreign"].size(), 6U);
}

TEST(Corpus, NoOtherBaseEverBeatsTheTrueOne) {
    for (const auto& one : manifest()["images"]) {
        const auto bytes = content(one["file"]);
        const auto other = clearly_other_base(bytes, address(one["base"]));
        EXPECT_FALSE(other) << one << ": " << std::hex << *other;
    }
}

TEST(Corpus, TheTrueBaseIsTheEstimate) {
    for (const auto& one : manifest()["images"]) {
        const auto bytes = content(one["file"]);
        const auto estimate = estimate_base(bytes);
        EXPECT_TRUE(estimate || !one["evidence"].get<bool>()) << one;
        EXPECT_EQ(estimate.value_or(address(one["base"])), address(one["base"])) << one;
    }
}

// What a device with the standard and with the high-memory layout says to each image.
TEST(Corpus, WhatIsLinkedElsewhereIsRefused) {
    for (const std::uint32_t start : {0x0800'0000U, 0x0800'1000U, 0x0800'2000U, 0x0800'5000U}) {
        std::map<bool, int> seen;
        for (const auto& one : manifest()["images"]) {
            const auto image = load_image(folder / one["file"]);
            const auto complaint =
                check_runnable(image, {.flash_start = start, .flash_length = 0x4'0000, .ram_length = 0x5000});
            const bool belongs = address(one["base"]) == start && one["complete"];
            EXPECT_EQ(!complaint, belongs) << one << ": " << complaint.value_or("accepted");
            ++seen[!complaint];
        }
        EXPECT_GT(seen[true], 10) << std::hex << start;
        EXPECT_GT(seen[false], 100) << std::hex << start;
    }
}

TEST(Corpus, EveryFormatHoldsTheSameBytes) {
    for (const auto& one : manifest()["formats"]) {
        const auto image = load_image(folder / one["file"]);
        EXPECT_EQ(image.bytes, content(one["content"])) << one;
        if (one["base"].is_null())
            EXPECT_FALSE(image.base) << one;
        else
            EXPECT_EQ(image.base, address(one["base"])) << one;
    }
}

TEST(Corpus, WhatIsNoImageIsCalledByItsName) {
    const std::map<std::string, std::string> words{{"gzip", "gzip archive"}, {"zip", "ZIP archive"},
                                                   {"html", "web page"},     {"utf-16", "UTF-16 text"},
                                                   {"text", "this is text"}, {"blank", "blank"}};
    for (const auto& one : manifest()["foreign"]) {
        try {
            static_cast<void>(load_image(folder / one["file"]));
            ADD_FAILURE() << one << " passed";
        } catch (const ImageError& error) {
            EXPECT_NE(std::string_view(error.what()).find(words.at(one["what"])), std::string_view::npos)
                << error.what();
        }
    }
}

}  // namespace
}  // namespace flasher::test
