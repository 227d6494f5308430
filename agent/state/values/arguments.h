// SPDX-License-Identifier: Apache-2.0
// Named values of events, refusals and steps; see Argument in state.proto.
#ifndef MICROOVN_AGENT_STATE_VALUES_ARGUMENTS_H_
#define MICROOVN_AGENT_STATE_VALUES_ARGUMENTS_H_

#include "agent/errors/sentence.h"
#include "google/protobuf/repeated_field.h"
#include "microovn/internal/state/v1/state.pb.h"

namespace microovn::agent {

using ArgumentList =
    google::protobuf::RepeatedPtrField<internal::state::v1::Argument>;

inline ArgumentList ToList(const Arguments& arguments) {
  ArgumentList list;
  for (const auto& [name, value] : arguments) {
    internal::state::v1::Argument* argument = list.Add();
    argument->set_name(name);
    argument->set_value(value);
  }
  return list;
}

inline Arguments FromList(const ArgumentList& list) {
  Arguments arguments;
  for (const internal::state::v1::Argument& argument : list) {
    arguments.emplace_back(argument.name(), argument.value());
  }
  return arguments;
}

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_STATE_VALUES_ARGUMENTS_H_
