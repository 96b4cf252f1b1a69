// SPDX-License-Identifier: ISC
// For which address was a plain binary linked? Nothing in the file says it, but its pointers to functions do.
//
// A pointer to a Thumb function is an odd word. Seen from the right base, it leads to the first instruction of a
// function; seen from a wrong one, to some place in the middle. The vector table is full of such pointers, and so are
// literal pools and tables of callbacks.
//
// Pointers: every word at an offset that is a multiple of 4, from 4 on and within the first 1 MiB, that is odd and
// 0x08000000 to 0x080FFFFF; each value counted once, the first 512 in the order of their offsets.
//
// Candidates: every multiple of 1 KiB from 0x08000000 to 0x080FFC00 from which the reset vector (word 1) leads into the
// image, behind the first two words. (A page is the grain of every flash layout; there is no candidate when the reset
// vector is not such a pointer.)
//
// Score of a base: the sum over all pointers, where o = pointer - 1 - base is the offset that it leads to, h(x) the
// half-word at offset x, h(x) outside of the image 0xFFFF:
//
//   -4  o < 8 or o + 2 > length (outside), or h(o) is 0xFFFF or 0x0000 (nothing there)
//   else the sum of
//   +2  a function begins at o: h(o) is PUSH (0xB400 to 0xB5FF), PUSH.W (0xE92D), STR.W Rt,[SP,#-4]! (0xF84D with the
//       low 12 bits of h(o + 2) 0xD04), B to itself (0xE7FE) or BX LR (0x4770)
//   +2  one ends before o: h(o - 2) is BX LR (0x4770), POP {…, PC} (0xBD00 to 0xBDFF) or B (0xE000 to 0xE7FF); or
//       h(o - 4) is POP.W (0xE8BD) and bit 15 of h(o - 2) is set (PC); or h(o - 4) is LDR.W Rt,[SP],#4 (0xF85D) and
//       h(o - 2) is 0xFB04 (PC); or o is a multiple of 4 and h(o - 2) is the upper half of a literal that is an
//       address: 0x0800 to 0x080F, 0x2000, 0x2001, 0x4000 to 0x4002 or 0xE000
//   +1  otherwise, if h(o - 2) is padding: NOP (0xBF00), 0x0000 or 0xFFFF
//   -1  instead, if none of these holds
//
// Another base wins clearly when it beats the expected one by 8 points: two pointers' worth of evidence, so that a
// single one that happens to fall well is not enough. The corpus of tests/images holds every implementation to this.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "flasher/bytes.hpp"

namespace flasher {

/// A word of flash in which nothing was written: no pointer, and no evidence.
inline constexpr std::uint32_t blank_word = 0xFFFF'FFFF;

/// Points by which a base must lead.
inline constexpr int clear_lead = 8;

struct BaseScore {
    std::uint32_t base = 0;
    int score = 0;

    bool operator==(const BaseScore&) const = default;
};

/// Every candidate with its score, the best first, of equal ones the lowest.
[[nodiscard]] std::vector<BaseScore> score_bases(Bytes image);

/// The score of one base, whether it is a candidate or not.
[[nodiscard]] int score_of_base(Bytes image, std::uint32_t base);

/// The base that leads all other candidates by clear_lead, or is the only one; nothing where that is open.
[[nodiscard]] std::optional<std::uint32_t> estimate_base(Bytes image);

/// The base that beats `expected` by clear_lead; nothing when none does.
[[nodiscard]] std::optional<std::uint32_t> clearly_other_base(Bytes image, std::uint32_t expected);

}  // namespace flasher
