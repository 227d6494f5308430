// SPDX-License-Identifier: Apache-2.0
// The tail ring's file on a SimVolume. Thread-compatible.
#ifndef MICROOVN_RAFT_STORAGE_TESTING_SIM_TAIL_RING_H_
#define MICROOVN_RAFT_STORAGE_TESTING_SIM_TAIL_RING_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "raft/storage/tail/tail_ring.h"
#include "raft/storage/testing/sim_volume.h"

namespace microovn::raft {

class SimTailRingFile final : public TailRingFile {
 public:
  // `volume` must outlive this.
  SimTailRingFile(SimVolume* volume, std::string path)
      : volume_(volume), path_(std::move(path)) {}

  absl::StatusOr<std::string> Read() override;
  absl::Status Write(uint64_t offset, absl::string_view bytes) override;
  absl::Status Clear() override;

 private:
  absl::Status ToStatus(DiskResult result) const;

  SimVolume* const volume_;
  const std::string path_;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_STORAGE_TESTING_SIM_TAIL_RING_H_
