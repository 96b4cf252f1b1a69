// SPDX-License-Identifier: ISC
// Reports.
#include "bench/report.hpp"

#include <fstream>
#include <iterator>
#include <stdexcept>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace bench {
namespace {

constexpr std::string_view begin_mark = "<!-- bench:begin -->\n";
constexpr std::string_view end_mark = "<!-- bench:end -->\n";

std::string number(double value, int decimals) {
    return fmt::format("{:.{}f}", value, decimals);
}

/// What the figure has to reach, and whether it does.
std::string goal_of(const Figure& figure, std::span<const Budget> budgets) {
    const Budget* const found = find(budgets, figure.key);
    if (found == nullptr) return "";
    const Budget& budget = *found;
    const bool at_most = budget.most.has_value();
    const auto limit = budget.goal ? budget.goal : at_most ? budget.most : budget.least;
    if (!limit) return "";
    const bool reached = at_most ? figure.value <= *limit : figure.value >= *limit;
    return fmt::format("{} {:g}{}", at_most ? "≤" : "≥", *limit, reached ? "" : " (missed)");
}

}  // namespace

std::string as_markdown(const std::vector<Section>& sections, std::span<const Budget> budgets) {
    std::string text;
    for (const auto& section : sections) {
        text += fmt::format("**{}.** {}\n\n", section.title, section.text);
        if (!section.table.empty()) {
            text += section.table + "\n";
            continue;
        }
        text += "| figure | measured | must reach | |\n|---|---:|---:|---|\n";
        for (const auto& figure : section.figures)
            text += fmt::format("| {} | {} | {} | {} |\n", figure.title,
                                figure.measured ? number(figure.value, figure.decimals) + " " + figure.unit : "-",
                                figure.measured ? goal_of(figure, budgets) : "", figure.note);
        text += "\n";
    }
    return text;
}

std::string as_json(const std::vector<Section>& sections) {
    nlohmann::ordered_json report = nlohmann::ordered_json::object();
    for (const auto& section : sections)
        for (const auto& figure : section.figures) {
            if (!figure.measured) continue;
            report[figure.key] = {
                {"value", figure.value}, {"unit", figure.unit}, {"title", figure.title}, {"note", figure.note}};
        }
    return report.dump(2) + "\n";
}

void rewrite_block(const std::filesystem::path& file, const std::string& text) {
    std::ifstream in(file, std::ios::binary);
    if (!in) throw std::runtime_error(fmt::format("{}: cannot be read", file.string()));
    std::string content{std::istreambuf_iterator<char>(in), {}};
    in.close();
    const auto begin = content.find(begin_mark), end = content.find(end_mark);
    if (begin == std::string::npos || end == std::string::npos || end < begin ||
        content.find(begin_mark, begin + 1) != std::string::npos ||
        content.find(end_mark, end + 1) != std::string::npos)
        throw std::runtime_error(
            fmt::format("{}: needs the lines <!-- bench:begin --> and <!-- bench:end -->, once "
                        "each and in this order",
                        file.string()));
    const auto from = begin + begin_mark.size();
    content.replace(from, end - from, text);
    std::ofstream out(file, std::ios::binary);
    out << content;
    out.close();
    if (!out) throw std::runtime_error(fmt::format("{}: cannot be written", file.string()));
}

}  // namespace bench
