// SPDX-License-Identifier: Apache-2.0
#include "raft/node/flight/flight_recorder.h"

#include <optional>
#include <variant>
#include <vector>

#include "raft/core/values/entry.h"
#include "raft/core/values/message.h"

namespace microovn::raft {
namespace {

constexpr size_t kSegments = 2;

size_t SizeOf(const Input& input) {
  size_t size = 0;
  if (const auto* propose = std::get_if<Propose>(&input)) {
    for (const Proposal& each : propose->proposals) size += each.payload.size();
  } else if (const auto* ready = std::get_if<SnapshotReady>(&input)) {
    size = ready->bytes.size();
  } else if (const auto* received = std::get_if<Received>(&input)) {
    const MessageBody& body = received->message.body;
    if (const auto* append = std::get_if<Append>(&body)) {
      for (const Entry& entry : append->entries) size += SizeOf(entry);
    } else if (const auto* chunk = std::get_if<SnapshotChunk>(&body)) {
      size = chunk->bytes.size();
    }
  }
  return size;
}

}  // namespace

FlightRecorder::FlightRecorder(const FlightOptions& options,
                               const RaftCore& core)
    : options_(options) {
  MutexLock lock(&mu_);
  flight_.segments.push_back({core, {}, 0});
}

void FlightRecorder::Record(const RaftCore& core, Time now,
                            const Input& input) {
  MutexLock lock(&mu_);
  std::vector<FlightSegment>& segments = flight_.segments;
  // Two halves: when the newer is full the older goes, so at least half of the
  // bounds is always there, and it begins with a core that is known.
  const bool full =
      segments.back().inputs.size() >= options_.max_inputs / kSegments ||
      segments.back().bytes >= options_.max_bytes / kSegments;
  if (full) {
    if (segments.size() == kSegments) segments.erase(segments.begin());
    segments.push_back({core, {}, 0});
  }
  segments.back().bytes += SizeOf(input);
  segments.back().inputs.push_back({now, input});
}

void FlightRecorder::RecordFault(const Fault& fault) {
  MutexLock lock(&mu_);
  flight_.fault = fault;
}

std::string FlightRecorder::Dump() const {
  // A copy under the lock, the encoding without it: the recorder is on the way
  // of every input.
  std::optional<Flight> flight;
  {
    MutexLock lock(&mu_);
    flight = flight_;
  }
  return EncodeFlight(*flight);
}

}  // namespace microovn::raft
