// SPDX-License-Identifier: Apache-2.0
// Sentences with named arguments.
//
// What is replicated says what happened by a name and arguments; the sentence
// for it is put together where it is shown, so that it may be worded anew at
// any time. Pure.
#ifndef MICROOVN_AGENT_ERRORS_SENTENCE_H_
#define MICROOVN_AGENT_ERRORS_SENTENCE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace microovn::agent {

// Name and value, in the order in which they are kept. A name that stands
// several times makes a list.
using Arguments = std::vector<std::pair<std::string, std::string>>;

bool HasArgument(const Arguments& arguments, absl::string_view name);
// All values of the name, joined by commas.
std::string ArgumentOf(const Arguments& arguments, absl::string_view name);

// Each "{name}" of `sentence` replaced by ArgumentOf(name); values are never
// looked at for braces.
std::string Fill(absl::string_view sentence, const Arguments& arguments);

// For a name that has no sentence here, because a later version wrote it.
std::string Plain(absl::string_view name, const Arguments& arguments);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_ERRORS_SENTENCE_H_
