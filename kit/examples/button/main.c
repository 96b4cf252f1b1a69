/* SPDX-License-Identifier: ISC */
/* Back into the bootloader without touching a jumper: while PB12 of a Blue Pill is connected to ground, the application
 * asks for DFU and resets. In C, on purpose: dapboot.h serves both languages. */
#include <dapboot.h>
#include <stdint.h>

static volatile uint32_t* const rcc_apb2enr = (volatile uint32_t*)0x40021018;
static volatile uint32_t* const gpiob_crh = (volatile uint32_t*)0x40010C04;
static volatile uint32_t* const gpiob_idr = (volatile uint32_t*)0x40010C08;
static volatile uint32_t* const gpiob_odr = (volatile uint32_t*)0x40010C0C;

enum { button_pin = 12, input_with_pull = 0x8 };

/* Polls that must agree before the button counts as pressed: some 20 ms at 8 MHz. */
enum { settled_polls = 10000 };

int main(void) {
    const unsigned shift = 4 * (button_pin - 8);
    uint32_t polls_pressed = 0;

    *rcc_apb2enr |= UINT32_C(1) << 3;        /* IOPBEN */
    *gpiob_odr |= UINT32_C(1) << button_pin; /* pull up, not down */
    *gpiob_crh = (*gpiob_crh & ~(UINT32_C(0xF) << shift)) | (uint32_t)input_with_pull << shift;

    for (;;) {
        const int pressed = !(*gpiob_idr >> button_pin & 1u);
        polls_pressed = pressed ? polls_pressed + 1 : 0;
        if (polls_pressed == settled_polls) dapboot_enter();
    }
}
