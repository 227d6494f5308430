// Named values of events, refusals and steps; see Argument in state.proto.
#ifndef MICROOVN_AGENT_STATE_ARGUMENTS_H_
#define MICROOVN_AGENT_STATE_ARGUMENTS_H_

#include <string>
#include <utility>
#include <vector>

#include "google/protobuf/repeated_field.h"
#include "microovn/internal/state/v1/state.pb.h"

namespace microovn::agent {

// Name and value, in the order in which they are kept.
using Arguments = std::vector<std::pair<std::string, std::string>>;
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

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_STATE_ARGUMENTS_H_
