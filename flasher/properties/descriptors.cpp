// SPDX-License-Identifier: ISC
// What any host may read: that it is consistent, and that no system asks for a driver.
#include <algorithm>
#include <array>

#include "flasher/device_info.hpp"
#include "flasher/properties/examination.hpp"
#include "flasher/properties/lists.hpp"

namespace flasher::properties {
namespace {

constexpr std::string_view serial_digits = "0123456789ABCDEF";

void device_descriptor(Examination& device) {
    const Image bytes = device.descriptor(0x0100);
    device.expect(bytes.size() == 18, "it has {} bytes", bytes.size());
    const auto parsed = parse_device(bytes);
    device.expect(parsed.bcdUSB >= 0x0201, "bcdUSB 0x{:04X} tells hosts not to ask for a BOS", parsed.bcdUSB);
    device.expect(parsed.bMaxPacketSize0 == 64, "bMaxPacketSize0 is {}", parsed.bMaxPacketSize0);
    device.expect(parsed.bDeviceClass == 0 && parsed.bDeviceSubClass == 0 && parsed.bDeviceProtocol == 0,
                  "the class is not left to the interface");
    device.expect(parsed.bNumConfigurations == 1, "bNumConfigurations is {}", parsed.bNumConfigurations);
}

void dfu_descriptors(Examination& device) {
    const auto configuration = parse_configuration(device.descriptor(0x0200));
    device.expect(configuration.bConfigurationValue == 1, "bConfigurationValue is {}",
                  configuration.bConfigurationValue);
    device.expect((configuration.bmAttributes & 0x9F) == 0x80, "bmAttributes is 0x{:02X}", configuration.bmAttributes);
    device.expect(configuration.max_milliamperes <= 500, "it asks for {} mA", configuration.max_milliamperes);
    device.expect(device.interface().bNumEndpoints == 0, "the interface has {} endpoints",
                  device.interface().bNumEndpoints);
    device.expect(device.functional().version == 0x0110, "bcdDFUVersion is 0x{:04X}", device.functional().version);
    device.expect(device.attributes().will_detach != device.attributes().manifestation_tolerant,
                  "it must either leave by itself or stay after a download");
}

void beginnings(Examination& device) {
    for (const auto& [value, length] : {std::pair<std::uint16_t, std::uint16_t>{0x0100, 8}, {0x0200, 9}, {0x0F00, 5}}) {
        const Image whole = device.descriptor(value), beginning = device.descriptor(value, length);
        device.expect(beginning.size() == length && std::equal(beginning.begin(), beginning.end(), whole.begin()),
                      "the first {} bytes of 0x{:04X} are not the beginning of all {}", length, value, whole.size());
        if (value != 0x0100)
            device.expect(total_length(whole) == whole.size(), "0x{:04X} states {} bytes and sends {}", value,
                          total_length(whole), whole.size());
    }
}

void strings(Examination& device) {
    device.expect(device.descriptor(0x0300) == Image{4, 3, 0x09, 0x04}, "the languages are not US English alone");
    const auto info = read_device_info(device.subject.transport);
    device.expect(!info.manufacturer.empty() && !info.product.empty(), "manufacturer or product has no name");
    device.expect(
        info.serial_number.size() == 24 && info.serial_number.find_first_not_of(serial_digits) == std::string::npos,
        "the serial number \"{}\" is not 24 hexadecimal digits", info.serial_number);
}

void landing_page(Examination& device) {
    const auto info = read_device_info(device.subject.transport);
    const auto& webusb = device.require(info.webusb, "the BOS has no WebUSB capability");
    device.expect(webusb.bcdVersion == 0x0100, "bcdVersion is 0x{:04X}", webusb.bcdVersion);
    if (webusb.iLandingPage == 0) return;
    const auto& page =
        device.require(webusb.landing_page, "landing page {} is announced and not sent", webusb.iLandingPage);
    device.expect(page.starts_with("http"), "the landing page is \"{}\"", page);
}

void microsoft_os(Examination& device) {
    const auto info = read_device_info(device.subject.transport);
    const auto& version_20 = device.require(info.microsoft_os_20, "the BOS has no capability of Microsoft OS 2.0");
    device.expect(version_20.compatible_id == "WINUSB", "the compatible ID is \"{}\"",
                  version_20.compatible_id.value_or(""));
    const auto guid = version_20.interface_guid.value_or("");
    device.expect(guid.size() == 38 && guid.front() == '{' && guid.back() == '}', "the interface GUID is \"{}\"", guid);
    if (info.microsoft_os_10)  // an older Windows asks for it; a build may be without
        device.expect(info.microsoft_os_10->compatible_id == "WINUSB", "version 1.0 says \"{}\"",
                      info.microsoft_os_10->compatible_id.value_or(""));
}

/// What the device says of itself, against what whoever examines it knows.
void capability(Examination& device) {
    const auto info = read_device_info(device.subject.transport);
    const auto& said = device.require(info.dapboot, "the BOS does not say where an application goes");
    const auto& subject = device.subject;
    device.expect(said.application_base == subject.application_base, "it puts applications at 0x{:08X}, not 0x{:08X}",
                  said.application_base, subject.application_base);
    // A build for several parts says the end of the largest.
    device.expect(said.application_end >= subject.application_end, "it lets them end at 0x{:08X}, before 0x{:08X}",
                  said.application_end, subject.application_end);
    device.expect(said.page_size == subject.page_size, "it erases {} bytes at once, not {}", said.page_size,
                  subject.page_size);
    device.expect((said.layout == DapbootCapability::Layout::high_memory) == subject.high_memory,
                  "it says that it lies {} the application", subject.high_memory ? "before" : "behind");
}

constexpr std::array list{
    Property{"DeviceDescriptor", "USB 2.0 section 9.6.1", Overwrites::nothing, Needs::nothing, device_descriptor},
    Property{"DfuDescriptors", "DFU 1.1 section 4.2", Overwrites::nothing, Needs::nothing, dfu_descriptors},
    Property{"DescriptorsMayBeReadInPart", "USB 2.0 section 9.4.3", Overwrites::nothing, Needs::nothing, beginnings},
    Property{"Strings", "USB 2.0 section 9.6.7", Overwrites::nothing, Needs::nothing, strings},
    Property{"LandingPage", "WebUSB section 4", Overwrites::nothing, Needs::nothing, landing_page},
    Property{"MicrosoftOsDescriptorsNameWinUsb", "Microsoft OS 2.0 descriptors", Overwrites::nothing, Needs::nothing,
             microsoft_os},
    Property{"TheCapabilityTellsWhereApplicationsGo", "docs/capability.md", Overwrites::nothing, Needs::nothing,
             capability},
};

}  // namespace

std::span<const Property> descriptors() {
    return list;
}

}  // namespace flasher::properties
