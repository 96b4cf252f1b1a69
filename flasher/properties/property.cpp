// SPDX-License-Identifier: ISC
// The list, and how one of it is examined.
#include "flasher/properties/property.hpp"

#include <fmt/format.h>

#include "flasher/descriptors.hpp"
#include "flasher/properties/examination.hpp"
#include "flasher/properties/lists.hpp"

namespace flasher::properties {

std::span<const Property> all() {
    static const std::vector<Property> list = [] {
        std::vector<Property> joined;
        for (const auto part : {states(), chapter9(), descriptors(), images(), blocks(), sessions()})
            joined.insert(joined.end(), part.begin(), part.end());
        return joined;
    }();
    return list;
}

Needs missing(const Property& property, const Subject& subject) {
    Needs all = Needs::nothing;
    const auto look = [&](Needs one, bool there) {
        if (has(property.needs, one) && !there) all = all | one;
    };
    look(Needs::reentry, static_cast<bool>(subject.enter_dfu));
    look(Needs::clock, static_cast<bool>(subject.now));
    look(Needs::watch, static_cast<bool>(subject.touches));
    look(Needs::unfiltered, subject.unfiltered);
    return all;
}

bool can_run(const Property& property, const Subject& subject) {
    return missing(property, subject) == Needs::nothing;
}

Result run(const Property& property, const Subject& subject) {
    try {
        Examination examination(subject);
        examination.make_idle();
        property.examine(examination);
        examination.where("afterwards: ");
        examination.make_idle();
        return {.holds = true, .shown = true, .sentence = {}};
    } catch (const Broken& broken) {
        return {.holds = false, .shown = true, .sentence = fmt::format("{} ({}).", broken.what(), property.section)};
    } catch (const DescriptorError& error) {
        return {.holds = false, .shown = true, .sentence = fmt::format("{} ({}).", error.what(), property.section)};
    } catch (const NotShown& reason) {
        return {.holds = false, .shown = false, .sentence = reason.what()};
    }
}

}  // namespace flasher::properties
