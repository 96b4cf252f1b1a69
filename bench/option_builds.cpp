// SPDX-License-Identifier: ISC
// What every option costs or saves, by building the Blue Pill's bootloader with it.
#include <fmt/format.h>

#include "bench/build_size.hpp"
#include "bench/measures.hpp"

namespace bench {

const std::vector<OptionBuild>& option_builds() {
    static const std::vector<OptionBuild> list{
        {"no-upload", "without upload", "-DDFU_UPLOAD_AVAILABLE=0"},
        {"no-download", "without download", "-DDFU_DOWNLOAD_AVAILABLE=0"},
        {"no-led", "without LED", "-DHAVE_LED=0"},
        {"no-button", "without button", "-DHAVE_BUTTON=0"},
        {"no-landing-page", "landing page of one letter", "-DLANDING_PAGE_URL=\"x\""},
        {"no-microsoft-os-10", "without Microsoft OS 1.0 (Windows 7)", "-DUSB_MICROSOFT_OS_10=0"},
        {"button-20ms", "button delay of 20 ms", "-DBUTTON_SAMPLE_DELAY_CYCLES=1440000"},
        {"button-pull", "button with internal pull", "-DBUTTON_USES_PULL=1"},
        {"usb-pullup", "switched USB pull-up",
         "-DHAVE_USB_PULLUP_CONTROL=1 -DUSB_PULLUP_GPIO_PORT=GPIOB -DUSB_PULLUP_GPIO_PIN=GPIO9"},
        {"size-from-chip", "flash size asked from the chip", "-DFLASH_SIZE_OVERRIDE=0"},
        {"stays", "manifestation tolerant", "-DDFU_WILL_DETACH=0"},
        {"alternate-2", "DFU on alternate setting 2", "-DUSB_DFU_ALTN=2"},
        {"maple", "in the place of Maple's bootloader", "-DCOMPATIBLE_WITH=MAPLE"},
        {"blocks-1k", "blocks of 1 KiB", "-DTARGET_DFU_WTRANSFERSIZE=1024"},
        {"hsi", "internal oscillator only", "-DUSE_HSI"},
        {"hse-16", "16 MHz crystal", "-DHSE_VALUE=16000000"},
        {"double-reset", "two resets enter DFU", "-DHAVE_DOUBLE_RESET=1"},
        {"watchdog", "watchdog over the application", "-DBOOT_WATCHDOG_SECONDS=5"},
        {"protect", "write protection of the bootloader", "-DPROTECT_BOOTLOADER=1"},
    };
    return list;
}

Section measure_options(const Binaries& binaries) {
    const auto base = size_of_build(binaries.firmware / "dapboot-bluepill.elf");
    Section section{.title = "Size of each option",
                    .text = fmt::format("BLUEPILL with one option changed, against its {} bytes.", base.flash),
                    .figures = {},
                    .table = "| option | `DEFS` | bytes | difference |\n|---|---|---:|---:|\n"};
    for (const auto& build : option_builds()) {
        const auto size = size_of_build(binaries.option_builds / build.name / "dapboot.elf");
        const auto difference = static_cast<int>(size.flash) - static_cast<int>(base.flash);
        section.figures.push_back({.key = "option." + build.name,
                                   .title = build.title,
                                   .value = static_cast<double>(size.flash),
                                   .unit = "bytes",
                                   .note = fmt::format("{:+} bytes", difference)});
        section.table += fmt::format("| {} | `{}` | {} | {:+} |\n", build.title, build.defs, size.flash, difference);
    }
    return section;
}

}  // namespace bench
