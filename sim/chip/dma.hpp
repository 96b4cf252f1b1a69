// SPDX-License-Identifier: ISC
// DMA1 (RM0008 13): seven channels between memory and peripherals, or memory and memory. A channel moves one item at a
// time, the one of highest priority first; an item takes some cycles of the bus.
#pragma once

#include <array>
#include <functional>

#include "sim/chip/peripheral.hpp"
#include "sim/chip/rcc.hpp"

namespace sim::chip {

inline constexpr std::size_t dma_channels = 7;

struct DmaChannelState {
    std::uint32_t ccr = 0, cndtr = 0, cpar = 0, cmar = 0;
    std::uint32_t reload = 0;                        ///< CNDTR as it was when the channel was enabled: circular mode.
    std::uint32_t at_peripheral = 0, at_memory = 0;  ///< The addresses that come next.
};

struct DmaState {
    std::array<DmaChannelState, dma_channels> channel{};
    std::uint32_t isr = 0;
};

/// How the controller reaches what it copies: sizes are 1, 2 or 4 bytes. False: the bus answered with an error.
struct DmaBus {
    std::function<bool(std::uint32_t address, unsigned size, std::uint32_t& value)> read;
    std::function<bool(std::uint32_t address, unsigned size, std::uint32_t value)> write;
};

class Dma : public Peripheral {
  public:
    Dma(Services& services, const Rcc& rcc, DmaBus bus);
    State<DmaState> state;
    std::uint32_t read(std::uint32_t offset) override;
    void write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) override;
    void reset() override;
    void rearm() override { look(); }

  private:
    void write_channel(std::size_t number, std::uint32_t offset, std::uint32_t value, std::uint32_t mask);
    void enable(DmaChannelState& channel);
    bool wants(std::size_t number) const;
    /// The channel that is served next, or dma_channels.
    std::size_t next() const;
    void look();
    void move_item();
    void fail(std::size_t number);
    void update_lines();
    const Rcc& rcc_;
    const DmaBus bus_;
    Alarm item_done_;
    std::array<InterruptLine, dma_channels> lines_;
};

}  // namespace sim::chip
