// SPDX-License-Identifier: Apache-2.0
// Bytes of messages that every member must agree on: what is stored, hashed or
// compared is serialized here and nowhere else.
//
// What could differ between members is out by construction: no message of the
// state has a map or a floating-point field (state_schema_test), and a command
// with fields that this version does not know is refused. Pure.
#ifndef MICROOVN_AGENT_STATE_VALUES_CANONICAL_H_
#define MICROOVN_AGENT_STATE_VALUES_CANONICAL_H_

#include <string>

#include "google/protobuf/message.h"
#include "google/protobuf/message_lite.h"

namespace microovn::agent {

std::string CanonicalBytes(const google::protobuf::MessageLite& message);
void AppendCanonicalBytes(const google::protobuf::MessageLite& message,
                          std::string* bytes);

// At any depth.
bool HasUnknownFields(const google::protobuf::Message& message);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_STATE_VALUES_CANONICAL_H_
