// SPDX-License-Identifier: Apache-2.0
// People with certificates, as a FakeAgent plays them.
#ifndef MICROOVN_CTL_TESTING_FAKE_USERS_H_
#define MICROOVN_CTL_TESTING_FAKE_USERS_H_

#include "ctl/testing/fake_agent.h"

namespace microovn::ctl {

// One of each state. Anybody but ada can be added, and ada be revoked.
void PlayUsers(FakeAgent* agent);

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_TESTING_FAKE_USERS_H_
