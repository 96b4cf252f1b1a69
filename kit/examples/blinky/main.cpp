// SPDX-License-Identifier: ISC
// Blinky for the Blue Pill: the LED on PC13 changes once a second, from the SysTick interrupt.
//
// The core sleeps in between. It runs on the internal 8 MHz oscillator that is on after reset, so the second is as
// exact as that oscillator (1 % at room temperature).
#include <cstdint>

namespace {

class Register {
  public:
    constexpr explicit Register(std::uintptr_t address) : address_(address) {}
    std::uint32_t read() const { return *reinterpret_cast<volatile std::uint32_t*>(address_); }
    void write(std::uint32_t value) const { *reinterpret_cast<volatile std::uint32_t*>(address_) = value; }

  private:
    std::uintptr_t address_;
};

// RM0008 sections 7.3.7, 9.2.2 and 9.2.4; PM0056 section 4.5.
constexpr Register rcc_apb2enr{0x40021018};
constexpr Register gpioc_crh{0x40011004};
constexpr Register gpioc_odr{0x4001100C};
constexpr Register stk_ctrl{0xE000E010};
constexpr Register stk_load{0xE000E014};
constexpr Register stk_val{0xE000E018};

constexpr std::uint32_t core_clock_hz = 8'000'000;
constexpr std::uint32_t led = 1u << 13;

}  // namespace

extern "C" void systick_exception() {
    gpioc_odr.write(gpioc_odr.read() ^ led);
}

int main() {
    rcc_apb2enr.write(rcc_apb2enr.read() | 1u << 4);  // IOPCEN

    // Open drain: the LED sits between PC13 and 3.3 V, and the pin only ever sinks. High is dark.
    gpioc_odr.write(gpioc_odr.read() | led);
    constexpr unsigned shift = 4 * (13 - 8);
    constexpr std::uint32_t open_drain_2mhz = 0b0110;
    gpioc_crh.write((gpioc_crh.read() & ~(0b1111u << shift)) | open_drain_2mhz << shift);

    static_assert(core_clock_hz - 1 < 1u << 24, "SysTick counts 24 bits");
    stk_load.write(core_clock_hz - 1);
    stk_val.write(0);
    stk_ctrl.write(0b111);  // CLKSOURCE = core clock, TICKINT, ENABLE

    while (true)
        asm volatile("wfi");
}
