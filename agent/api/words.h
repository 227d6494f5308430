// SPDX-License-Identifier: Apache-2.0
// The sentences for what the replicated state holds as a name and arguments:
// events, steps of operations and the errors that operations end with. They
// may be worded anew at any time, since nothing of them is replicated.
//
// A template is a sentence with the names of arguments in braces: each is
// replaced by the values that have the name, joined by commas. {operation} is
// the phrase of the operation whose kind the argument "kind" has.
//
// Pure.
#ifndef MICROOVN_AGENT_API_WORDS_H_
#define MICROOVN_AGENT_API_WORDS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "agent/errors/sentence.h"

namespace microovn::agent {

// What an unknown type gets is its name and its arguments: a member of a later
// version may have written it.
std::string EventSentence(absl::string_view type, const Arguments& arguments);
// The types that this version words, by name.
std::vector<std::string> EventTypes();
bool IsEventType(absl::string_view type);
std::string StepSentence(absl::string_view id, const Arguments& arguments);
// "the removal of node3", by the kind's name as in the API.
std::string OperationPhrase(absl::string_view kind, const Arguments& arguments);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_API_WORDS_H_
