// SPDX-License-Identifier: ISC
#include "bench/build_size.hpp"

#include <fstream>
#include <map>
#include <stdexcept>
#include <string>

#include <fmt/format.h>

namespace bench {

BuildSize size_of_build(const std::filesystem::path& elf) {
    auto file = elf;
    file.replace_extension(".size");
    std::ifstream stream(file);
    if (!stream) throw std::runtime_error(fmt::format("{}: cannot be read; `make firmware` writes it", file.string()));

    std::map<std::string, std::uint32_t> numbers;
    std::string name;
    for (std::uint32_t number = 0; stream >> name >> number;)
        numbers[name] = number;
    const auto number = [&](const char* wanted) {
        const auto found = numbers.find(wanted);
        if (found == numbers.end())
            throw std::runtime_error(fmt::format("{}: does not say how many bytes '{}' is", file.string(), wanted));
        return found->second;
    };
    BuildSize size;
    size.flash = number("flash");
    size.constants = number("constants");
    size.ram = number("ram");
    size.ram_limit = number("ram_limit");
    return size;
}

}  // namespace bench
