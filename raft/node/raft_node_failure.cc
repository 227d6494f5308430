// SPDX-License-Identifier: Apache-2.0
// What a node does when it cannot go on.
#include <cstdlib>
#include <memory>
#include <thread>
#include <utility>

#include "base/status/status_macros.h"
#include "glog/logging.h"
#include "raft/node/flight/flight_file.h"
#include "raft/node/raft_node.h"
#include "raft/transport/answer.h"

namespace microovn::raft {
namespace {

// A disk that has failed may never answer; the process ends all the same.
constexpr absl::Duration kEvidenceTimeout = absl::Seconds(2);

void EndProcess(const absl::Status& status) {
  LOG(ERROR) << "raft: this member cannot go on and ends, so that a restart "
                "recovers what is safely stored: "
             << status;
  google::FlushLogFiles(google::INFO);
  // Without destructors: they would wait for threads that hang on the disk.
  // Nothing is lost by it that was promised.
  std::_Exit(EXIT_FAILURE);
}

}  // namespace

absl::StatusOr<std::string> RaftNode::DumpFlight() const {
  return KeepFlight(options_.directory, loop_->flight().Dump(), clock_.Now());
}

void RaftNode::Fail(const absl::Status& status) {
  // First: nothing more is taken on while the evidence is written.
  inbox_.Close();
  KeepEvidence();
  if (options_.failed) {
    options_.failed(status);
  } else {
    EndProcess(status);
  }
}

void RaftNode::KeepEvidence() {
  // Of tests, on a storage of their own.
  if (options_.directory.empty()) return;
  const auto kept = std::make_shared<Answer<absl::StatusOr<std::string>>>();
  // Apart, with copies of all it needs: it may never come back.
  std::thread([kept, directory = options_.directory,
               flight = loop_->flight().Dump(), now = clock_.Now()] {
    kept->Set(KeepFlight(directory, flight, now));
  }).detach();
  const auto path = kept->Wait(kEvidenceTimeout);
  if (!path.has_value()) {
    LOG(WARNING) << "raft: the flight could not be written in time";
  } else if (path->ok()) {
    LOG(ERROR) << "raft: what led to the failure is in " << **path;
  } else {
    LOG(WARNING) << "raft: the flight could not be written: " << path->status();
  }
}

}  // namespace microovn::raft
