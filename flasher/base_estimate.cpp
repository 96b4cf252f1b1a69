// SPDX-License-Identifier: ISC
// Scores bases; the header says how.
#include "flasher/base_estimate.hpp"

#include <algorithm>
#include <unordered_set>

namespace flasher {
namespace {

constexpr std::uint32_t flash_begin = 0x0800'0000, flash_end = 0x0810'0000, page = 1024;
constexpr std::size_t searched_bytes = 1U << 20, most_pointers = 512, first_words = 8;
constexpr std::uint16_t blank = 0xFFFF, bx_lr = 0x4770;

bool is_pointer(std::uint32_t word) {
    return word % 2 == 1 && word >= flash_begin && word < flash_end;
}

std::vector<std::uint32_t> pointers_in(Bytes image) {
    std::vector<std::uint32_t> pointers;
    std::unordered_set<std::uint32_t> seen;
    const auto end = std::min(image.size(), searched_bytes);
    for (std::size_t at = 4; at + 4 <= end && pointers.size() < most_pointers; at += 4)
        if (const auto word = u32_at(image, at); is_pointer(word) && seen.insert(word).second) pointers.push_back(word);
    return pointers;
}

std::uint16_t half_word(Bytes image, std::size_t offset) {
    return offset + 2 <= image.size() ? u16_at(image, offset) : blank;
}

bool begins_function(std::uint16_t first, std::uint16_t second) {
    const bool push = (first & 0xFE00) == 0xB400 || first == 0xE92D;
    const bool store_with_writeback = first == 0xF84D && (second & 0x0FFF) == 0x0D04;
    const bool branch_to_itself = first == 0xE7FE;
    return push || store_with_writeback || branch_to_itself || first == bx_lr;
}

bool is_upper_half_of_address(std::uint16_t half) {
    return (half >= 0x0800 && half <= 0x080F) || half == 0x2000 || half == 0x2001 ||
           (half >= 0x4000 && half <= 0x4002) || half == 0xE000;
}

bool ends_function(std::uint16_t before_last, std::uint16_t last, bool aligned) {
    const bool pop_pc = (last & 0xFF00) == 0xBD00;
    const bool branch = (last & 0xF800) == 0xE000;
    const bool wide_pop_pc = before_last == 0xE8BD && (last & 0x8000) != 0;
    const bool load_pc = before_last == 0xF85D && last == 0xFB04;
    return last == bx_lr || pop_pc || branch || wide_pop_pc || load_pc || (aligned && is_upper_half_of_address(last));
}

bool is_padding(std::uint16_t half) {
    return half == 0xBF00 || half == 0 || half == blank;
}

/// `pointer` is the address of a function, its Thumb bit removed.
int score_of_pointer(Bytes image, std::uint32_t pointer, std::uint32_t base) {
    constexpr int impossible = -4, whole = 2, weak = 1, none = -1;
    if (pointer < base + std::uint64_t{first_words}) return impossible;
    const std::size_t offset = pointer - base;
    if (offset + 2 > image.size()) return impossible;
    const auto here = half_word(image, offset);
    if (here == blank || here == 0) return impossible;
    int score = 0;
    if (begins_function(here, half_word(image, offset + 2))) score += whole;
    const auto before = half_word(image, offset - 2);
    if (ends_function(half_word(image, offset - 4), before, offset % 4 == 0))
        score += whole;
    else if (is_padding(before))
        score += weak;
    return score != 0 ? score : none;
}

int score_of(Bytes image, const std::vector<std::uint32_t>& pointers, std::uint32_t base) {
    int score = 0;
    for (const auto pointer : pointers)
        score += score_of_pointer(image, pointer - 1, base);
    return score;
}

}  // namespace

std::vector<BaseScore> score_bases(Bytes image) {
    if (image.size() < first_words || !is_pointer(u32_at(image, 4))) return {};
    const std::uint32_t reset = u32_at(image, 4) - 1;
    const auto pointers = pointers_in(image);
    std::vector<BaseScore> scores;
    for (std::uint32_t base = flash_begin; base < flash_end; base += page) {
        if (reset < base + first_words || reset - base + std::uint64_t{2} > image.size()) continue;
        scores.push_back({.base = base, .score = score_of(image, pointers, base)});
    }
    std::ranges::stable_sort(scores, std::ranges::greater{}, &BaseScore::score);
    return scores;
}

int score_of_base(Bytes image, std::uint32_t base) {
    return score_of(image, pointers_in(image), base);
}

std::optional<std::uint32_t> estimate_base(Bytes image) {
    const auto scores = score_bases(image);
    if (scores.empty()) return std::nullopt;
    if (scores.size() > 1 && scores[0].score - scores[1].score < clear_lead) return std::nullopt;
    return scores[0].base;
}

std::optional<std::uint32_t> clearly_other_base(Bytes image, std::uint32_t expected) {
    const auto scores = score_bases(image);
    if (scores.empty() || scores[0].base == expected) return std::nullopt;
    if (scores[0].score - score_of_base(image, expected) < clear_lead) return std::nullopt;
    return scores[0].base;
}

}  // namespace flasher
