// SPDX-License-Identifier: Apache-2.0
// How the played cluster answers who wants a new CA.
#ifndef MICROOVN_CTL_TESTING_FAKE_ROTATION_H_
#define MICROOVN_CTL_TESTING_FAKE_ROTATION_H_

#include "ctl/testing/fake_agent.h"
#include "google/longrunning/operations.pb.h"

namespace microovn::ctl {

// The rotation that goes on.
inline constexpr char kFakeRotation[] = "operations/rotate-ovn-ca-1";

// That has ended, with a member that was set aside or not.
google::longrunning::Operation RotatedCa(bool set_aside);

// A certificate with the word SAME is the one in use, one with UNFIT cannot
// serve.
void PlayRotation(FakeAgent* agent);

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_TESTING_FAKE_ROTATION_H_
