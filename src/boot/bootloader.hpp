// SPDX-License-Identifier: ISC
// The bootloader put together from its parts, for the board that is built.
#pragma once

#include "boot/application_flash.hpp"
#include "boot/attachment.hpp"
#include "boot/decision.hpp"
#include "boot/inputs.hpp"
#include "boot/jump.hpp"
#include "chip/core.hpp"
#include "chip/startup.hpp"
#include "config/layout.hpp"
#include "config/version.hpp"
#include "dfu/interface.hpp"
#include "dfu/update.hpp"
#include "drivers/option_bytes.hpp"
#include "drivers/usb_fs.hpp"
#include "usb/device.hpp"

namespace boot {

using config::board;

inline constexpr dfu::Placement placement{
    .page = board.memory.flash_page,
    .transfer_size = board.dfu.transfer_size,
    .application_base = config::application_base,
    .ram_base = config::sram_base,
    .ram_end = config::sram_base + board.memory.ram_size,
    .high_memory = config::high_memory,
    .record = config::record_page,
    .bootloader_base = config::bootloader_base,
};

inline constexpr dfu::Attributes dfu_attributes{board.dfu.can_download, board.dfu.can_upload, board.dfu.will_detach,
                                                !board.usb.refused_settings[0].empty()};

inline constexpr usb::Identity identity{
    .vendor_id = board.usb.vendor_id,
    .product_id = board.usb.product_id,
    .vendor = board.usb.vendor,
    .product = board.usb.product,
    .interface = board.usb.interface,
    .refused_settings = {board.usb.refused_settings[0], board.usb.refused_settings[1]},
    .landing_page = board.usb.landing_page,
    .dfu_attributes = dfu_attributes.bits(),
    .transfer_size = board.dfu.transfer_size,
    .alternate = board.dfu.alternate,
    .bcd_device = config::bcd_version,
    .microsoft_os_10 = board.usb.microsoft_os_10,
    .high_memory = config::high_memory,
    .page_size = board.memory.flash_page / 1024,
    .application_base = config::application_base,
    .application_end = ApplicationFlash::most,
};

/** Is seen to leave the bus, then resets the chip; the boot decision does the rest. */
[[noreturn, gnu::noinline]] inline void leave() {
    drivers::UsbFs::power_down();
    detach<board.usb_pullup>();
    chip::system_reset();
}

using Update = dfu::Update<ApplicationFlash, placement>;
using Interface = dfu::Interface<Update, dfu_attributes, placement.transfer_size>;
static_assert(usb::ControlDriver<drivers::UsbFs>);
static_assert(dfu::FlashMemory<ApplicationFlash>);
static_assert(dfu::ImageStore<Update>);
using Device = usb::Device<drivers::UsbFs, Interface, identity>;

/** All that the bootloader remembers. Owned by the main loop: there are no interrupts. */
inline constinit Device::Control control{};

/** A quarter of a second, nearly, without a packet or bus reset: 233 ms at 72 MHz, 350 ms at 48 MHz. */
inline constexpr std::uint32_t quiet_time = drivers::longest_time;

/** What is left to do when the host has been silent for quiet_time: to go, if it is done with this device. */
inline void bus_is_quiet() {
    const Interface& interface = control.function().interface();
    if (interface.leaving()) leave();
    if constexpr (board.led.fitted) {
        const bool blinks = interface.failed();
        if (blinks) drivers::change_period((quiet_time + 1) / 4);  // a single bit, which fits into an instruction
        drivers::toggle_or_write(board.led.pin, blinks, board.led.lit);
    }
}

/** Clocks of everything that DFU needs. */
inline void start_peripherals() {
    using namespace chip;
    auto ports = rcc_apb2enr::IOPxEN(static_cast<unsigned>(attachment_port<board.usb_pullup>));
    if constexpr (board.led.fitted) ports = ports | rcc_apb2enr::IOPxEN(static_cast<unsigned>(board.led.pin.port));
    if constexpr (board.swd_pins_in_use) ports = ports | rcc_apb2enr::AFIOEN;
    rcc->APB2ENR.write(ports);
    rcc->APB1ENR.write(rcc_apb1enr::USBEN);
    if constexpr (board.swd_pins_in_use) afio->MAPR.write(afio_mapr::SWJ_off);
}

/** The units of write protection that the bootloader lies in: one, since it is smaller and aligned. */
inline constexpr std::uint32_t protected_units =
    1u << (config::protected_base - config::flash_base) / config::protection_unit % 32;

/**
 * From reset state to a device that a host can see:
 *   1. Variables. Before this none may be read or written. In high memory also the vectors, so that a fault is not the
 *      application's, whose table lies in page 0.
 *   2. The flash is unlocked, once: a second time would lock it until the next reset.
 *   3. Option bytes, on the oscillator that runs after reset: nothing may fail meanwhile that was switched on for it.
 *   4. Clocks: 72 MHz, after up to 131 ms for a crystal; then those of the peripherals. Before this no port obeys.
 *   5. The LED: from here on the user sees that it is the bootloader that runs.
 *   6. Off the bus for 2 ms: a host may still know the application that has just reset.
 *   7. The transceiver, which takes DP and DM over; then back on the bus. The host may ask from here on.
 */
inline void become_dfu_device() {
    chip::clear_variables();
    if constexpr (config::high_memory) chip::scb->VTOR = config::bootloader_base;
    drivers::Flash::unlock();
    if constexpr (board.options.protect_bootloader) drivers::OptionBytes::write_protect(protected_units);
    drivers::start_clock<board.clock>();
    start_peripherals();
    if constexpr (board.led.fitted) {
        // Low is what an output is after reset.
        if constexpr (board.led.lit == config::Level::high) drivers::write(board.led.pin, board.led.lit);
        drivers::change_mode(board.led.pin, chip::PinMode::input_floating, drivers::output(board.led.drive));
    }
    detach<board.usb_pullup>();
    drivers::UsbFs::start();
    attach<board.usb_pullup>();
}

}  // namespace boot
