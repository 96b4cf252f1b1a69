/* SPDX-License-Identifier: ISC */
/*
 * dapboot.h: what an application needs to know about the bootloader below it. C99 and C++11, any compiler.
 *
 * One thing is shared between the two: a backup register (RM0008 section 6.4.1). It survives a reset, so a word left
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

/*
 * Which board this is for: -DDAPBOOT_BOARD=BTTSKRMINIE3V2, by the name that the bootloader was built for without its
 * variant. It chooses the number of the backup register (1 to 10) that the bootloader reads, and the word in it that
 * makes the bootloader stay in DFU; the bootloader clears it. A bootloader that was built with REG_BOOT or CMD_BOOT
 * needs DAPBOOT_BACKUP_REGISTER and DAPBOOT_STAY defined here to match.
 */
#ifndef DAPBOOT_BOARD
#define DAPBOOT_BOARD BLUEPILL
#endif
#define DAPBOOT_REGISTER_STM32F103 1
#define DAPBOOT_REGISTER_BLUEPILL 1
#define DAPBOOT_REGISTER_BLUEPILLPLUSSTM32 1
#define DAPBOOT_REGISTER_BLUEPILLPLUSGD32 1
#define DAPBOOT_REGISTER_MAPLEMINI 1
#define DAPBOOT_REGISTER_STLINK 1
#define DAPBOOT_REGISTER_OLIMEXSTM32H103 1
#define DAPBOOT_REGISTER_BTTSKRMINIE3V2 10
#define DAPBOOT_WORD_STM32F103 0x4F42
#define DAPBOOT_WORD_BLUEPILL 0x4F42
#define DAPBOOT_WORD_BLUEPILLPLUSSTM32 0x4F42
#define DAPBOOT_WORD_BLUEPILLPLUSGD32 0x4F42
#define DAPBOOT_WORD_MAPLEMINI 0x4F42
#define DAPBOOT_WORD_STLINK 0x4F42
#define DAPBOOT_WORD_OLIMEXSTM32H103 0x4F42
#define DAPBOOT_WORD_BTTSKRMINIE3V2 0x0001

#define DAPBOOT_JOIN_EXPANDED(what, board) what##board
#define DAPBOOT_JOIN(what, board) DAPBOOT_JOIN_EXPANDED(what, board)
#ifndef DAPBOOT_BACKUP_REGISTER
#define DAPBOOT_BACKUP_REGISTER DAPBOOT_JOIN(DAPBOOT_REGISTER_, DAPBOOT_BOARD)
#endif
#ifndef DAPBOOT_STAY
#define DAPBOOT_STAY DAPBOOT_JOIN(DAPBOOT_WORD_, DAPBOOT_BOARD)
#endif

#if defined(__cplusplus)
#define DAPBOOT_NORETURN [[noreturn]]
#elif defined(__GNUC__)
#define DAPBOOT_NORETURN __attribute__((noreturn))
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define DAPBOOT_NORETURN _Noreturn
#else
#define DAPBOOT_NORETURN
#endif

#ifdef __cplusplus
extern "C" {
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
    volatile uint32_t* const bkp_dr = dapboot_register(DAPBOOT_BKP_DR);
    *rcc_apb1enr |= UINT32_C(1) << 28 | UINT32_C(1) << 27; /* PWREN, BKPEN */
    (void)*rcc_apb1enr;                                    /* the clock is there two cycles after the write */
    *pwr_cr |= UINT32_C(1) << 8;                           /* DBP */
    *bkp_dr = word;
    (void)*bkp_dr; /* a read waits until the write has arrived, on any compiler and without a barrier */
}

/* Resets the chip into the bootloader, which then stays in DFU. Does not return. Call it when nothing is half done: the
 * reset is immediate. */
DAPBOOT_NORETURN static inline void dapboot_enter(void) {
    volatile uint32_t* const scb_aircr = dapboot_register(UINT32_C(0xE000ED0C));
    dapboot_leave_word((uint16_t)(DAPBOOT_STAY));
    *scb_aircr = UINT32_C(0x05FA0004); /* VECTKEY, SYSRESETREQ (PM0056 section 4.4.5) */
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
