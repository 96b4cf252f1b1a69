// SPDX-License-Identifier: ISC
// What was flashed onto which board: a CSV file that a production line keeps, one line a board, written at once.
#pragma once

#include <filesystem>
#include <mutex>
#include <set>
#include <string>

#include "flasher/commands/flashing.hpp"

namespace flasher::commands {

/// Thread-safe.
class Ledger {
  public:
    /// Reads what is there and appends to it; an empty path keeps it in memory only. `image` names what is flashed, for
    /// its column: file name and checksum. Throws CommandError when the file cannot be written or is not a ledger.
    Ledger(std::filesystem::path file, std::string image);

    /// Whether a line says that this board got this image already. A board without a serial number never has.
    [[nodiscard]] bool has(const std::string& serial) const;
    void add(const BoardResult& result);

  private:
    std::filesystem::path file_;
    std::string image_;
    mutable std::mutex mutex_;
    std::set<std::string> done_;
};

/// A field of CSV, quoted where it must be (RFC 4180).
[[nodiscard]] std::string csv_field(std::string_view text);
/// The fields of a line.
[[nodiscard]] std::vector<std::string> csv_fields(std::string_view line);

}  // namespace flasher::commands
