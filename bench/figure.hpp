// SPDX-License-Identifier: ISC
// One measured figure, and what a report is made of.
#pragma once

#include <string>
#include <vector>

namespace bench {

/// A number, its unit, and how it is to be read. `key` is its name in budgets.cpp and in the JSON
/// report; it never changes, titles may.
struct Figure {
    std::string key;
    std::string title;
    double value = 0;
    std::string unit;
    std::string note;
    int decimals = 0;      ///< Behind the point, when people read it.
    bool measured = true;  ///< False: what it needs is not there, and `note` says what.
};

/// Figures that belong to one heading.
struct Section {
    std::string title;
    std::string text;  ///< How it was measured: a sentence or two, may be empty.
    std::vector<Figure> figures;
    std::string table;  ///< Markdown in place of one line a figure; empty: the usual table.
};

}  // namespace bench
