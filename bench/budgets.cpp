// SPDX-License-Identifier: ISC
// The budgets, and the verdict. A budget is raised only with a reason in its commit. That a bootloader fits into its
// flash is not repeated here: the linker refuses one that does not.
#include "bench/budgets.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <set>

#include <fmt/format.h>

namespace bench {
namespace {

constexpr Budget at_most(std::string_view key, double most, std::optional<double> goal = {}) {
    return {.key = key, .most = most, .least = {}, .goal = goal};
}
constexpr Budget at_least(std::string_view key, double least, std::optional<double> goal = {}) {
    return {.key = key, .most = {}, .least = least, .goal = goal};
}

constexpr Budget table[] = {
    // Bytes of RAM with the deepest stack, which the linker cannot know. The smallest parts have 6 KiB.
    at_most("ram.bluepill", 5120),
    at_most("ram.bluepill-high", 5120),
    at_most("ram.bttskrminie3v2", 8192),
    at_most("ram.bttskrminie3v2-high", 8192),
    // Bytes that it may cost to let the LED tell what happens.
    at_most("promise.led", 39),
    // Times the least that flash, bus and host need.
    at_most("download.blank.typical", 1.025),
    at_most("download.blank.maximum", 1.025),
    at_most("download.blank.gap", 1.025),
    at_most("download.blank.next_frame", 1.025),
    at_most("download.blank.frame_list", 1.025),
    at_most("download.full.typical", 1.015),
    at_most("download.full.maximum", 1.015),
    at_most("download.full.gap", 1.015),
    at_most("download.full.next_frame", 1.015),
    at_most("download.full.frame_list", 1.015),
    // Seconds. With transfers that start with a frame, each of the 28 blocks takes two of them, and its status one.
    at_most("download.identical", 0.07),
    at_most("download.identical.gap", 0.07),
    at_most("download.identical.next_frame", 0.07),
    at_most("download.identical.frame_list", 0.09),
    at_most("download.identical.operations", 0),
    at_most("download.one_page", 0.2),
    // KB/s.
    at_least("upload", 1100),
    at_least("upload.gap", 1100),
    at_least("upload.next_frame", 900),
    at_least("upload.frame_list", 900),
    // Microseconds from the end of reset.
    at_most("start.no_button", 20),
    at_most("start.bluepill", 1000),
    at_most("start.above_delay", 50),
    // Virtual seconds a second of processor time.
    at_least("sim.real_time", 10, 20),
    // KB, gzipped.
    at_most("page", 60),
};

constexpr bool stands_twice() {
    for (const Budget* one = std::begin(table); one != std::end(table); ++one)
        if (std::find_if(one + 1, std::end(table), [&](const Budget& other) { return other.key == one->key; }) !=
            std::end(table))
            return true;
    return false;
}
static_assert(!stands_twice());

}  // namespace

std::span<const Budget> budgets() {
    return table;
}

const Budget* find(std::span<const Budget> budgets, std::string_view key) {
    const auto found = std::ranges::find(budgets, key, &Budget::key);
    return found == budgets.end() ? nullptr : &*found;
}

std::vector<std::string> breaches(const std::vector<Section>& sections, std::span<const Budget> budgets) {
    std::vector<std::string> found;
    std::set<std::string, std::less<>> measured;
    for (const auto& section : sections)
        for (const auto& figure : section.figures) {
            measured.insert(figure.key);
            const Budget* const budget = find(budgets, figure.key);
            if (budget == nullptr || !figure.measured) continue;
            const auto beyond = [&](const char* word, double limit) {
                found.push_back(fmt::format("{} ({}): {:.{}f} {} is {} its budget of {:g}", figure.title, figure.key,
                                            figure.value, figure.decimals, figure.unit, word, limit));
            };
            const Budget& limits = *budget;
            if (limits.most && figure.value > *limits.most) beyond("above", *limits.most);
            if (limits.least && figure.value < *limits.least) beyond("below", *limits.least);
        }
    for (const Budget& budget : budgets) {
        if (!measured.contains(budget.key))
            found.push_back(fmt::format("{}: has a budget, but was not measured", budget.key));
        if (!budget.most && !budget.least) found.push_back(fmt::format("{}: its budget states no limit", budget.key));
    }
    return found;
}

}  // namespace bench
