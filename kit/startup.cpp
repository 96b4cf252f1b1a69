// SPDX-License-Identifier: ISC
// Startup for applications in C++: the vector table and what happens between reset and main.
//
// 1. The core loads the stack pointer and enters reset(). No variable has its value yet.
// 2. .data is copied from flash, .bss cleared, constructors run.
// 3. main() runs, on the internal 8 MHz oscillator: the bootloader leaves the chip as after reset.
#include <cstddef>
#include <cstdint>

extern "C" {

// Symbols of application.ld; only their addresses mean something.
extern std::uint32_t data_begin[], data_end[], bss_begin[], bss_end[], stack_top[];
extern const std::uint32_t data_load[];
using Constructor = void (*)();
extern const Constructor init_array_begin[], init_array_end[];

int main();

[[noreturn]] void reset();
[[noreturn]] void unexpected_exception();

// An application defines those that it uses; its own definition replaces the weak one.
[[gnu::weak]] void nmi_exception() {
    unexpected_exception();
}
[[gnu::weak]] void hard_fault_exception() {
    unexpected_exception();
}
[[gnu::weak]] void mem_manage_exception() {
    unexpected_exception();
}
[[gnu::weak]] void bus_fault_exception() {
    unexpected_exception();
}
[[gnu::weak]] void usage_fault_exception() {
    unexpected_exception();
}
[[gnu::weak]] void svcall_exception() {
    unexpected_exception();
}
[[gnu::weak]] void debug_monitor_exception() {
    unexpected_exception();
}
[[gnu::weak]] void pendsv_exception() {
    unexpected_exception();
}
[[gnu::weak]] void systick_exception() {
    unexpected_exception();
}
[[gnu::weak]] void unexpected_interrupt() {
    unexpected_exception();
}

// gcc may turn loops into calls of these two, even here, where no library is linked.
[[gnu::optimize("no-tree-loop-distribute-patterns")]]
void* memcpy(void* destination, const void* source, std::size_t length) {
    auto* to = static_cast<unsigned char*>(destination);
    const auto* from = static_cast<const unsigned char*>(source);
    for (std::size_t i = 0; i != length; ++i)
        to[i] = from[i];
    return destination;
}

[[gnu::optimize("no-tree-loop-distribute-patterns")]]
void* memset(void* destination, int value, std::size_t length) {
    auto* to = static_cast<unsigned char*>(destination);
    for (std::size_t i = 0; i != length; ++i)
        to[i] = static_cast<unsigned char>(value);
    return destination;
}

void reset() {
    const std::uint32_t* from = data_load;
    for (std::uint32_t* to = data_begin; to != data_end; ++to, ++from)
        *to = *from;
    for (std::uint32_t* to = bss_begin; to != bss_end; ++to)
        *to = 0;
    for (const Constructor* c = init_array_begin; c != init_array_end; ++c)
        (*c)();
    main();
    unexpected_exception();
}

void unexpected_exception() {
    while (true)
        asm volatile("wfi");
}

}  // extern "C"

namespace {

using Handler = void (*)();

struct VectorTable {
    std::uint32_t* initial_stack_pointer;
    Handler exceptions[15];
    Handler interrupts[60];
};

consteval VectorTable vector_table() {
    VectorTable table{
        .initial_stack_pointer = stack_top,
        .exceptions = {reset, nmi_exception, hard_fault_exception, mem_manage_exception, bus_fault_exception,
                       usage_fault_exception, nullptr, nullptr, nullptr, nullptr, svcall_exception,
                       debug_monitor_exception, nullptr, pendsv_exception, systick_exception},
        .interrupts = {},
    };
    for (Handler& interrupt : table.interrupts)
        interrupt = unexpected_interrupt;
    return table;
}

// RM0008 section 10.1.2: the exceptions of the core, then 60 interrupts of the chip. Reserved entries are 0.
[[gnu::section(".vectors"), gnu::used]] constinit const VectorTable vectors = vector_table();

}  // namespace
