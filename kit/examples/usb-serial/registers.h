/* SPDX-License-Identifier: ISC */
/* The registers and bits that this example uses, by their names in RM0008 (FLASH_ACR: PM0075, STK: PM0056). */
#ifndef USB_SERIAL_REGISTERS_H
#define USB_SERIAL_REGISTERS_H

#include <stdint.h>

#define REGISTER(address) (*(volatile uint32_t*)(address))
#define BIT(number) (UINT32_C(1) << (number))

#define RCC_CR REGISTER(0x40021000)
#define RCC_CR_HSEON BIT(16)
#define RCC_CR_HSERDY BIT(17)
#define RCC_CR_PLLON BIT(24)
#define RCC_CR_PLLRDY BIT(25)
#define RCC_CFGR REGISTER(0x40021004)
#define RCC_CFGR_SW_PLL (UINT32_C(2) << 0)
#define RCC_CFGR_SWS (UINT32_C(3) << 2)
#define RCC_CFGR_SWS_PLL (UINT32_C(2) << 2)
#define RCC_CFGR_PPRE1_DIV2 (UINT32_C(4) << 8)
#define RCC_CFGR_PLLSRC_HSE BIT(16)
#define RCC_CFGR_PLLMUL9 (UINT32_C(7) << 18)
#define RCC_APB2ENR REGISTER(0x40021018)
#define RCC_APB2ENR_IOPAEN BIT(2)
#define RCC_APB1ENR REGISTER(0x4002101C)
#define RCC_APB1ENR_USBEN BIT(23)

#define FLASH_ACR REGISTER(0x40022000)
#define FLASH_ACR_LATENCY_2 (UINT32_C(2) << 0)
#define FLASH_ACR_PRFTBE BIT(4)

#define GPIOA_CRH REGISTER(0x40010804)
#define GPIOA_BRR REGISTER(0x40010814)

#define STK_CTRL REGISTER(0xE000E010)
#define STK_CTRL_ENABLE BIT(0)
#define STK_CTRL_CLKSOURCE BIT(2)
#define STK_CTRL_COUNTFLAG BIT(16)
#define STK_LOAD REGISTER(0xE000E014)
#define STK_VAL REGISTER(0xE000E018)

/* The 96-bit unique device id (RM0008 section 30.2). */
#define UNIQUE_ID ((const volatile uint32_t*)0x1FFFF7E8)

/* USB full-speed device interface (RM0008 section 23.5). */
#define USB_EPR(n) REGISTER(0x40005C00 + 4 * (n))
#define USB_EPR_EA UINT32_C(0x000F)
#define USB_EPR_STAT_TX UINT32_C(0x0030)
#define USB_EPR_DTOG_TX BIT(6)
#define USB_EPR_CTR_TX BIT(7)
#define USB_EPR_EP_KIND BIT(8)
#define USB_EPR_EP_TYPE UINT32_C(0x0600)
#define USB_EPR_SETUP BIT(11)
#define USB_EPR_STAT_RX UINT32_C(0x3000)
#define USB_EPR_DTOG_RX BIT(14)
#define USB_EPR_CTR_RX BIT(15)
#define USB_CNTR REGISTER(0x40005C40)
#define USB_CNTR_FRES BIT(0)
#define USB_CNTR_PDWN BIT(1)
#define USB_ISTR REGISTER(0x40005C44)
#define USB_ISTR_RESET BIT(10)
#define USB_DADDR REGISTER(0x40005C4C)
#define USB_DADDR_EF BIT(7)
#define USB_BTABLE REGISTER(0x40005C50)

/* Packet memory: 512 bytes, half-words that lie 4 bytes apart for the core. `offset` is even, and counts as the USB
 * side does (RM0008 section 23.4.3). */
#define USB_PACKET_MEMORY(offset) (*(volatile uint16_t*)(0x40006000 + 2 * (offset)))

#endif
