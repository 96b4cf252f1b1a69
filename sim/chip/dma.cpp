// SPDX-License-Identifier: ISC
// Registers, arbitration, and the way of one item. Sections are RM0008's.
#include "sim/chip/dma.hpp"

#include <fmt/format.h>

namespace sim::chip {

namespace {
enum Offset : std::uint32_t { isr = 0x00, ifcr = 0x04, first_channel = 0x08, channel_bytes = 20 };
enum ChannelOffset : std::uint32_t { ccr = 0, cndtr = 4, cpar = 8, cmar = 12 };
constexpr std::uint32_t en = bit(0), tcie = bit(1), htie = bit(2), teie = bit(3), from_memory = bit(4), circ = bit(5),
                        pinc = bit(6), minc = bit(7), mem2mem = bit(14);
constexpr std::uint32_t gif = bit(0), tcif = bit(1), htif = bit(2), teif = bit(3);
constexpr std::int64_t cycles_an_item = 5;  // arbitration, address and two accesses (13.3.1, 13.3.4); waits not counted

std::uint32_t size_of(std::uint32_t control, unsigned low) {
    return 1U << field(control, low, 2);
}
}  // namespace

Dma::Dma(Services& services, const Rcc& rcc, DmaBus bus)
    : Peripheral(services, {.name = "DMA1",
                            .base = 0x4002'0000,
                            .widths = any_width,
                            .gate = Gate::ahb,
                            .gate_bit = 0,
                            .reset_bit = false}),
      state(services),
      rcc_(rcc),
      bus_(std::move(bus)),
      item_done_(services, [this] { move_item(); }),
      lines_{{{services, 11},
              {services, 12},
              {services, 13},
              {services, 14},
              {services, 15},
              {services, 16},
              {services, 17}}} {
    services.dma_changed = [this] { look(); };
}

std::uint32_t Dma::read(std::uint32_t offset) {
    services_.side_effect = true;  // counters move by themselves
    if (offset == isr) return state.isr;
    if (offset == ifcr) return 0;
    const std::size_t number = (offset - first_channel) / channel_bytes;
    if (number >= dma_channels) return reserved(offset);
    const DmaChannelState& channel = state.channel[number];
    switch ((offset - first_channel) % channel_bytes) {
        case ccr:
            return channel.ccr;
        case cndtr:
            return channel.cndtr;
        case cpar:
            return channel.cpar;
        case cmar:
            return channel.cmar;
        default:
            return reserved(offset);
    }
}

void Dma::write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) {
    services_.side_effect = true;
    if (offset == isr) return services_.warn("DMA_ISR is read-only (13.4.1)");
    if (offset == ifcr) {
        for (unsigned number = 0; number < dma_channels; ++number) {
            const std::uint32_t flags = field(value & mask, 4 * number, 4);
            state.isr &= ~(((flags & gif) != 0 ? 0xfU : flags) << (4 * number));
            // 13.4.2: the global flag is that of the others.
            if (field(state.isr, 4 * number, 4) == gif) state.isr &= ~(gif << (4 * number));
        }
        return update_lines();
    }
    const std::size_t number = (offset - first_channel) / channel_bytes;
    if (number >= dma_channels) return void(reserved(offset));
    write_channel(number, (offset - first_channel) % channel_bytes, value, mask);
}

void Dma::write_channel(std::size_t number, std::uint32_t offset, std::uint32_t value, std::uint32_t mask) {
    DmaChannelState& channel = state.channel[number];
    const bool enabled = (channel.ccr & en) != 0;
    const auto refused = [&](const char* name) {  // 13.4.3 to 13.4.6
        services_.warn(fmt::format("DMA_{}{}: written while the channel is enabled", name, number + 1));
    };
    switch (offset) {
        case ccr: {
            value = check_reserved("DMA_CCR", merge(channel.ccr, value, mask), 0x7fff);
            constexpr std::uint32_t settled = 0x7ff0;  // all but EN and the interrupt enables
            if (enabled && (value & en) != 0 && ((value ^ channel.ccr) & settled) != 0) {
                refused("CCR");
                value = merge(value, channel.ccr, settled);
            }
            if (field(value, 8, 2) == 3 || field(value, 10, 2) == 3)
                services_.complain(fmt::format("DMA_CCR{}: a size of 3 is reserved (13.4.3)", number + 1));
            if ((value & mem2mem) != 0 && (value & circ) != 0)
                services_.warn(fmt::format("DMA_CCR{}: MEM2MEM and CIRC exclude each other (13.3.3)", number + 1));
            channel.ccr = value;
            if (!enabled && (value & en) != 0) enable(channel);
            update_lines();
            return look();
        }
        case cndtr:
            if (enabled) return refused("CNDTR");
            channel.cndtr = merge(channel.cndtr, value, mask) & 0xffff;
            return;
        case cpar:
        case cmar: {
            if (enabled) return refused(offset == cpar ? "CPAR" : "CMAR");
            std::uint32_t& address = offset == cpar ? channel.cpar : channel.cmar;
            address = merge(address, value, mask);
            return;
        }
        default:
            reserved(offset);
    }
}

