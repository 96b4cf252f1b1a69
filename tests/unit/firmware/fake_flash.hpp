// SPDX-License-Identifier: ISC
// The NOR flash under test, in the shape of the firmware's concept dfu::FlashMemory; and the layouts of flash that the
// tests use.
#pragma once

#include "dfu/update.hpp"
#include "tests/unit/firmware/nor_flash.hpp"

namespace firmware_test {

/// Forwards to the flash that the present test has made; the firmware's own is a set of statics.
struct FakeFlash {
    static inline NorFlash* chip = nullptr;
    static inline std::uint32_t end = 0;

    static constexpr std::uint16_t blank = NorFlash::blank;
    static const std::uint8_t* at(std::uint32_t address) { return chip->at(address); }
    static void erase_page(std::uint32_t address) { chip->erase_page(address); }
    static void program(std::uint32_t address, std::uint16_t value) { chip->program(address, value); }
    static bool met_protection() { return chip->met_protection(); }
    static bool is_locked() { return false; }  // what a wrong key does is NorFlash::keys_refused
    static bool read_protected() { return chip->read_protected; }
    static std::uint32_t application_end() { return end; }
    static std::uint32_t end_of_array(std::uint32_t most) { return std::min(most, chip->end()); }
    static void signal() {}
};
static_assert(dfu::FlashMemory<FakeFlash>);

/// A chip small enough to try everything on it: 8 pages of bootloader, 8 of application.
constexpr dfu::Placement standard_placement(std::uint32_t page, std::uint32_t transfer_size) {
    return {.page = page,
            .transfer_size = transfer_size,
            .application_base = NorFlash::base + 8 * page,
            .ram_base = 0x2000'0000,
            .ram_end = 0x2000'5000,
            .high_memory = false,
            .record = 0,
            .bootloader_base = 0};
}

/// 12 pages of application, the record page, 3 of bootloader.
constexpr dfu::Placement high_placement(std::uint32_t page, std::uint32_t transfer_size) {
    return {.page = page,
            .transfer_size = transfer_size,
            .application_base = NorFlash::base,
            .ram_base = 0x2000'0000,
            .ram_end = 0x2000'5000,
            .high_memory = true,
            .record = NorFlash::base + 12 * page,
            .bootloader_base = NorFlash::base + 13 * page};
}

/// A placement and what the firmware makes of it.
template <dfu::Placement Place>
struct Layout {
    static constexpr dfu::Placement place = Place;
    using Update = dfu::Update<FakeFlash, Place>;
};
using Standard = Layout<standard_placement(1024, 1024)>;
using High = Layout<high_placement(1024, 1024)>;
using BigPages = Layout<standard_placement(2048, 1024)>;
using BigBlocks = Layout<standard_placement(1024, 4096)>;

/// The flash of a placement, with its bootloader in it and nothing else.
class ChipFlash : public NorFlash {
  public:
    static constexpr std::uint32_t bootloader_stack = 0x2000'1000;

    explicit ChipFlash(const dfu::Placement& place) : NorFlash(16 * place.page, place.page), place_{place} {
        FakeFlash::chip = this;
        FakeFlash::end = application_end();
        allow(place.application_base, application_end());
        if (place.high_memory) {
            allow(place.record, place.record + place.page);
            preload(place.bootloader_base, words({bootloader_stack, place.bootloader_base + 0x41}));
            preload(base, words({0xFFFF'FFFF, place.bootloader_base + 0x41}));
        } else {
            preload(base, std::vector<std::uint8_t>(8 * place.page, 0xB0));
        }
        unlock();
    }
    /// Power comes back, and the bootloader goes into DFU mode.
    void power_on() {
        NorFlash::power_on();
        unlock();
    }
    ChipFlash(const ChipFlash&) = delete;
    ChipFlash& operator=(const ChipFlash&) = delete;
    ~ChipFlash() { FakeFlash::chip = nullptr; }

    [[nodiscard]] std::uint32_t application_end() const { return place_.high_memory ? place_.record : end(); }
    [[nodiscard]] std::uint32_t capacity() const { return application_end() - place_.application_base; }

    /// Copies cells and faults, not the identity.
    void restore(const NorFlash& snapshot) { static_cast<NorFlash&>(*this) = snapshot; }
    [[nodiscard]] NorFlash snapshot() const { return *this; }

    static std::vector<std::uint8_t> words(std::initializer_list<std::uint32_t> values) {
        std::vector<std::uint8_t> result;
        for (const std::uint32_t value : values)
            for (unsigned shift = 0; shift < 32; shift += 8)
                result.push_back(static_cast<std::uint8_t>(value >> shift));
        return result;
    }

  private:
    dfu::Placement place_;
};

}  // namespace firmware_test
