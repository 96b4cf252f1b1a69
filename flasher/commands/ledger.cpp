// SPDX-License-Identifier: ISC
// The ledger.
#include "flasher/commands/ledger.hpp"

#include <fstream>

#include <fmt/format.h>

#include "flasher/platform/platform.hpp"

namespace flasher::commands {
namespace {

constexpr std::string_view header = "time,serial,location,product,version,image,result,bytes,verified,seconds,message";
enum Column {
    time_column,
    serial_column,
    location_column,
    product_column,
    version_column,
    image_column,
    result_column
};

}  // namespace

std::string csv_field(std::string_view text) {
    if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
    std::string field = "\"";
    for (const char c : text) {
        if (c == '"') field += '"';
        field += c == '\n' || c == '\r' ? ' ' : c;
    }
    return field + '"';
}

std::vector<std::string> csv_fields(std::string_view line) {
    std::vector<std::string> fields(1);
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (quoted && c == '"' && i + 1 < line.size() && line[i + 1] == '"') {
            fields.back() += line[++i];
        } else if (c == '"') {
            quoted = !quoted;
        } else if (c == ',' && !quoted) {
            fields.emplace_back();
        } else {
            fields.back() += c;
        }
    }
    return fields;
}

Ledger::Ledger(std::filesystem::path file, std::string image) : file_(std::move(file)), image_(std::move(image)) {
    if (file_.empty()) return;
    std::ifstream old(file_);
    std::string line;
    const bool there = old && std::getline(old, line);
    if (there && line != header)
        throw CommandError(ExitCode::file, fmt::format("{} is not a ledger of dapboot's (its first line differs); name "
                                                       "a new file",
                                                       file_.string()));
    while (std::getline(old, line)) {
        const auto fields = csv_fields(line);
        if (fields.size() > result_column && fields[result_column] == "ok" && fields[image_column] == image_)
            done_.insert(fields[serial_column]);
    }
    std::ofstream now(file_, std::ios::app);
    if (!there) now << header << '\n';
    if (!now.flush()) throw CommandError(ExitCode::file, fmt::format("{}: cannot be written", file_.string()));
}

bool Ledger::has(const std::string& serial) const {
    const std::lock_guard lock(mutex_);
    return !serial.empty() && done_.contains(serial);
}

void Ledger::add(const BoardResult& result) {
    const std::lock_guard lock(mutex_);
    if (result.good()) done_.insert(result.serial);
    if (file_.empty()) return;
    std::ofstream stream(file_, std::ios::app);
    stream << fmt::format("{},{},{},{},{},{},{},{},{},{:.3f},{}\n", platform::timestamp(), csv_field(result.serial),
                          csv_field(result.location), csv_field(result.product), csv_field(result.version),
                          csv_field(image_), result.good() ? "ok" : "failed", result.bytes,
                          result.verified ? "yes" : "no", result.seconds, csv_field(result.sentence));
    if (!stream.flush())
        throw CommandError(ExitCode::file, fmt::format("{}: cannot be written; is the disk full?", file_.string()));
}

}  // namespace flasher::commands
