// SPDX-License-Identifier: ISC
// As a sketch on an Arduino core for STM32: virtual classes, constructors before main, a few kilobytes of library, the
// HAL's startup (st_hal.S) underneath.
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

extern "C" {
#include "work.h"
extern void (*__init_array_start[])(void);
extern void (*__init_array_end[])(void);
void SystemInit(void);
int main(void);
void setup(void);
void loop(void);
}

class Print {
  public:
    virtual size_t write(uint8_t byte) = 0;
    virtual void flush() {}
    size_t print(const char* text) {
        size_t count = 0;
        while (*text)
            count += write(static_cast<uint8_t>(*text++));
        return count;
    }
    size_t println(unsigned value) {
        char text[12];
        work_format(text, value);
        return print(text) + print("\r\n");
    }
};

class HardwareSerial : public Print {
  public:
    explicit HardwareSerial(uint32_t base) : base_(base) { memset(buffer_, 0, sizeof buffer_); }
    size_t write(uint8_t byte) override {
        while ((*reinterpret_cast<volatile uint32_t*>(base_) & 0x80) == 0) {
        }
        *reinterpret_cast<volatile uint32_t*>(base_ + 4) = byte;
        return 1;
    }
    void flush() override { memset(buffer_, 0xFF, sizeof buffer_); }
    void interrupt() { buffer_[work_ticks % sizeof buffer_] = *reinterpret_cast<volatile uint8_t*>(base_ + 4); }

  private:
    uint32_t base_;
    uint8_t buffer_[64];
};

HardwareSerial Serial(0x40013800), Serial2(0x40004400);

extern "C" {
__attribute__((weak)) void NMI_Handler() {
    for (;;) {
    }
}
__attribute__((weak)) void HardFault_Handler() {
    for (;;) {
    }
}
void MemManage_Handler() __attribute__((weak, alias("HardFault_Handler")));
void BusFault_Handler() __attribute__((weak, alias("HardFault_Handler")));
void UsageFault_Handler() __attribute__((weak, alias("HardFault_Handler")));
void SVC_Handler() __attribute__((weak, alias("NMI_Handler")));
void DebugMon_Handler() __attribute__((weak, alias("NMI_Handler")));
void PendSV_Handler() __attribute__((weak, alias("NMI_Handler")));
static void (*tick_callback)(void);
void SysTick_Handler() {
    work_ticks = work_ticks + 1;
    if (tick_callback) tick_callback();
}
void USART1_IRQHandler() {
    Serial.interrupt();
}
void USB_LP_IRQHandler() {
    Serial2.interrupt();
}
void SystemInit() {
    *(volatile uint32_t*)0x40021000 |= 1;
}
void setup() {
    work_setup();
    Serial.print("hello\r\n");
}
void loop() {
    work_loop();
    Serial.println(static_cast<unsigned>(work_ticks));
    if (strtol("42", nullptr, 10) == static_cast<long>(work_ticks)) Serial2.flush();
}
int main() {
    for (auto one = __init_array_start; one < __init_array_end; ++one)
        (*one)();
    setup();
    for (;;)
        loop();
}
void __cxa_pure_virtual() {
    for (;;) {
    }
}
}
