// SPDX-License-Identifier: ISC
// The bootloader put together from its parts, for the board that is built.
#pragma once

#include "boot/attachment.hpp"
#include "boot/decision.hpp"
#include "boot/inputs.hpp"
#include "boot/jump.hpp"
#include "chip/startup.hpp"
#include "config/layout.hpp"
#include "dfu/interface.hpp"
#include "dfu/update.hpp"
#include "drivers/application_flash.hpp"
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

inline constexpr dfu::Attributes dfu_attributes{board.dfu.can_download, board.dfu.can_upload, board.dfu.will_detach};

inline constexpr usb::Identity identity{
    .vendor_id = board.usb.vendor_id,
    .product_id = board.usb.product_id,
    .vendor = board.usb.vendor,
    .product = board.usb.product,
    .interface = board.usb.interface,
    .landing_page = board.usb.landing_page,
    .dfu_attributes = dfu_attributes.bits(),
    .transfer_size = board.dfu.transfer_size,
    .alternate = board.dfu.alternate,
};

/** Is seen to leave the bus, then resets the chip; the boot decision does the rest. */
[[noreturn, gnu::noinline]] inline void leave() {
    drivers::UsbFs::power_down();
    detach<board.usb_pullup>();
    chip::system_reset();
}

using Update = dfu::Update<drivers::ApplicationFlash, placement>;
using Interface = dfu::Interface<Update, leave, dfu_attributes, placement.transfer_size>;
using Device = usb::Device<drivers::UsbFs, Interface, identity>;

/** All that the bootloader remembers. Owned by the main loop: there are no interrupts. */
inline constinit Device::Control control{};

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

/** From reset state to a device that a host can see. */
inline void become_dfu_device() {
    chip::clear_variables();
    if constexpr (board.options.protect_bootloader) drivers::OptionBytes::write_protect(protected_units);
    drivers::start_clock<board.clock>();
    start_peripherals();
    if constexpr (board.led.fitted) {
        drivers::write(board.led.pin, board.led.lit);
        drivers::make_output(board.led.pin, board.led.drive);
    }
    detach<board.usb_pullup>();  // a host may still know the application that has just reset
    drivers::UsbFs::start();
    attach<board.usb_pullup>();
}

}  // namespace boot
