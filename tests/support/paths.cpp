// SPDX-License-Identifier: ISC
// The folders of this clone, as CMake has them.
#include "tests/support/paths.hpp"

namespace test_paths {
namespace {

std::filesystem::path below(const char* folder, std::string_view file) {
    return std::filesystem::path(folder) / file;
}

}  // namespace

std::filesystem::path firmware(std::string_view file) {
    return below(DAPBOOT_FIRMWARE_DIR, file);
}

std::filesystem::path source(std::string_view file) {
    return below(DAPBOOT_SOURCE_DIR, file);
}

std::filesystem::path built(std::string_view file) {
    return below(DAPBOOT_BUILD_DIR, file);
}

}  // namespace test_paths
