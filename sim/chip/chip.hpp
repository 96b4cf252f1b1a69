// SPDX-License-Identifier: ISC
// The chip without its core: all peripherals, memories, and the bus that finds them by address (RM0008 3.3).
#pragma once

#include <span>
#include <vector>

#include "sim/chip/dwt.hpp"
#include "sim/chip/flash.hpp"
#include "sim/chip/fpb.hpp"
#include "sim/chip/gpio.hpp"
#include "sim/chip/rcc.hpp"
#include "sim/chip/scs.hpp"
#include "sim/chip/small.hpp"
#include "sim/chip/timer.hpp"
#include "sim/chip/usart.hpp"
#include "sim/chip/usb.hpp"
#include "sim/chip/watchdogs.hpp"

namespace sim::chip {

inline constexpr std::uint32_t ram_base = 0x2000'0000;
inline constexpr std::uint32_t engine_page_bytes = 4096;   ///< Unicorn maps memory in these.
inline constexpr std::uint32_t system_page = 0x1fff'f000;  ///< System memory, identity registers, option bytes.
inline constexpr std::uint32_t system_page_bytes = 4096;
inline constexpr std::uint32_t peripheral_base = 0x4000'0000, peripheral_bytes = 0x0003'0000;
inline constexpr std::uint32_t ppb_base = 0xe000'0000, ppb_bytes = 0x0010'0000;

/// Plain state of everything but the core and the memories.
struct ChipState {
    CycleClock clock;
    Scheduler alarms;
    ExceptionState exceptions;
    SysTickState systick;
    DebugState debug;
    FpbState fpb;
    DwtState dwt;
    RccState rcc;
    GpioState gpio;
    AfioState afio;
    ExtiState exti;
    PwrState pwr;
    BkpState bkp;
    CrcState crc;
    DbgmcuState dbgmcu;
    IwdgState iwdg;
    WwdgState wwdg;
    std::array<TimerState, 3> timers;
    std::array<UsartState, 2> usarts;
    FlashState flash;
    UsbState usb;
    bool powered = false;
};

class Chip {
  public:
    Chip(const ChipVariant& variant, const BoardWiring& wiring, const MachineOptions& options);
    Chip(const Chip&) = delete;
    Chip& operator=(const Chip&) = delete;

    const ChipVariant variant;
    const BoardWiring wiring;
    Services services;
    Exceptions exceptions{services};
    SysTick systick{services};
    Debug debug{services};
    Fpb fpb{services};
    Dwt dwt{services};
    Scs scs{services, exceptions, systick, debug};
    Rcc rcc;
    Gpio gpio;
    std::vector<GpioPort> ports;
    Afio afio{services};
    Exti exti{services};
    Pwr pwr{services};
    Bkp bkp;
    Crc crc{services};
    Dbgmcu dbgmcu;
    Iwdg iwdg{services};
    Wwdg wwdg{services};
    std::array<Timer, 3> timers{Timer{services, Alarm::tim2, Irq::tim2}, Timer{services, Alarm::tim3, Irq::tim3},
                                Timer{services, Alarm::tim4, Irq::tim4}};
    std::array<Usart, 2> usarts{Usart{services, Alarm::usart1, Irq::usart1},
                                Usart{services, Alarm::usart2, Irq::usart2}};
    Flash flash;
    Usb usb{services};
    PacketMemory packet_memory{services, usb};
    bool powered = false;
    bool held_in_reset = false;  ///< NRST is low.
    /// The memory under `ram`, in whole pages of Unicorn's. What lies behind the RAM in the last
    /// one does not exist for a program: the core answers it with a fault.
    std::vector<std::uint8_t> ram_pages;
    const std::span<std::uint8_t> ram;
    std::vector<std::uint8_t> system;  ///< The page at 0x1FFFF000.

    std::function<void(Pin, Level)> pin_changed;                      ///< The world watches.
    std::function<void(std::uint32_t, std::uint32_t)> flash_changed;  ///< Address and size; code may be stale.
    std::function<void(int, std::uint8_t)> usart_sent;

    /// An access of `size` 1, 2 or 4 bytes outside of the memories. Complains or raises a bus
    /// error.
    std::uint32_t read(std::uint32_t address, unsigned size);
    void write(std::uint32_t address, unsigned size, std::uint32_t value);

    /// Everything as after a reset of this cause, but RAM, backup domain, wires and time.
    void system_reset(ResetCause cause);
    void power_lost();
    void run_alarms();
    void refresh_system_page();  ///< Shows the option bytes as they are.
    ChipState save() const;
    void load(const ChipState& state);

  private:
    struct Block {
        std::uint32_t base = 0, end = 0;
        const char* name = "";
        Peripheral* peripheral = nullptr;
        unsigned widths = 0;  ///< Sum of the sizes that the manual allows: 1, 2, 4.
        Gate gate = Gate::always;
        unsigned gate_bit = 0;
        bool reset_line = true;  ///< RCC_APBxRSTR has a bit at the same place.
    };
    void wire();
    void wire_clocks();
    void wire_pins();
    void add_blocks();
    void reset_peripherals();
    const Block* find(std::uint32_t address, unsigned size, const char* verb);
    std::uint32_t access_bit_band(std::uint32_t alias, bool is_write, std::uint32_t value);
    void dispatch(Alarm alarm);
    std::vector<Block> blocks_;
};

}  // namespace sim::chip
