// SPDX-License-Identifier: ISC
// What the bootloader would save without one of its promises: which lines keep it, and how to take them out of a copy
// of the sources.
#pragma once

#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

namespace bench {

/// A text of a source file, and what stands in its place where the promise is not kept.
struct Edit {
    std::string_view file;  ///< From the top of the tree.
    std::string_view kept;
    std::string_view broken;
};

struct Promise {
    std::string_view name;     ///< Of its folder, and in its figure's key.
    std::string_view title;    ///< What a user would miss.
    bool high_memory = false;  ///< Is a matter of the high-memory layout alone.
    std::vector<Edit> edits;

    /// The target whose bootloader shows what it costs.
    [[nodiscard]] std::string_view target() const { return high_memory ? "BLUEPILL_HIGH" : "BLUEPILL"; }
};

[[nodiscard]] std::span<const Promise> promises();

/// Makes the edits of `promise` to the sources in `tree`. Throws std::runtime_error that names the file where the text
/// to be replaced does not stand, or stands twice.
void take_out(const Promise& promise, const std::filesystem::path& tree);

}  // namespace bench
