// SPDX-License-Identifier: ISC
// Descriptors of devices that nobody here built: values, or an error that says what is wrong.

#include "flasher/descriptors.hpp"
#include "tests/fuzz/require.hpp"

namespace {

template <class Parser>
void parse(Parser parser, flasher::Bytes bytes) {
    try {
        (void)parser(bytes);
    } catch (const flasher::DescriptorError& error) {
        require(error.what()[0] != '\0', "an error says what");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const flasher::Bytes bytes{data, size};
    parse(flasher::parse_device, bytes);
    parse(flasher::total_length, bytes);
    parse(flasher::parse_string, bytes);
    parse(flasher::parse_url, bytes);
    parse(
        [](flasher::Bytes bos) {
            const auto capabilities = flasher::parse_bos(bos);
            for (const auto& capability : capabilities)
                require(capability.data.size() + 20 <= bos.size(), "a capability lies inside");
            return capabilities;
        },
        bytes);
    parse(
        [](flasher::Bytes configuration) {
            const auto parsed = flasher::parse_configuration(configuration);
            require(parsed.interfaces.size() * 9 <= configuration.size(), "interfaces lie inside");
            for (const auto& interface : flasher::dfu_interfaces(parsed))
                require(interface.is_dfu_mode(), "DFU interfaces are such");
            return parsed;
        },
        bytes);
    return 0;
}
