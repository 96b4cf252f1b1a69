// SPDX-License-Identifier: ISC
// Conversions in time. Sections are RM0008's; electrical values are those of DS5319 5.3.17 to 5.3.19.
#include "sim/chip/adc.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace sim::chip {

namespace {
enum Offset : std::uint32_t {
    sr = 0x00,
    cr1 = 0x04,
    cr2 = 0x08,
    smpr1 = 0x0c,
    smpr2 = 0x10,
    jofr1 = 0x14,
    jofr4 = 0x20,
    htr = 0x24,
    ltr = 0x28,
    sqr1 = 0x2c,
    sqr3 = 0x34,
    jsqr = 0x38,
    jdr1 = 0x3c,
    jdr4 = 0x48,
    dr = 0x4c
};
constexpr std::uint32_t awd = bit(0), eoc = bit(1), jeoc = bit(2), jstrt = bit(3), strt = bit(4);
constexpr std::uint32_t eocie = bit(5), awdie = bit(6), jeocie = bit(7), scan = bit(8), awdsgl = bit(9),
                        jauto = bit(10), jawden = bit(22), awden = bit(23);
constexpr std::uint32_t discontinuous = bit(11) | bit(12), dualmod = 0x000f'0000;
constexpr std::uint32_t adon = bit(0), cont = bit(1), cal = bit(2), rstcal = bit(3), dma = bit(8), align_left = bit(11),
                        jexttrig = bit(15), exttrig = bit(20), jswstart = bit(21), swstart = bit(22), tsvrefe = bit(23);
constexpr std::uint32_t by_software = 7;  // EXTSEL, JEXTSEL

constexpr double supply = 3.3, reference = 1.20, sensor_at_25_degrees = 1.43;
constexpr unsigned temperature = 16, vrefint = 17;
constexpr double conversion_clocks = 12.5, calibration_clocks = 83;
constexpr Time stabilisation{1'000'000};  // tSTAB
constexpr std::uint32_t most_hz = 14'000'000, least_hz = 600'000;
constexpr std::int64_t most = 4095;
constexpr std::int64_t uncalibrated_error = 4;    // LSB; of the order of the datasheet's offset error
constexpr double internal_sample_time = 17.1e-6;  // 11.10: for the sensor
}  // namespace

Voltages::Voltages() : at{} {
    for (auto& port : at)
        port.fill(std::numeric_limits<float>::quiet_NaN());
}

Adc::Adc(Services& services, const Rcc& rcc, const Gpio& gpio, const Voltages& voltages, const Place& place,
         unsigned dma_channel)
    : Peripheral(services, place),
      state(services),
      rcc_(rcc),
      gpio_(gpio),
      voltages_(voltages),
      converted_(services, [this] { on_converted(); }),
      calibrated_(services,
                  [this] {
                      state.cr2 &= ~cal;
                      state.calibrated = true;
                      state.dr = 0;  // the calibration code; of no use to a program
                  }),
      line_(services, 18),
      request_(services, dma_channel) {}

std::uint32_t Adc::read(std::uint32_t offset) {
    services_.side_effect = services_.side_effect || offset == dr;
    switch (offset) {
        case sr:
            return state.sr;
        case cr1:
            return state.cr1;
        case cr2:
            return state.cr2;
        case smpr1:
        case smpr2:
            return state.smpr[(offset - smpr1) / 4];
        case htr:
            return state.htr;
        case ltr:
            return state.ltr;
        case jsqr:
            return state.jsqr;
        case dr:
            state.sr &= ~eoc;  // 11.12.1
            request_.set(false);
            update_line();
            return state.dr;
        default:
            break;
    }
    if (offset >= jofr1 && offset <= jofr4) return state.jofr[(offset - jofr1) / 4];
    if (offset >= sqr1 && offset <= sqr3) return state.sqr[(offset - sqr1) / 4];
    if (offset >= jdr1 && offset <= jdr4) return state.jdr[(offset - jdr1) / 4];
    return reserved(offset);
}

