// SPDX-License-Identifier: ISC
// Reads descriptors, strings, BOS, WebUSB and Microsoft OS descriptors of a device.
#include "flasher/device_info.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

namespace flasher {
namespace {

using Data = std::vector<std::uint8_t>;

constexpr std::uint8_t get_descriptor_request = 6;
constexpr std::uint8_t standard_in = 0x80;
constexpr std::uint8_t vendor_in = 0xC0;
constexpr std::uint16_t webusb_get_url = 2;
constexpr std::uint16_t microsoft_compatible_id = 4;
constexpr std::uint16_t microsoft_set = 7;
constexpr std::uint16_t longest_string = 255;
constexpr std::string_view serial_of_every_maple = "LLM 003";

std::optional<Data> read(Transport& transport, const SetupPacket& setup, const char* what) {
    Data data(setup.wLength);
    const auto result = transport.control_in(setup, data);
    if (result.outcome == Outcome::stall) return std::nullopt;
    if (!result.ok())
        throw DeviceInfoError(fmt::format("reading the {} failed: {}", what,
                                          result.outcome == Outcome::timeout ? "the device did not answer in time"
                                          : result.outcome == Outcome::gone  ? "the device left the bus"
                                                                             : "the device broke the USB protocol"));
    data.resize(std::min<std::size_t>(result.length, data.size()));
    return data;
}

std::optional<Data> read_vendor(Transport& transport, std::uint8_t code, std::uint16_t value, std::uint16_t index,
                                std::uint16_t length, const char* what) {
    return read(transport,
                {.bmRequestType = vendor_in, .bRequest = code, .wValue = value, .wIndex = index, .wLength = length},
                what);
}

std::string read_string(Transport& transport, std::uint8_t index, std::uint16_t language) {
    if (index == 0) return {};
    const auto data = get_descriptor(transport, 3, index, longest_string, language);
    return data ? parse_string(*data) : std::string{};
}

std::string ascii_until_nul(Bytes bytes) {
    return {bytes.begin(), std::ranges::find(bytes, std::uint8_t{0})};
}

std::string utf16_to_ascii(Bytes bytes) {
    std::string text;
    for (std::size_t i = 0; i + 1 < bytes.size() && u16_at(bytes, i) != 0; i += 2)
        text += u16_at(bytes, i) < 0x80 ? static_cast<char>(bytes[i]) : '?';
    return text;
}

WebUsbInfo read_webusb(Transport& transport, const PlatformCapability& capability) {
    WebUsbInfo info{.bcdVersion = u16_at(capability.data, 0),
                    .bVendorCode = capability.data[2],
                    .iLandingPage = capability.data[3],
                    .landing_page = std::nullopt};
    if (info.iLandingPage == 0) return info;
    const auto url = read_vendor(transport, info.bVendorCode, info.iLandingPage, webusb_get_url, longest_string,
                                 "WebUSB landing page");
    if (url) info.landing_page = parse_url(*url);
    return info;
}

std::optional<MicrosoftOs10Info> read_microsoft_os_10(Transport& transport) {
    const auto string = get_descriptor(transport, 3, 0xEE, 18, 0);
    if (!string || string->size() != 18 || utf16_to_ascii(Bytes(*string).subspan(2, 14)) != "MSFT100")
        return std::nullopt;
    MicrosoftOs10Info info{.vendor_code = (*string)[16], .compatible_id = std::nullopt};
    // Extended Compat ID: 16 bytes of header, then 24 a function, whose ID starts at its byte 2.
    const auto ids =
        read_vendor(transport, info.vendor_code, 0, microsoft_compatible_id, 40, "Microsoft OS 1.0 compatible ID");
    if (ids && ids->size() >= 40) info.compatible_id = ascii_until_nul(Bytes(*ids).subspan(18, 8));
    return info;
}

// wLength, type, wPropertyDataType, wPropertyNameLength, name, wPropertyDataLength, data (a list of UTF-16 strings).
std::optional<std::string> first_guid(Bytes property) {
    if (property.size() < 10) return std::nullopt;
    const std::size_t name_length = u16_at(property, 6);
    const auto name = slice(property, 8, name_length);
    const auto data_length = slice(property, 8 + name_length, 2);
    if (!name || !data_length || !utf16_to_ascii(*name).starts_with("DeviceInterfaceGUID")) return std::nullopt;
    const auto data = slice(property, 10 + name_length, u16_at(*data_length, 0));
    if (!data) return std::nullopt;
    return utf16_to_ascii(*data);
}

// A set is a chain of (wLength, wDescriptorType, …); subset headers nest by content, so the chain stays flat.
void read_features(Bytes set, MicrosoftOs20Info& info) {
    constexpr std::uint16_t compatible_id = 3, registry_property = 4;
    for (std::size_t offset = 0; offset + 4 <= set.size();) {
        const std::size_t length = u16_at(set, offset);
        const auto one = slice(set, offset, length);
        if (length < 4 || !one)
            throw DescriptorError(
                fmt::format("the Microsoft OS 2.0 set has a descriptor at offset {} with wLength {}", offset, length));
        const auto type = u16_at(*one, 2);
        if (type == compatible_id && length >= 20) info.compatible_id = ascii_until_nul(one->subspan(4, 8));
        if (type == registry_property) info.interface_guid = first_guid(*one);
        offset += length;
    }
}

MicrosoftOs20Info read_microsoft_os_20(Transport& transport, const PlatformCapability& capability) {
    // dwWindowsVersion (4 bytes), then length of the set and vendor code.
    const auto length = u16_at(capability.data, 4);
    MicrosoftOs20Info info{
        .vendor_code = capability.data[6], .compatible_id = std::nullopt, .interface_guid = std::nullopt};
    const auto set =
        read_vendor(transport, info.vendor_code, 0, microsoft_set, length, "Microsoft OS 2.0 descriptor set");
    if (!set) return info;
    read_features(*set, info);
    return info;
}

void read_bos(Transport& transport, DeviceInfo& info) {
    if (info.device.bcdUSB < 0x0201) return;
    const auto head = get_descriptor(transport, 15, 0, 5);
    if (!head) return;
    const auto bos = get_descriptor(transport, 15, 0, total_length(*head));
    if (!bos) return;
    for (const auto& capability : parse_bos(*bos)) {
        if (capability.is_webusb() && capability.data.size() >= 4) info.webusb = read_webusb(transport, capability);
        if (capability.is_microsoft_os_20() && capability.data.size() >= 8)
            info.microsoft_os_20 = read_microsoft_os_20(transport, capability);
        if (capability.is_dapboot()) info.dapboot = parse_dapboot_capability(capability);
    }
}

}  // namespace

std::optional<Data> get_descriptor(Transport& transport, std::uint8_t type, std::uint8_t index, std::uint16_t length,
                                   std::uint16_t language) {
    return read(transport,
                {.bmRequestType = standard_in,
                 .bRequest = get_descriptor_request,
                 .wValue = static_cast<std::uint16_t>(type << 8 | index),
                 .wIndex = language,
                 .wLength = length},
                fmt::format("descriptor of type {} index {}", type, index).c_str());
}

DeviceInfo read_device_info(Transport& transport) {
    DeviceInfo info;
    const auto device = get_descriptor(transport, 1, 0, 18);
    if (!device) throw DeviceInfoError("the device stalled the request for its device descriptor");
    info.device = parse_device(*device);

    const auto head = get_descriptor(transport, 2, 0, 9);
    if (!head) throw DeviceInfoError("the device stalled the request for its configuration");
    const auto configuration = get_descriptor(transport, 2, 0, total_length(*head));
    if (!configuration) throw DeviceInfoError("the device stalled the request for its whole configuration");
    info.configuration = parse_configuration(*configuration);

    const auto languages = get_descriptor(transport, 3, 0, longest_string);
    const std::uint16_t language = languages && languages->size() >= 4 ? u16_at(*languages, 2) : 0;
    info.manufacturer = read_string(transport, info.device.iManufacturer, language);
    info.product = read_string(transport, info.device.iProduct, language);
    info.serial_number = read_string(transport, info.device.iSerialNumber, language);
    if (info.serial_number == serial_of_every_maple) info.serial_number.clear();
    for (const auto& one : info.configuration.interfaces)
        info.interface_names.push_back(read_string(transport, one.iInterface, language));

    read_bos(transport, info);
    info.microsoft_os_10 = read_microsoft_os_10(transport);
    return info;
}

}  // namespace flasher
