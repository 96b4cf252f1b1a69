// SPDX-License-Identifier: ISC
// Runs dapboot in a folder of the test's own, and keeps what it says.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/wait.h>

#include "tests/support/paths.hpp"

namespace flasher::test {

struct Run {
    int code = -1;
    std::string out, err;
};

inline std::string content_of(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

/// A folder for one test's files, gone afterwards.
class Folder {
  public:
    Folder() {
        const auto* test = testing::UnitTest::GetInstance()->current_test_info();
        path_ = std::filesystem::path(testing::TempDir()) /
                (std::string("dapboot_") + test->test_suite_name() + "_" + test->name());
        std::filesystem::remove_all(path_);
        std::filesystem::create_directories(path_);
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

    /// `dapboot` with `arguments`, written as for a shell, and `environment` before it. Its working folder is this one.
    [[nodiscard]] Run run(const std::string& arguments, const std::string& environment = "LC_ALL=C.UTF-8") const {
        const auto command = "cd '" + path_.string() + "' && " + environment + " '" +
                             test_paths::built("flasher/dapboot").string() + "' " + arguments +
                             " >out.txt 2>err.txt </dev/null";
        const int status = std::system(command.c_str());
        return {.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
                .out = content_of(path_ / "out.txt"),
                .err = content_of(path_ / "err.txt")};
    }

  private:
    std::filesystem::path path_;
};

inline void expect_has(const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << "no \"" << part << "\" in:\n" << text;
}

}  // namespace flasher::test