void Adc::write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) {
    services_.side_effect = true;
    const auto put = [&](std::uint32_t& to, std::uint32_t allowed) {
        to = check_reserved(place().name, merge(to, value, mask), allowed);
    };
    switch (offset) {
        case sr:
            state.sr &= merge(0x1f, value, mask);
            return update_line();
        case cr1:
            return write_cr1(merge(state.cr1, value, mask));
        case cr2:
            return write_cr2(merge(state.cr2, value, mask));
        case smpr1:
            return put(state.smpr[0], 0x00ff'ffff);
        case smpr2:
            return put(state.smpr[1], 0x3fff'ffff);
        case htr:
            return put(state.htr, 0xfff);
        case ltr:
            return put(state.ltr, 0xfff);
        case sqr1:
            return put(state.sqr[0], 0x00ff'ffff);
        case jsqr:
            return put(state.jsqr, 0x003f'ffff);
        case dr:
            return services_.warn(fmt::format("{}_DR is read-only (11.12.14)", place().name));
        default:
            break;
    }
    if (offset > sqr1 && offset <= sqr3) return put(state.sqr[(offset - sqr1) / 4], 0x3fff'ffff);
    if (offset >= jofr1 && offset <= jofr4) return put(state.jofr[(offset - jofr1) / 4], 0xfff);
    reserved(offset);
}

void Adc::write_cr1(std::uint32_t value) {
    state.cr1 = check_reserved("ADC_CR1", value, 0x00cf'ffff);
    if ((state.cr1 & dualmod) != 0)
        services_.complain(fmt::format("{}_CR1: dual mode (DUALMOD) is not modelled", place().name));
    if ((state.cr1 & discontinuous) != 0)
        services_.complain(fmt::format("{}_CR1: discontinuous mode (DISCEN, JDISCEN) is not modelled", place().name));
    update_line();
}

void Adc::write_cr2(std::uint32_t value) {
    const std::uint32_t old = state.cr2;
    value = check_reserved("ADC_CR2", value, 0x00fe'f90f);
    state.cr2 = value & ~(swstart | jswstart | rstcal) & ~(old & cal);
    state.cr2 |= old & cal;  // cleared by hardware alone (11.12.3)
    if ((value & adon) == 0) {
        state.on_since = never;
        state.running = Group::none;
        converted_.cancel();
        return;
    }
    const auto refuse_trigger = [&](std::uint32_t trigger, unsigned select) {
        if ((value & trigger) != 0 && field(value, select, 3) != by_software)
            services_.complain(fmt::format("{}_CR2: a trigger by a timer or EXTI is not modelled", place().name));
    };
    refuse_trigger(exttrig, 17);
    refuse_trigger(jexttrig, 12);
    if (state.on_since == never) {  // 11.3.1: the first time ADON is set wakes the converter up, and starts nothing
        state.on_since = services_.now();
        if ((value & (swstart | jswstart | cal)) != 0)
            services_.warn(fmt::format("{}_CR2: started in the write that switches it on (11.3.1)", place().name));
        return;
    }
    if ((value & rstcal) != 0) state.calibrated = false;
    if ((value & cal) != 0 && (old & cal) == 0) {
        if (services_.now() - state.on_since < clocks(2))
            services_.warn(fmt::format("{}_CR2: CAL less than two ADC clocks after ADON (11.4)", place().name));
        state.cr2 |= cal;
        calibrated_.set(services_.now() + clocks(calibration_clocks));
    }
    if ((value & swstart) != 0 && (value & exttrig) != 0) return start(Group::regular);
    if ((value & jswstart) != 0 && (value & jexttrig) != 0) return start(Group::injected);
    // 11.12.3: ADON written again starts a conversion, if nothing else changes with it.
    if (value == old && (value & adon) != 0) start(Group::regular);
}

std::uint32_t Adc::adc_hz() const {
    return rcc_.pclk2_hz() / (2 * (field(rcc_.state.cfgr, 14, 2) + 1));
}

Time Adc::clocks(double count) const {
    return Time{static_cast<std::int64_t>(std::ceil(count * 1e12 / adc_hz()))};
}

unsigned Adc::length(Group group) const {
    if ((state.cr1 & scan) == 0) return 1;
    return 1 + (group == Group::injected ? field(state.jsqr, 20, 2) : field(state.sqr[0], 20, 4));
}

unsigned Adc::channel(Group group, unsigned rank) const {
    if (group == Group::injected) return field(state.jsqr, 5 * (4 - length(group) + rank), 5);  // 11.12.12
    return field(state.sqr[2 - rank / 6], 5 * (rank % 6), 5);
}

double Adc::sample_clocks(unsigned channel) const {
    static constexpr std::array clocks{1.5, 7.5, 13.5, 28.5, 41.5, 55.5, 71.5, 239.5};
    return clocks[channel < 10 ? field(state.smpr[1], 3 * channel, 3) : field(state.smpr[0], 3 * (channel - 10), 3)];
}

void Adc::start(Group group) {
    if (services_.now() - state.on_since < stabilisation)
        services_.warn(fmt::format("{}: a conversion less than 1 us after ADON (tSTAB) is not exact", place().name));
    if (adc_hz() > most_hz || adc_hz() < least_hz)
        services_.warn(
            fmt::format("{}: its clock is {} Hz, and may be 0.6 to 14 MHz (DS5319 5.3.18)", place().name, adc_hz()));
    state.sr |= group == Group::regular ? strt : jstrt;
    state.running = group;
    state.rank = 0;
    convert();
}

void Adc::convert() {
    const unsigned number = channel(state.running, state.rank);
    if (number == temperature && sample_clocks(number) / adc_hz() < internal_sample_time)
        services_.warn(fmt::format("{}: the sensor needs 17.1 us of sampling (11.10)", place().name));
    converted_.set(services_.now() + clocks(sample_clocks(number) + conversion_clocks));
}

void Adc::on_converted() {
    const Group group = state.running;
    const unsigned number = channel(group, state.rank);
    finish(group, number, sample(number));
    if (++state.rank < length(group)) return convert();
    state.sr |= group == Group::injected ? eoc | jeoc : eoc;  // 11.12.1
    state.rank = 0;
    const bool then_injected = group == Group::regular && (state.cr1 & jauto) != 0;
    const bool again = (state.cr2 & cont) != 0 && (group == Group::regular || (state.cr1 & jauto) != 0);
    state.running = then_injected ? Group::injected : again ? Group::regular : Group::none;
    if (state.running != Group::none) convert();
    update_line();
}

void Adc::finish(Group group, unsigned number, std::uint32_t value) {
    const bool watched_kind = (state.cr1 & (group == Group::regular ? awden : jawden)) != 0;
    const bool watched = watched_kind && ((state.cr1 & awdsgl) == 0 || field(state.cr1, 0, 5) == number);
    if (watched && (value > state.htr || value < state.ltr)) state.sr |= awd;
    const bool left = (state.cr2 & align_left) != 0;
    if (group == Group::injected) {
        const auto offset = static_cast<std::int64_t>(value) - state.jofr[state.rank];
        state.jdr[state.rank] = static_cast<std::uint32_t>(left ? offset * 8 : offset) & 0xffff;  // 11.5: sign
    } else {
        state.dr = left ? value << 4 : value;
        if ((state.cr2 & dma) != 0 && request_.channel() != 0) request_.set(true);
    }
    update_line();
}

std::uint32_t Adc::sample(unsigned number) {
    const auto exact = std::llround(volts(number) / supply * most);
    return static_cast<std::uint32_t>(
        std::clamp<std::int64_t>(exact + (state.calibrated ? 0 : uncalibrated_error), 0, most));
}

double Adc::volts(unsigned number) {
    if (number == temperature || number == vrefint) {
        const bool has_them = request_.channel() != 0;  // ADC1 (11.10)
        if (has_them && (state.cr2 & tsvrefe) != 0) return number == vrefint ? reference : sensor_at_25_degrees;
        services_.warn(
            fmt::format("{}: channel {} is not connected without TSVREFE, nor on ADC2 (11.10)", place().name, number));
        return 0;
    }
    if (number > vrefint) {
        services_.warn(fmt::format("{}: there is no channel {}", place().name, number));
        return 0;
    }
    const Pin pin = number < 8    ? Pin{'A', static_cast<std::uint8_t>(number)}
                    : number < 10 ? Pin{'B', static_cast<std::uint8_t>(number - 8)}
                                  : Pin{'C', static_cast<std::uint8_t>(number - 10)};
    if (!gpio_.analog(pin))
        services_.warn(fmt::format("{}: P{}{} is converted but is not an analog input (9.1.11)", place().name, pin.port,
                                   pin.number));
    const float put = voltages_.at[static_cast<std::size_t>(pin.port - 'A')][pin.number];
    if (!std::isnan(put)) return static_cast<double>(put);
    return gpio_.level(pin) == Level::high ? supply : 0;
}

void Adc::reset() {
    state = {};
    converted_.cancel();
    calibrated_.cancel();
    request_.set(false);
    update_line();
}

void Adc::update_line() {
    line_.set(((state.sr & eoc) != 0 && (state.cr1 & eocie) != 0) ||
              ((state.sr & jeoc) != 0 && (state.cr1 & jeocie) != 0) ||
              ((state.sr & awd) != 0 && (state.cr1 & awdie) != 0));
}

}  // namespace sim::chip
