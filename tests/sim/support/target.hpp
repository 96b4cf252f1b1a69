// SPDX-License-Identifier: ISC
// The bootloaders under test, as their users know them: what is where, and how DFU is asked for. Written down here
// anew, so that a mistake in the firmware's own tables shows.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "sim/board/boards.hpp"

namespace sim::test {

struct Target {
    std::string name;               ///< As in dapboot-<name>.elf.
    std::string board;              ///< Wiring and chip, sim/board/boards.hpp.
    unsigned flash_kib;             ///< Of the part that it is put on.
    std::uint32_t page;             ///< Erase unit, bytes.
    std::uint32_t application;      ///< Address of the application's vector table.
    std::uint32_t application_end;  ///< One past the last byte that an application may use.
    bool high_memory;               ///< The bootloader sits at the top, its vectors in page 0.
    std::uint16_t transfer_size;    ///< wTransferSize, bytes.
    int command_register;           ///< Number of the backup register that asks for DFU.
    std::uint16_t command;          ///< What has to stand there.
    Time decision;                  ///< From power on until the boot decision has been taken, at most.
    unsigned alternate = 0;         ///< The alternate setting that speaks DFU.
    bool will_detach = true;        ///< Leaves for the application by itself.
    bool asks_chip = false;         ///< Believes the chip's size register.
    bool swj_off = false;           ///< LED or button sit on debug pins.
    bool key = false;               ///< Its button is a key, which may have a capacitor; no jumper.

    [[nodiscard]] std::uint32_t capacity() const { return application_end - application; }
    /// High-memory: the page that tells whether an update is open. It lies behind the application.
    [[nodiscard]] std::uint32_t record() const { return application_end; }
    /// One past the last byte that an update may touch.
    [[nodiscard]] std::uint32_t writable_end() const { return application_end + (high_memory ? page : 0); }
    [[nodiscard]] std::uint32_t bootloader() const { return high_memory ? writable_end() : 0x0800'0000; }
    [[nodiscard]] std::filesystem::path elf() const;
    /// Whether the address lies in the bootloader's own part of the flash.
    [[nodiscard]] bool is_bootloader(std::uint32_t address) const {
        return address >= bootloader() && (high_memory || address < application);
    }
    /// Bytes of RAM that it may use, stack included.
    [[nodiscard]] std::uint32_t ram_limit() const { return 4 * page + 2048; }
    /// Its board with a chip of `flash_kib`.
    [[nodiscard]] Board make_board() const;
};

/// All that are built.
[[nodiscard]] const std::vector<Target>& targets();

/// Throws std::out_of_range for a name that is not in the table.
[[nodiscard]] const Target& target(std::string_view name);

/// The name with _ for -, for names of tests.
[[nodiscard]] std::string identifier(std::string name);

}  // namespace sim::test
