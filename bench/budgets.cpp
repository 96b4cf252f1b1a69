// SPDX-License-Identifier: ISC
// The little JSON that budgets need, and the verdict.
#include "bench/budgets.hpp"

#include <cctype>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <stdexcept>

#include <fmt/format.h>

namespace bench {
namespace {

/// Objects, strings without escapes, and numbers: no more is needed, and no more is taken.
class Parser {
  public:
    Parser(std::string text, std::string file) : text_(std::move(text)), file_(std::move(file)) {}

    std::map<std::string, Budget> budgets() {
        std::map<std::string, Budget> all;
        members([&](const std::string& key) {
            if (!all.emplace(key, budget()).second) fail(fmt::format("{} stands twice", key));
        });
        blanks();
        if (at_ != text_.size()) fail("more than one object");
        return all;
    }

  private:
    Budget budget() {
        Budget result;
        members([&](const std::string& name) {
            auto& field = name == "most"    ? result.most
                          : name == "least" ? result.least
                          : name == "goal"  ? result.goal
                                            : (fail("only most, least and goal are known"), result.goal);
            field = number();
        });
        return result;
    }

    template <class Member>
    void members(Member member) {
        take('{');
        if (next() == '}') return take('}');
        for (;;) {
            const std::string key = string();
            take(':');
            member(key);
            if (next() == '}') return take('}');
            take(',');
        }
    }

    std::string string() {
        take('"');
        const auto end = text_.find_first_of("\"\\\n", at_);
        if (end == std::string::npos || text_[end] != '"') fail("a string that does not end");
        const std::string result = text_.substr(at_, end - at_);
        at_ = end + 1;
        return result;
    }

    double number() {
        blanks();
        char* end = nullptr;
        const double value = std::strtod(text_.c_str() + at_, &end);
        const auto length = static_cast<std::size_t>(end - (text_.c_str() + at_));
        if (length == 0) fail("a number is missing");
        at_ += length;
        return value;
    }

    void blanks() {
        while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0)
            ++at_;
    }
    char next() {
        blanks();
        return at_ < text_.size() ? text_[at_] : '\0';
    }
    void take(char wanted) {
        if (next() != wanted) fail(fmt::format("'{}' is missing", wanted));
        ++at_;
    }
    [[noreturn]] void fail(const std::string& what) const {
        throw std::runtime_error(fmt::format("{}, byte {}: {}", file_, at_, what));
    }

    std::string text_;
    std::string file_;
    std::size_t at_ = 0;
};

}  // namespace

std::map<std::string, Budget> load_budgets(const std::filesystem::path& file) {
    std::ifstream stream(file);
    if (!stream) throw std::runtime_error(fmt::format("{}: cannot be read", file.string()));
    std::string text{std::istreambuf_iterator<char>(stream), {}};
    return Parser(std::move(text), file.string()).budgets();
}

std::vector<std::string> breaches(const std::vector<Section>& sections, const std::map<std::string, Budget>& budgets) {
    std::vector<std::string> found;
    std::set<std::string> measured;
    for (const auto& section : sections)
        for (const auto& figure : section.figures) {
            measured.insert(figure.key);
            const auto budget = budgets.find(figure.key);
            if (budget == budgets.end() || !figure.measured) continue;
            const auto beyond = [&](const char* word, double limit) {
                found.push_back(fmt::format("{} ({}): {:.{}f} {} is {} its budget of {:g}", figure.title, figure.key,
                                            figure.value, figure.decimals, figure.unit, word, limit));
            };
            const Budget& limits = budget->second;
            if (limits.most && figure.value > *limits.most) beyond("above", *limits.most);
            if (limits.least && figure.value < *limits.least) beyond("below", *limits.least);
        }
    for (const auto& [key, budget] : budgets) {
        if (!measured.contains(key)) found.push_back(fmt::format("{}: has a budget, but was not measured", key));
        if (!budget.most && !budget.least) found.push_back(fmt::format("{}: its budget states no limit", key));
    }
    return found;
}

}  // namespace bench
