// SPDX-License-Identifier: ISC
// The chip without its core: all peripherals, memories, and the bus that finds them by address (RM0008 3.3).
#pragma once

#include <deque>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "sim/chip/adc.hpp"
#include "sim/chip/afio.hpp"
#include "sim/chip/bkp.hpp"
#include "sim/chip/debug.hpp"
#include "sim/chip/dma.hpp"
#include "sim/chip/dwt.hpp"
#include "sim/chip/exti.hpp"
#include "sim/chip/flash.hpp"
#include "sim/chip/fpb.hpp"
#include "sim/chip/gpio.hpp"
#include "sim/chip/iwdg.hpp"
#include "sim/chip/pwr.hpp"
#include "sim/chip/rcc.hpp"
#include "sim/chip/scs.hpp"
#include "sim/chip/spi.hpp"
#include "sim/chip/timer.hpp"
#include "sim/chip/trace.hpp"
#include "sim/chip/usart.hpp"
#include "sim/chip/usb.hpp"

namespace sim::chip {

inline constexpr std::uint32_t ram_base = 0x2000'0000;
inline constexpr std::uint32_t engine_page_bytes = 4096;   ///< Unicorn maps memory in these.
inline constexpr std::uint32_t system_page = 0x1fff'f000;  ///< System memory, identity registers, option bytes.
inline constexpr std::uint32_t system_page_bytes = 4096;
inline constexpr std::uint32_t peripheral_base = 0x4000'0000, peripheral_bytes = 0x0003'0000;
inline constexpr std::uint32_t ppb_base = 0xe000'0000, ppb_bytes = 0x0010'0000;

class Chip {
  public:
    Chip(const ChipVariant& variant, const BoardWiring& wiring, const MachineOptions& options);
    Chip(const Chip&) = delete;
    Chip& operator=(const Chip&) = delete;

    const ChipVariant variant;
    const BoardWiring wiring;
    Services services;
    // Those that others speak to, in the order of their reset; add_peripherals() has the rest.
    Flash flash;
    Pwr pwr{services};
    Rcc rcc;
    Gpio gpio;
    Afio afio{services};
    std::deque<GpioPort> ports;
    Exti exti{services};
    Bkp bkp;
    Iwdg iwdg{services, rcc, variant.lsi_hz};
    Usb usb{services, rcc};
    PacketMemory packet_memory{services, usb};
    Exceptions exceptions{services};
    SysTick systick{services};
    Debug debug{services};
    Fpb fpb{services};
    Dwt dwt{services};
    Dbgmcu dbgmcu;
    Tpiu tpiu{services, rcc, debug, dbgmcu};
    Itm itm{services, debug, tpiu};
    Scs scs{services, exceptions, systick, debug};  ///< Last of these: it answers where none of them does.
    bool powered = false;
    bool held_in_reset = false;  ///< NRST is low.
    /// The memory under `ram`, in whole pages of Unicorn's. What lies past the end of the RAM in the last
    /// one does not exist for a program: the core answers it with a fault.
    std::vector<std::uint8_t> ram_pages;
    const std::span<std::uint8_t> ram;
    std::vector<std::uint8_t> system;  ///< The page at 0x1FFFF000.

    std::function<void(Pin, Level)> pin_changed;                      ///< The world watches.
    std::function<void(std::uint32_t, std::uint32_t)> flash_changed;  ///< Address and size; code may be stale.
    std::function<void(int, std::uint8_t)> usart_sent;                ///< By the USART's number.
    State<Voltages> voltages{services};                               ///< At analog inputs.
    std::vector<Timer*> timers;                                       ///< TIM1 to TIM4.
    std::vector<Usart*> usarts;
    std::vector<Spi*> spis;

    /// An access of `size` 1, 2 or 4 bytes outside of the memories. Complains or raises a bus
    /// error.
    std::uint32_t read(std::uint32_t address, unsigned size);
    void write(std::uint32_t address, unsigned size, std::uint32_t value);

    /// Everything as after a reset of this cause, but RAM, backup domain, wires and time.
    void system_reset(ResetCause cause);
    void power_lost();
    void run_alarms();
    void refresh_system_page();  ///< Shows the option bytes as they are.
    std::vector<std::byte> save() const { return services.states.save(); }
    void load(std::span<const std::byte> saved);

  private:
    template <class Block, class... Arguments>
    Block& add(Arguments&&... arguments) {
        auto block = std::make_unique<Block>(services, std::forward<Arguments>(arguments)...);
        Block& added = *block;
        others_.push_back(std::move(block));
        return added;
    }
    void add_peripherals();
    DmaBus dma_bus();
    void wire_pins();
    void switch_trace_on();
    void list_addresses();
    Peripheral* find(std::uint32_t address, unsigned size, const char* verb);
    std::uint32_t access_bit_band(std::uint32_t alias, bool is_write, std::uint32_t value);
    std::vector<std::unique_ptr<Peripheral>> others_;
    std::array<Peripheral*, peripheral_bytes / 0x400> by_address_{};  ///< From peripheral_base, a slot for each KiB.
};

}  // namespace sim::chip
