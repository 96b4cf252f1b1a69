/* SPDX-License-Identifier: ISC */
/*
 * dapboot.h: what an application needs to know about the bootloader below it. C11 and C++.
 *
 * One thing is shared between the two: backup register 1 (RM0008 section 6.4.1). It survives a reset, so a word left
 * there tells the bootloader to stay. The application needs no library for it, and no clock setting of its own is
 * touched.
 */
#ifndef DAPBOOT_H
#define DAPBOOT_H

#include <stdint.h>

/* Where an application begins: linked behind the bootloader, or, below a high-memory bootloader, at the start of flash.
 */
#define DAPBOOT_APPLICATION_STANDARD UINT32_C(0x08002000)
#define DAPBOOT_APPLICATION_HIGH UINT32_C(0x08000000)

/* The word in the backup register that makes the bootloader stay in DFU; it clears it. */
#define DAPBOOT_STAY UINT16_C(0x4F42)

#ifdef __cplusplus
extern "C" {
#endif

/* Number of the backup register (1 to 10) that the bootloader reads: 1 unless it was built with REG_BOOT. */
#ifndef DAPBOOT_BACKUP_REGISTER
#define DAPBOOT_BACKUP_REGISTER 1
#endif

static inline volatile uint32_t* dapboot_register(uint32_t address) {
    return (volatile uint32_t*)(uintptr_t)address;
}

/* Address of DAPBOOT_BACKUP_REGISTER: BKP_DR1 is at 0x40006C04, the next ones 4 bytes apart. */
#define DAPBOOT_BKP_DR (UINT32_C(0x40006C00) + 4u * (DAPBOOT_BACKUP_REGISTER))

/* Writes a word for the bootloader to find after the next reset. Switches on the clocks of PWR and BKP and the write
 * access to the backup domain (RM0008 section 5.1.2), and leaves all three on. */
static inline void dapboot_leave_word(uint16_t word) {
    volatile uint32_t* const rcc_apb1enr = dapboot_register(UINT32_C(0x4002101C));
    volatile uint32_t* const pwr_cr = dapboot_register(UINT32_C(0x40007000));
    *rcc_apb1enr |= UINT32_C(1) << 28 | UINT32_C(1) << 27; /* PWREN, BKPEN */
    (void)*rcc_apb1enr;                                    /* the clock is there two cycles after the write */
    *pwr_cr |= UINT32_C(1) << 8;                           /* DBP */
    *dapboot_register(DAPBOOT_BKP_DR) = word;
}

/* Resets the chip into the bootloader, which then stays in DFU. Does not return. Call it when nothing is half done: the
 * reset is immediate. */
#ifdef __cplusplus
[[noreturn]]
#else
_Noreturn
#endif
static inline void dapboot_enter(void) {
    volatile uint32_t* const scb_aircr = dapboot_register(UINT32_C(0xE000ED0C));
    dapboot_leave_word(DAPBOOT_STAY);
    __asm__ volatile("dsb" ::: "memory");
    *scb_aircr = UINT32_C(0x05FA0004); /* VECTKEY, SYSRESETREQ (PM0056 section 4.4.5) */
    __asm__ volatile("dsb" ::: "memory");
    for (;;) {
    }
}

/* Where the vector table of the running program lies (SCB_VTOR): DAPBOOT_APPLICATION_STANDARD when a standard
 * bootloader started it, DAPBOOT_APPLICATION_HIGH below a high-memory bootloader or without any. An application may
 * compare it with the address it is linked for. */
static inline uint32_t dapboot_application_base(void) {
    return *dapboot_register(UINT32_C(0xE000ED08));
}

#ifdef __cplusplus
}
#endif

#endif
