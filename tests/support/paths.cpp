// SPDX-License-Identifier: ISC
// The folders of this clone, as CMake has them.
#include "tests/support/paths.hpp"

#include <cstdlib>
#include <fstream>

namespace test_paths {
namespace {

std::filesystem::path below(const char* folder, std::string_view file) {
    return std::filesystem::path(folder) / file;
}

/// Somebody may want to know what a test needs to be built (tests/mutants/run): a line a file, in the file so named.
void note(std::string_view file) {
    if (const char* const list = std::getenv("DAPBOOT_FILES_READ")) std::ofstream(list, std::ios::app) << file << '\n';
}

}  // namespace

std::filesystem::path firmware(std::string_view file) {
    note(file);
    return below(DAPBOOT_FIRMWARE_DIR, file);
}

std::filesystem::path source(std::string_view file) {
    return below(DAPBOOT_SOURCE_DIR, file);
}

std::filesystem::path built(std::string_view file) {
    note(file);
    return below(DAPBOOT_BUILD_DIR, file);
}

}  // namespace test_paths