void Dma::enable(DmaChannelState& channel) {
    // 13.4.5, 13.4.6: the low bits of an address that the size does not need are ignored.
    channel.reload = channel.cndtr;
    channel.at_peripheral = channel.cpar & ~(size_of(channel.ccr, 8) - 1);
    channel.at_memory = channel.cmar & ~(size_of(channel.ccr, 10) - 1);
}

void Dma::reset() {
    state = {};
    item_done_.cancel();
    update_lines();
}

bool Dma::wants(std::size_t number) const {
    const DmaChannelState& channel = state.channel[number];
    if ((channel.ccr & en) == 0 || channel.cndtr == 0) return false;
    if ((channel.ccr & mem2mem) != 0) return true;
    for (const DmaRequest* const request : services_.dma_requests)
        if (request->channel() == number + 1 && request->level()) return true;
    return false;
}

std::size_t Dma::next() const {
    std::size_t best = dma_channels;
    for (std::size_t number = 0; number < dma_channels; ++number) {
        if (!wants(number)) continue;
        // 13.3.2: software's priority first, then the lower number.
        const bool better =
            best == dma_channels || field(state.channel[number].ccr, 12, 2) > field(state.channel[best].ccr, 12, 2);
        if (better) best = number;
    }
    return best;
}

void Dma::look() {
    if (!rcc_.enabled(place().gate, place().gate_bit) || next() == dma_channels) return item_done_.cancel();
    if (item_done_.at() == never) item_done_.set(services_.now() + time_of(cycles_an_item, rcc_.hclk_hz()));
}

void Dma::move_item() {
    const std::size_t number = next();
    if (number == dma_channels) return;
    DmaChannelState& channel = state.channel[number];
    if ((channel.ccr & mem2mem) == 0) {
        for (const DmaRequest* const request : services_.dma_requests)
            if (request->channel() == number + 1 && request->level()) request->acknowledge();
    }
    const unsigned peripheral_size = size_of(channel.ccr, 8), memory_size = size_of(channel.ccr, 10);
    const bool to_peripheral = (channel.ccr & from_memory) != 0;
    const std::uint32_t source = to_peripheral ? channel.at_memory : channel.at_peripheral;
    const std::uint32_t target = to_peripheral ? channel.at_peripheral : channel.at_memory;
    const unsigned source_size = to_peripheral ? memory_size : peripheral_size;
    const unsigned target_size = to_peripheral ? peripheral_size : memory_size;
    std::uint32_t value = 0;
    // Table 77: a narrower target takes the low bytes, a wider one gets zeroes above.
    if (!bus_.read(source, source_size, value) || !bus_.write(target, target_size, value)) return fail(number);
    if ((channel.ccr & pinc) != 0) channel.at_peripheral += peripheral_size;
    if ((channel.ccr & minc) != 0) channel.at_memory += memory_size;
    --channel.cndtr;
    std::uint32_t flags = 0;
    if (channel.cndtr == channel.reload - channel.reload / 2 && channel.reload > 1) flags |= gif | htif;
    if (channel.cndtr == 0) {
        flags |= gif | tcif;
        if ((channel.ccr & circ) != 0) {
            channel.cndtr = channel.reload;
            enable(channel);
        }
    }
    state.isr |= flags << (4 * number);
    update_lines();
    look();
}

// 13.3.5: a bus error stops the channel.
void Dma::fail(std::size_t number) {
    services_.log(fmt::format("DMA1 channel {}: bus error, the channel is off (RM0008 13.3.5)", number + 1));
    state.channel[number].ccr &= ~en;
    state.isr |= (gif | teif) << (4 * number);
    update_lines();
    look();
}

void Dma::update_lines() {
    for (unsigned number = 0; number < dma_channels; ++number) {
        const std::uint32_t enabled = state.channel[number].ccr & (tcie | htie | teie);
        lines_[number].set((field(state.isr, 4 * number, 4) & enabled) != 0);
    }
}

}  // namespace sim::chip
