// SPDX-License-Identifier: Apache-2.0
// What a node answers on its own: its life, certificates and options; and what
// the fakes share.
#ifndef MICROOVN_CTL_TESTING_FAKE_NODE_H_
#define MICROOVN_CTL_TESTING_FAKE_NODE_H_

#include <string>

#include "absl/time/time.h"
#include "ctl/testing/fake_agent.h"

namespace microovn::ctl {

// When it all happens; the tests' clock stands still here.
absl::Time FakeNow();

void SetTime(absl::Time time, google::protobuf::Timestamp* timestamp);

// A token that passes the local checks.
std::string FakeToken();

// `blank` is before bootstrap.
void PlayNode(bool blank, FakeAgent* agent);

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_TESTING_FAKE_NODE_H_
